"""The spans of a trace as bars, one below the other, by who called whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labgateway.decisions.span_tree import by_tree, whose
from labgateway.decisions.spans import SERVICE, Span


@dataclass(frozen=True)
class Bar:
    """A span of time. ``start`` and ``length`` are parts of the whole, from 0 to 1."""

    name: str
    depth: int
    whose: str
    start: float
    length: float
    start_ms: float
    duration_ms: float | None  # None: a moment
    span_id: str = ""


def waterfall(spans: Sequence[Span]) -> tuple[Bar, ...]:
    """The bars, parents before children; moments within a span follow it."""
    begin = min((one.start_ns for one in spans), default=0)
    whole_ns = max(max((one.end_ns for one in spans), default=0) - begin, 1)
    rows: list[Bar] = []
    for span, depth in by_tree(spans):
        name = f"{span.name} (error)" if span.status == "ERROR" else span.name
        start = span.start_ns - begin
        length = max(span.end_ns - span.start_ns, 0)
        parts = (start / whole_ns, length / whole_ns, start / 1e6, length / 1e6)
        rows.append(Bar(name, depth, whose(span), *parts, span.span_id))
        for event in span.events if span.service == SERVICE else ():
            at = event.time_ns - begin
            parts_then = (at / whole_ns, 0.0, at / 1e6, None)
            rows.append(Bar(event.name, depth + 1, whose(span), *parts_then, span.span_id))
    return tuple(rows)
