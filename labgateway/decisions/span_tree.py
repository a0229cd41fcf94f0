"""The spans of a trace by who called whom, and whose time each of them was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from labgateway.decisions.spans import SERVICE, Span


def by_tree(spans: Sequence[Span]) -> list[tuple[Span, int]]:
    """Spans with their depth, parents before children, each level by time.

    Ids come from outside: those that go in a circle follow after the others.
    """
    ids = {one.span_id for one in spans}
    children: dict[str | None, list[Span]] = {}
    for one in sorted(spans, key=lambda span: (span.start_ns, -span.end_ns)):
        parent = one.parent_id if one.parent_id in ids and one.parent_id != one.span_id else None
        children.setdefault(parent, []).append(one)
    ordered: list[tuple[Span, int]] = []
    while children:
        start = None if None in children else next(iter(children))
        waiting = [(one, 0) for one in reversed(children.pop(start))]
        while waiting:
            span, depth = waiting.pop()
            ordered.append((span, depth))
            below = children.pop(span.span_id, [])
            waiting += [(one, depth + 1) for one in reversed(below)]
    return ordered


def whose(span: Span) -> str:
    """Whose time a span is: the gateway's own, the provider's, or a client's by its service."""
    if span.service != SERVICE:
        return span.service or "client"
    return "provider" if span.kind == "CLIENT" else "gateway"


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
