"""What happened to a request, step by step, from the client and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.request_story import changes

_KEYS = {
    "secret": "the key of the backend's Secret replaces the client's",
    "client": "the client's own key goes through",
    "none": "no key: neither the client nor the backend has one",
}


class Step(NamedTuple):
    """One step: when it was done (ms after the beginning, None where no time is known) and how.

    ``kind`` is start, listener, route, policy, backend, provider or end; ``name`` is namespace/name
    of the object that decided.
    """

    kind: str
    title: str
    said: tuple[str, ...] = ()
    at_ms: float | None = None
    failed: bool = False
    name: str = ""


def execution_flow(exchange: Exchange) -> tuple[Step, ...]:
    """The steps as far as the request came."""
    return tuple(_steps(exchange))


def _steps(exchange: Exchange) -> Iterator[Step]:
    asked = exchange.original_model
    said = (f"asks for {asked}",) if asked else ()
    yield Step("start", f"{exchange.method} {exchange.path}", said, 0.0)
    yield from _selection(exchange)
    if exchange.backend is not None:
        never = exchange.sent_ns is None
        words = (exchange.error or "not reached",) if never else changes(exchange)
        title = exchange.backend.rpartition("/")[2]
        yield Step("backend", title, words, None, never, exchange.backend)
    if exchange.sent_ns is not None:
        whose = _KEYS.get(exchange.credential or "")
        if whose is not None:
            yield Step("policy", "auth", (whose,), exchange.sent_ns / 1e6)
        yield _call(exchange)
    failed = exchange.status >= 400 or exchange.error is not None
    words = (exchange.error,) if exchange.error else ()
    yield Step("end", f"status {exchange.status}", words, exchange.ended_ns / 1e6, failed)


def _selection(exchange: Exchange) -> Iterator[Step]:
    if exchange.route is None:
        yield Step("route", "no route", (exchange.error or "",), failed=True)
        return
    gateway = exchange.gateway or ""
    yield Step("listener", exchange.listener or "", (gateway,), name=gateway)
    rule = (f"rule {exchange.route_rule}",) if exchange.route_rule else ()
    match = (f"path {exchange.path_match}",) if exchange.path_match else ()
    at_ms = None if exchange.selected_ns is None else exchange.selected_ns / 1e6
    title = exchange.route.rpartition("/")[2]
    yield Step("route", title, (*match, *rule), at_ms, name=exchange.route)


def _call(exchange: Exchange) -> Step:
    usage = exchange.usage
    said = [
        exchange.endpoint or "no connection",
        f"answered by {exchange.response_model}" if exchange.response_model else "",
        f"{usage.input_tokens} tokens in, {usage.output_tokens} out"
        if usage.output_tokens is not None
        else "",
    ]
    title = f"{exchange.provider or 'provider'} {exchange.request_model or ''}".strip()
    got_ns = exchange.received_ns
    return Step(
        "provider",
        title,
        tuple(one for one in said if one),
        None if got_ns is None else got_ns / 1e6,
        failed=exchange.headers_ns is None,
    )
