"""The spans of a request as bars, one below the other, by who called whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from labgateway.decisions.spans import SERVICE, Span
from labgateway.lab.page import Bar, Bars

_CAPTION = "The waterfall: each span from its beginning to its end"


def related(own: Sequence[Span], received: Iterable[Span]) -> tuple[Span, ...]:
    """Of the spans that came from outside, those above a request's own ones, and those below."""
    known = {one.span_id for one in own}
    others = {one.span_id: one for one in received if one.span_id not in known}
    above = set(_above(own[0].parent_id, others))
    below: set[str] = set()
    growing = True
    while growing:
        found = {one.span_id for one in others.values() if one.parent_id in known | below}
        growing = bool(found - below)
        below |= found
    return tuple(one for key, one in others.items() if key in above | below)


def _above(parent_id: str | None, others: dict[str, Span]) -> Iterator[str]:
    seen: set[str] = set()  # ids come from outside, so that they may go in a circle
    while parent_id in others and parent_id not in seen:
        seen.add(parent_id)
        yield parent_id
        parent_id = others[parent_id].parent_id


def bars(spans: Sequence[Span]) -> Bars:
    """The bars, parents before children; moments within a span follow it."""
    begin = min(one.start_ns for one in spans)
    whole_ns = max(max(one.end_ns for one in spans) - begin, 1)
    rows: list[Bar] = []
    for depth, span in _ordered(spans):
        name = f"{span.name} (error)" if span.status == "ERROR" else span.name
        start = span.start_ns - begin
        length = max(span.end_ns - span.start_ns, 0)
        rows.append(
            Bar(
                name,
                depth,
                _whose(span),
                start / whole_ns,
                length / whole_ns,
                start / 1e6,
                length / 1e6,
            )
        )
        for event in span.events if span.service == SERVICE else ():
            at = event.time_ns - begin
            rows.append(
                Bar(event.name, depth + 1, _whose(span), at / whole_ns, 0.0, at / 1e6, None)
            )
    return Bars(_CAPTION, tuple(rows))


def _whose(span: Span) -> str:
    if span.service != SERVICE:
        return span.service or "client"
    return "provider" if span.kind == "CLIENT" else "gateway"


def _ordered(spans: Sequence[Span]) -> Iterator[tuple[int, Span]]:
    """(depth, span), each parent before its children, these by their beginning."""
    ids = {one.span_id for one in spans}
    roots = [one for one in spans if one.parent_id not in ids] or spans[:1]
    left = [(0, one) for one in sorted(roots, key=lambda one: -one.start_ns)]
    seen = set()
    while left:
        depth, span = left.pop()
        if span.span_id in seen:
            continue
        seen.add(span.span_id)
        yield depth, span
        children = [one for one in spans if one.parent_id == span.span_id]
        left += [(depth + 1, one) for one in sorted(children, key=lambda one: -one.start_ns)]
