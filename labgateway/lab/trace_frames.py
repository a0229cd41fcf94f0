"""Requests as rows of a frame: which there were, how long they took, what they used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.metric_families import UNKNOWN
from labgateway.decisions.spans import spans_of

_INTEGERS = ("status", "input_tokens", "output_tokens")
_SECONDS = ("duration_s", "time_to_first_token_s", "gateway_s")


@dataclass(frozen=True)
class Filter:
    """Which requests to show; what is not given takes all.

    ``status`` is a number or a class such as ``4xx``; ``model`` is asked, sent or used, ``route``
    and ``text`` are parts of a name, ``text`` also of ids, errors and, where kept, bodies.
    """

    status: str | int | None = None
    model: str | None = None
    route: str | None = None
    min_duration_s: float | None = None
    max_duration_s: float | None = None
    text: str | None = None

    def takes(self, exchange: Exchange) -> bool:
        """Whether a request is one of them."""
        return (
            _has_status(exchange.status, self.status)
            and (not self.model or self.model in models_of(exchange))
            and (not self.route or self.route in (exchange.route or ""))
            and (self.min_duration_s is None or exchange.duration_s >= self.min_duration_s)
            and (self.max_duration_s is None or exchange.duration_s <= self.max_duration_s)
            and (not self.text or self.text.casefold() in _text_of(exchange).casefold())
        )


ALL = Filter()


def models_of(exchange: Exchange) -> set[str]:
    """The names under which a request's model is known."""
    names = (exchange.original_model, exchange.request_model, exchange.response_model)
    return {one for one in names if one}


def trace_frame(exchanges: Sequence[Exchange], wanted: Filter = ALL) -> pd.DataFrame:
    """One row a request, newest first.

    ``time`` is UTC, ``gateway_s`` what the request spent in the gateway itself.
    """
    rows = [_row(one) for one in reversed(exchanges) if wanted.takes(one)]
    frame = pd.DataFrame(rows, columns=list(_row(_NONE)))
    frame["time"] = pd.to_datetime(frame["time"], unit="s", utc=True)
    return frame.astype(dict.fromkeys(_INTEGERS, "Int64") | dict.fromkeys(_SECONDS, "float64"))


def span_frame(exchanges: Sequence[Exchange]) -> pd.DataFrame:
    """One row a span: trace_id, name, kind, start and duration in ms after the first request."""
    spans = [span for one in exchanges for span in spans_of(one)]
    begin = min((one.start_ns for one in spans), default=0)
    rows = [
        {
            "trace_id": one.trace_id,
            "span": one.name,
            "kind": one.kind,
            "start_ms": (one.start_ns - begin) / 1e6,
            "duration_ms": one.duration_s * 1e3,
            "status": one.status,
        }
        for one in spans
    ]
    return pd.DataFrame(
        rows, columns=["trace_id", "span", "kind", "start_ms", "duration_ms", "status"]
    )


def gateway_s(exchange: Exchange) -> float:
    """Seconds of a request that were the gateway's own: all but the provider call."""
    return exchange.duration_s - (exchange.provider_s or 0.0)


def _row(exchange: Exchange) -> dict[str, Any]:
    return {
        "time": exchange.started,
        "trace_id": exchange.trace_id,
        "name": spans_of(exchange)[0].name,
        "status": exchange.status,
        "route": exchange.route or UNKNOWN,
        "original_model": exchange.original_model,
        "request_model": exchange.request_model,
        "response_model": exchange.response_model,
        "duration_s": exchange.duration_s,
        "time_to_first_token_s": exchange.time_to_first_token_s,
        "input_tokens": exchange.usage.input_tokens,
        "output_tokens": exchange.usage.output_tokens,
        "gateway_s": gateway_s(exchange),
        "error": exchange.error,
    }


_NONE = Exchange(0.0, "", "", "GET", "", "", "", "", 0)


def _has_status(status: int, wanted: str | int | None) -> bool:
    if wanted is None or wanted == "":
        return True
    text = str(wanted).casefold()
    return text == str(status) or text == f"{status // 100}xx"


def _text_of(exchange: Exchange) -> str:
    bodies = exchange.bodies
    parts = [exchange.path, exchange.error, exchange.trace_id, exchange.span_id]
    if bodies is not None:
        parts += [bodies.request, bodies.response]
    return "\n".join(one for one in parts if one)
