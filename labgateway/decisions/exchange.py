"""One request and its response as an immutable fact, and its access-log line.

Field names and their order: agentgateway v1.4.1, telemetry/log.rs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from labgateway.decisions.chat import UNKNOWN_USAGE, Usage


@dataclass(frozen=True)
class Exchange:
    """What is remembered of a request.

    ``started`` is Unix time in seconds; the marks are nanoseconds after it, None when that moment
    never came. ``original_model`` was asked, ``request_model`` sent, ``response_model`` answered.
    ``fields`` and ``roles`` name parts of the request body, never content. ``credential`` says
    whose key went to the provider: "secret", "client" or "none".
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
    gateway: str | None = None
    listener: str | None = None
    route: str | None = None
    route_rule: str | None = None
    path_match: str | None = None
    backend: str | None = None
    endpoint: str | None = None
    provider: str | None = None
    original_model: str | None = None
    request_model: str | None = None
    response_model: str | None = None
    response_id: str | None = None
    usage: Usage = UNKNOWN_USAGE
    stream: bool = False
    credential: str | None = None
    client_authorization: bool = False
    fields: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    request_bytes: int = 0
    response_bytes: int = 0
    selected_ns: int | None = None
    sent_ns: int | None = None
    headers_ns: int | None = None
    first_token_ns: int | None = None
    ended_ns: int = 0

    @property
    def duration_s(self) -> float:
        """Seconds from the request's first byte to the last byte of the response."""
        return self.ended_ns / 1e9

    @property
    def time_to_first_token_s(self) -> float | None:
        """Seconds to the first generated token; streams only."""
        return None if self.first_token_ns is None else self.first_token_ns / 1e9


_EXCHANGE = TypeAdapter(Exchange)


def to_json(exchange: Exchange) -> str:
    """One line of the journal."""
    # Not asdict(): it copies deeply, which took a fifth of the gateway's time.
    facts = {**vars(exchange), "usage": vars(exchange.usage)}
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))


def from_json(line: str) -> Exchange:
    """The exchange of a journal line. Errors: ``ValueError`` when it is not one."""
    try:
        return _EXCHANGE.validate_python(json.loads(line))
    except RecursionError as error:
        raise ValueError("not an exchange: nested too deeply") from error


def log_record(exchange: Exchange) -> dict[str, Any]:
    """The access-log line as a mapping, in agentgateway's order, absent values left out."""
    usage = exchange.usage
    llm = exchange.request_model is not None
    ttft = exchange.time_to_first_token_s
    started = datetime.fromtimestamp(exchange.started, UTC)
    record = {
        "level": "info",
        "time": started.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "scope": "request",
        "gateway": exchange.gateway,
        "listener": exchange.listener,
        "route_rule": exchange.route_rule,
        "route": exchange.route,
        "endpoint": exchange.endpoint,
        "src.addr": exchange.source,
        "http.method": exchange.method,
        "http.host": exchange.host,
        "http.path": exchange.path,
        "http.version": exchange.http_version,
        "http.status": exchange.status,
        "trace.id": exchange.trace_id,
        "span.id": exchange.span_id,
        "protocol": "llm" if llm else "http",
        "gen_ai.operation.name": "chat" if llm else None,
        "gen_ai.provider.name": exchange.provider if llm else None,
        "gen_ai.request.model": exchange.request_model,
        "gen_ai.response.model": exchange.response_model,
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
        "gen_ai.usage.reasoning_tokens": usage.reasoning_tokens,
        "agw.ai.time_to_first_token": None if ttft is None else f"{ttft * 1000:.0f}ms",
        "error": exchange.error,
        "reason": None if exchange.reason == "Upstream" else exchange.reason,
        "duration": f"{exchange.duration_s * 1000:.0f}ms",
        "labgateway.original_model": exchange.original_model if llm else None,
    }
    return {name: value for name, value in record.items() if value is not None}
