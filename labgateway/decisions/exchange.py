"""One request and its response as an immutable fact; log line, samples, spans are its views."""

from __future__ import annotations

from dataclasses import dataclass

from labgateway.decisions.chat import UNKNOWN_USAGE, Usage

BODY_CHARACTERS = 16_384


@dataclass(frozen=True)
class Bodies:
    """What was said, kept only while the learner has switched it on; None is what never came.

    ``request`` came from the client, ``sent`` went to the provider, ``response`` came from it (of
    a stream: the events as they came). Each is cut at ``BODY_CHARACTERS``.
    """

    request: str | None = None
    sent: str | None = None
    response: str | None = None


@dataclass(frozen=True)
class Exchange:
    """What is remembered of a request.

    ``started`` is Unix time in seconds; the marks are nanoseconds after it, None when that moment
    never came: a rule was selected, the body was sent, headers came, the first token came, the
    provider's last byte came, the client could have its last byte. ``original_model`` was asked,
    ``request_model`` sent, ``response_model`` answered. ``fields`` and ``roles`` name parts of the
    request body, ``parameters`` are numbers of it, never content. ``credential`` says whose key
    went to the provider: "secret", "client" or "none". ``bind`` is the port and its Gateway.
    ``sent_path`` is the path that the provider got, known once it answers. ``drop_usage``: the
    gateway asked a stream for usage that the client did not ask for, and keeps that chunk.
    """

    started: float
    trace_id: str
    span_id: str
    method: str
    host: str
    path: str
    http_version: str
    source: str
    status: int
    reason: str = "Upstream"
    error: str | None = None
    parent_id: str | None = None
    client_span_id: str | None = None
    sampled: bool = True
    scheme: str = "http"
    bind: str | None = None
    gateway: str | None = None
    listener: str | None = None
    route: str | None = None
    route_rule: str | None = None
    path_match: str | None = None
    backend: str | None = None
    endpoint: str | None = None
    sent_path: str | None = None
    provider: str | None = None
    original_model: str | None = None
    request_model: str | None = None
    response_model: str | None = None
    response_id: str | None = None
    finish_reasons: tuple[str, ...] = ()
    usage: Usage = UNKNOWN_USAGE
    stream: bool = False
    drop_usage: bool = False
    credential: str | None = None
    client_authorization: bool = False
    fields: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    parameters: tuple[tuple[str, float], ...] = ()
    request_bytes: int = 0
    response_bytes: int = 0
    selected_ns: int | None = None
    sent_ns: int | None = None
    headers_ns: int | None = None
    first_token_ns: int | None = None
    received_ns: int | None = None
    ended_ns: int = 0
    bodies: Bodies | None = None

    @property
    def body_characters(self) -> int:
        """How much of bodies is kept."""
        bodies = self.bodies
        if bodies is None:
            return 0
        return sum(len(one) for one in (bodies.request, bodies.sent, bodies.response) if one)

    @property
    def duration_s(self) -> float:
        """Seconds from the request's first byte to the last byte of the response."""
        return self.ended_ns / 1e9

    @property
    def time_to_first_token_s(self) -> float | None:
        """Seconds to the first generated token; streams only."""
        return None if self.first_token_ns is None else self.first_token_ns / 1e9

    @property
    def provider_s(self) -> float | None:
        """Seconds that the provider had the request; None when it was never sent."""
        if self.sent_ns is None:
            return None
        until = self.ended_ns if self.received_ns is None else self.received_ns
        return (until - self.sent_ns) / 1e9

    @property
    def time_per_output_token_s(self) -> float | None:
        """Seconds for each output token after the first one came; streams only."""
        tokens = self.usage.output_tokens
        if self.first_token_ns is None or not tokens:
            return None
        return (self.ended_ns - self.first_token_ns) / 1e9 / tokens
