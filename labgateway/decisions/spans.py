"""Spans of an exchange, as OpenTelemetry has them: pure facts, before any SDK.

Names: agentgateway v1.4.1 for the server span; GenAI semantic conventions v1.41.1 for the call.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.span_attributes import (
    call_attributes,
    call_failed,
    chat_attributes,
    semconv_method,
    server_attributes,
    server_failed,
)
from labgateway.words.semconv import HTTP_METHODS, Attribute

Kind = Literal["SERVER", "CLIENT", "INTERNAL", "PRODUCER", "CONSUMER"]
Status = Literal["UNSET", "OK", "ERROR"]

SERVICE = "agentgateway"  # the name of the Gateway, as its own spans carry it
MOST_SPANS = 4  # of one request
FIRST_TOKEN = "first_token"  # noqa: S105 - the name of an event


@dataclass(frozen=True)
class SpanEvent:
    """Something that happened within a span; ``time_ns`` is Unix time in nanoseconds."""

    name: str
    time_ns: int
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


@dataclass(frozen=True)
class Span:
    """One operation. Times are Unix nanoseconds; ids are 32 and 16 hex digits."""

    trace_id: str
    span_id: str
    parent_id: str | None
    name: str
    kind: Kind
    start_ns: int
    end_ns: int
    status: Status = "UNSET"
    description: str = ""
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    events: tuple[SpanEvent, ...] = ()
    service: str = ""

    @property
    def duration_s(self) -> float:
        """Seconds from start to end."""
        return (self.end_ns - self.start_ns) / 1e9


def spans_of(exchange: Exchange) -> tuple[Span, ...]:
    """The spans of a request, the root first: ``route``, ``chat MODEL``, ``response`` under it.

    A request that went on as it was has ``METHOD HOST:PORT`` in place of ``chat MODEL``. A stage
    that never came has no span. They are there whether or not the trace is sampled.
    """
    stages = (
        _stage(exchange, "route", 0, exchange.selected_ns),
        _call(exchange),
        _stage(exchange, "response", exchange.received_ns, exchange.ended_ns),
    )
    return (_server(exchange), *(one for one in stages if one is not None))


def server_name(method: str, path_match: str | None) -> str:
    """The root span's name: ``POST /openai/*``; ``HTTP`` for a method that no standard knows."""
    name = method if method in HTTP_METHODS else "HTTP"
    return f"{name} {path_match}" if path_match else name


def span_count(exchange: Exchange) -> int:
    """How many ``spans_of`` would give, without making them."""
    stages = (exchange.selected_ns, exchange.sent_ns, exchange.received_ns)
    return 1 + sum(one is not None for one in stages)


def _server(exchange: Exchange) -> Span:
    failed = server_failed(exchange)
    return Span(
        exchange.trace_id,
        exchange.span_id,
        exchange.parent_id,
        server_name(exchange.method, exchange.path_match),
        "SERVER",
        _at(exchange, 0),
        _at(exchange, exchange.ended_ns),
        "ERROR" if failed else "UNSET",
        exchange.error or "" if failed else "",
        server_attributes(exchange),
        service=SERVICE,
    )


def _call(exchange: Exchange) -> Span | None:
    """The call to whoever answers; it lasts to the end when its last byte never came."""
    if exchange.sent_ns is None:
        return None
    chat = exchange.request_model is not None
    failed = call_failed(exchange)
    first_ns = exchange.first_token_ns
    until_ns = exchange.ended_ns if exchange.received_ns is None else exchange.received_ns
    return Span(
        exchange.trace_id,
        exchange.client_span_id or _derived_id(exchange, "chat"),
        exchange.span_id,
        f"chat {exchange.request_model}" if chat else _call_name(exchange),
        "CLIENT",
        _at(exchange, exchange.sent_ns),
        _at(exchange, max(until_ns, exchange.sent_ns)),
        "ERROR" if failed else "UNSET",
        exchange.error or "" if failed else "",
        chat_attributes(exchange) if chat else call_attributes(exchange),
        () if first_ns is None else (SpanEvent(FIRST_TOKEN, _at(exchange, first_ns)),),
        service=SERVICE,
    )


def _call_name(exchange: Exchange) -> str:
    """As agentgateway names its outbound calls."""
    return " ".join(filter(None, (semconv_method(exchange), exchange.endpoint)))


def _stage(exchange: Exchange, name: str, start_ns: int | None, end_ns: int | None) -> Span | None:
    """A part of the gateway's own work."""
    if start_ns is None or end_ns is None:
        return None
    return Span(
        exchange.trace_id,
        _derived_id(exchange, name),
        exchange.span_id,
        name,
        "INTERNAL",
        _at(exchange, start_ns),
        _at(exchange, end_ns),
        service=SERVICE,
    )


def _at(exchange: Exchange, mark_ns: int) -> int:
    """Unix nanoseconds of a mark, never outside the request."""
    # A float of seconds is good for microseconds; more digits would only look true.
    started_us = round(exchange.started * 1e6)
    return started_us * 1000 + min(max(mark_ns, 0), exchange.ended_ns)


def _derived_id(exchange: Exchange, name: str) -> str:
    """16 hex digits that follow from the server span's id, so that they need not be remembered."""
    return hashlib.sha256(f"{exchange.span_id}/{name}".encode()).hexdigest()[:16]
