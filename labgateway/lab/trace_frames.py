"""Requests as rows of a frame: which there were, how long they took, what they used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.metric_families import UNKNOWN
from labgateway.decisions.request_story import own_time_s
from labgateway.decisions.spans import spans_of
from labgateway.decisions.trace_filter import ALL, Filter
from labgateway.lab.shown_frame import ShownFrame

_INTEGERS = ("status", "input_tokens", "output_tokens")
_SECONDS = ("duration_s", "time_to_first_token_s", "gateway_s")
_WORDS = (
    *("trace_id", "name", "route", "original_model", "request_model", "response_model"),
    "error",
)
_TELLING = (
    *("time", "status", "name", "request_model", "duration_s", "time_to_first_token_s"),
    *("input_tokens", "output_tokens", "error", "trace_id"),
)
_SHOWN_ROWS = 10


def trace_frame(exchanges: Sequence[Exchange], wanted: Filter = ALL) -> pd.DataFrame:
    """One row a request, newest first.

    ``time`` is UTC, ``gateway_s`` what the request spent in the gateway itself.
    """
    rows = [_row(one) for one in reversed(exchanges) if wanted.takes(one)]
    frame = pd.DataFrame(rows, columns=list(_row(_NONE)))
    frame["time"] = pd.to_datetime(frame["time"], unit="s", utc=True).dt.as_unit("us")
    types = {"Int64": _INTEGERS, "float64": _SECONDS, "str": _WORDS}
    return Traces(frame.astype({name: type_ for type_, names in types.items() for name in names}))


class Traces(ShownFrame):
    """The frame of traces: its first rows are shown."""

    def _shown(self) -> pd.DataFrame:
        shown = pd.DataFrame(self)[list(_TELLING)].head(_SHOWN_ROWS)
        shown["time"] = shown["time"].dt.strftime("%H:%M:%S.%f").str[:-3]
        for name in ("duration_s", "time_to_first_token_s"):
            shown[name] = shown[name].map("{:.3f}".format, na_action="ignore")
        return shown.astype("object").where(shown.notna(), "")

    def _note(self) -> str:
        rows, columns = self.shape
        return (
            f"{min(rows, _SHOWN_ROWS)} of {rows} traces, newest first (times in UTC),"
            f" {len(_TELLING)} of {columns} columns; lab.trace(ID) draws one."
        )


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
        "gateway_s": own_time_s(exchange),
        "error": exchange.error,
    }


_NONE = Exchange(0.0, "", "", "GET", "", "", "", "", 0)
