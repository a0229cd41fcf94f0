"""Whether the provider, the log, the metrics and the spans count the same tokens."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from labgateway.decisions.chat import Usage, answer_of
from labgateway.decisions.exchange import BODY_CHARACTERS, Exchange
from labgateway.decisions.metric_families import TOKEN_USAGE, Moved
from labgateway.decisions.spans import Span
from labgateway.decisions.sse import EventStream
from labgateway.words import semconv

_ANSWERED = range(200, 300)  # usage is read from no other answer
_CACHED = "input from cache"
# What is counted: (word for it, field of usage, label of the metric, field of the log line).
_COUNTED = (
    ("input", "input_tokens", "input", semconv.INPUT_TOKENS),
    ("output", "output_tokens", "output", semconv.OUTPUT_TOKENS),
    (_CACHED, "cached_tokens", "input_cache_read", semconv.CACHED_TOKENS),
)


class Tokens(NamedTuple):
    """One kind of tokens in four places; None is what nobody counted there."""

    kind: str
    provider: int | None
    log: int | None
    metric: int | None
    span: int | None

    @property
    def equal(self) -> bool:
        """Whether all four say the same."""
        return len({self.provider, self.log, self.metric, self.span}) == 1


def tokens_in(
    exchange: Exchange, record: Mapping[str, Any], moved: Iterable[Moved], spans: Iterable[Span]
) -> tuple[Tokens, ...]:
    """Input and output tokens, and cached ones where there are any.

    ``record`` is the log line, ``moved`` what the request moved, ``spans`` its own.
    """
    usage = said_usage(exchange) or exchange.usage
    observed = {one.labels[0]: int(one.amount) for one in moved if one.family == TOKEN_USAGE}
    carried: dict[str, Any] = next(
        (dict(one.attributes) for one in spans if one.kind == "CLIENT"), {}
    )
    rows = [
        Tokens(kind, getattr(usage, of), record.get(name), observed.get(label), carried.get(name))
        for kind, of, label, name in _COUNTED
    ]
    return tuple(one for one in rows if one.kind != _CACHED or any(one[1:]) or not one.equal)


def said_usage(exchange: Exchange) -> Usage | None:
    """Usage read again from the answer that was kept; None when it was not, or not whole."""
    body = exchange.bodies and exchange.bodies.response
    if not body or len(body) >= BODY_CHARACTERS or exchange.status not in _ANSWERED:
        return None
    content = body.encode("utf-8", "backslashreplace")
    try:
        payload = json.loads(content)
    except (ValueError, RecursionError):
        return _streamed_usage(content)
    return answer_of(payload).usage if isinstance(payload, dict) else None


def _streamed_usage(content: bytes) -> Usage:
    events = EventStream(drop_usage=False)
    events.feed(content)
    return events.answer.usage
