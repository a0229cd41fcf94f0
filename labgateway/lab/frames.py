"""The access log as a pandas frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from labgateway.decisions.access_log import LOG_NAMES, OURS
from labgateway.lab.shown_frame import ShownFrame

Json = dict[str, Any]

_ALWAYS = ("time", "route", "http.method", "http.path", "http.status", "trace.id", "duration")
_TELLING = (
    *("time", "http.status", "http.path", "gen_ai.request.model", "gen_ai.response.model"),
    *("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "duration", "error", "trace.id"),
)
_ROWS = 10
_TRACE_CHARACTERS = 8  # enough to find a request by
_SAME_IN_ALL = {"level", "scope"}  # the same in every line
_INTEGERS = ("http.status", "gen_ai.request.max_tokens", "gen_ai.request.seed")
_FROM_FACTS = {  # log name → fact in nanoseconds; the line itself says whole milliseconds
    "agw.ai.time_to_first_token": "first_token_ns",
    "duration": "ended_ns",
}


def log_frame(records: Sequence[Json]) -> pd.DataFrame:
    """One row a journal line, columns in the log's order, those that no line has left out.

    ``time`` is a UTC timestamp; durations are seconds; statuses and tokens are ``Int64``.
    """
    present = {name for record in records for name in record}
    names = [
        name
        for name in LOG_NAMES
        if (name in present or name in _ALWAYS) and name not in _SAME_IN_ALL
    ]
    return AccessLog({name: _column(records, name) for name in names})


class AccessLog(ShownFrame):
    """The frame of the log: its last rows are shown."""

    def _shown(self) -> pd.DataFrame:
        shown = pd.DataFrame(self)[self._telling()].tail(_ROWS)
        shown["time"] = shown["time"].dt.strftime("%H:%M:%S.%f").str[:-3]
        shown["duration"] = shown["duration"].map("{:.3f} s".format)
        shown["trace.id"] = shown["trace.id"].str[:_TRACE_CHARACTERS] + "…"
        return shown.astype("object").where(shown.notna(), "")

    def _telling(self) -> list[str]:
        return [name for name in _TELLING if name in self.columns]

    def _note(self) -> str:
        rows, columns = self.shape
        return (
            f"{min(rows, _ROWS)} of {rows} requests (times in UTC), {len(self._telling())} of"
            f" {columns} columns; lab.logs().iloc[-1].dropna() shows the whole last line,"
            " lab.request(…) a request by the first digits of its trace.id."
        )


def _column(records: Sequence[Json], name: str) -> pd.Series[Any]:
    if name == "time":
        times = [record["time"] for record in records]
        return pd.Series(pd.to_datetime(times, format="ISO8601", utc=True)).dt.as_unit("us")
    if name in _FROM_FACTS:
        marks = [record[OURS].get(_FROM_FACTS[name]) for record in records]
        return pd.Series(marks, dtype="float64") / 1e9
    values = [record.get(name) for record in records]
    if name in _INTEGERS or name.startswith("gen_ai.usage."):
        return pd.Series(values, dtype="Int64")
    if name.startswith("gen_ai.request.") and not name.endswith("model"):
        return pd.Series(values, dtype="float64")
    if name == "agw.ai.time_per_output_token":
        return pd.Series([_per_token(record) for record in records], dtype="float64")
    return pd.Series(values, dtype="str")


def _per_token(record: Json) -> float | None:
    facts = record[OURS]
    tokens = record.get("gen_ai.usage.output_tokens")
    first, ended = facts.get("first_token_ns"), facts.get("ended_ns")
    return (ended - first) / 1e9 / tokens if tokens and first is not None else None
