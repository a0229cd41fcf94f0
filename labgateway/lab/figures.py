"""How figures of the lab look, and those of single traces: waterfall and overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import plotly.graph_objects as go

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.spans import Span
from labgateway.words.semconv import Attribute

# Okabe and Ito: told apart also by people who see colours differently.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#8C7A00")
_TEXT = "#777777"  # readable on JupyterLab's light and on its dark background
_GRID = "rgba(128,128,128,0.3)"
_HOVER_CHARACTERS = 80
_KIND_COLOURS = {"SERVER": PALETTE[0], "CLIENT": PALETTE[1], "INTERNAL": PALETTE[2]}
_BAR_PX = 34


def styled(figure: go.Figure, title: str, *, x: str, y: str, height: int = 320) -> go.Figure:
    """A figure with title and axes named with their units, transparent for any theme."""
    figure.update_layout(
        title={"text": title, "x": 0, "xref": "paper", "font": {"size": 15}},
        height=height,
        margin={"l": 60, "r": 20, "t": 50, "b": 50},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": _TEXT, "size": 12},
        colorway=PALETTE,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 1, "xanchor": "right"},
        modebar={"orientation": "v", "bgcolor": "rgba(0,0,0,0)"},
        template="none",
    )
    axis = {"gridcolor": _GRID, "zerolinecolor": _GRID, "automargin": True}
    figure.update_xaxes(title=x, **axis)
    figure.update_yaxes(title=y, **axis)
    return figure


def empty(title: str, todo: str) -> go.Figure:
    """A figure that says what has to be done before there is something to see."""
    figure = styled(go.Figure(), title, x="", y="", height=160)
    figure.add_annotation(text=escape(todo), showarrow=False, font={"size": 13})
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return figure


def waterfall(spans: Sequence[Span]) -> go.Figure:
    """One trace: a bar a span, in ms from its beginning, children under their parents.

    Attributes show on hover; the first token is marked with a diamond.
    """
    if not spans:
        return empty("Trace", "No such trace: lab.traces() lists those that are known.")
    ordered = by_tree(spans)
    begin = min(one.start_ns for one, _depth in ordered)
    names = [_label(one, depth) for one, depth in ordered]
    figure = go.Figure()
    figure.add_bar(
        x=[max(one.duration_s * 1e3, 0.001) for one, _ in ordered],
        base=[(one.start_ns - begin) / 1e6 for one, _ in ordered],
        y=list(range(len(ordered))),
        orientation="h",
        marker={"color": [_KIND_COLOURS.get(one.kind, PALETTE[4]) for one, _ in ordered]},
        text=[_bar_text(one) for one, _ in ordered],
        textposition="auto",
        hovertext=[_hover(one) for one, _ in ordered],
        hoverinfo="text",
        showlegend=False,
    )
    _mark_events(figure, ordered, begin)
    title = f"Trace {ordered[0][0].trace_id}"
    height = 110 + _BAR_PX * len(ordered)
    styled(figure, title, x="milliseconds from the beginning", y="", height=height)
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(len(names))), ticktext=names, autorange="reversed"
    )
    return figure


def overlap(exchanges: Sequence[Exchange]) -> go.Figure:
    """Several requests over the same time: those whose bars overlap were under way together."""
    title = "Requests over time"
    if not exchanges:
        return empty(title, "No requests yet: send some, then draw this again.")
    ordered = sorted(exchanges, key=lambda one: one.started)
    begin = ordered[0].started
    rows = list(range(len(ordered)))
    figure = go.Figure()
    for name, starts, lengths, colour in (
        ("request", [0.0] * len(rows), [one.duration_s for one in ordered], PALETTE[0]),
        (
            "provider call",
            [(one.sent_ns or 0) / 1e9 for one in ordered],
            [one.provider_s or 0.0 for one in ordered],
            PALETTE[1],
        ),
    ):
        figure.add_bar(
            name=name,
            x=[seconds * 1e3 for seconds in lengths],
            base=[
                (one.started - begin + start) * 1e3
                for one, start in zip(ordered, starts, strict=True)
            ],
            y=rows,
            width=0.8 if name == "request" else 0.4,
            orientation="h",
            marker={"color": colour},
            hovertext=[f"{name} {one.trace_id[:8]}: {one.status}" for one in ordered],
        )
    height = 130 + 24 * min(len(rows), 30)
    styled(figure, title, x="milliseconds from the first request", y="", height=height)
    figure.update_layout(barmode="overlay")
    labels = [f"{one.trace_id[:8]} · {one.status}" for one in ordered]
    figure.update_yaxes(tickmode="array", tickvals=rows, ticktext=labels, autorange="reversed")
    return figure


def by_tree(spans: Sequence[Span]) -> list[tuple[Span, int]]:
    """Spans with their depth, parents before children, each level by time."""
    ids = {one.span_id for one in spans}
    children: dict[str | None, list[Span]] = {}
    for one in sorted(spans, key=lambda span: (span.start_ns, -span.end_ns)):
        parent = one.parent_id if one.parent_id in ids and one.parent_id != one.span_id else None
        children.setdefault(parent, []).append(one)
    ordered: list[tuple[Span, int]] = []
    waiting = [(one, 0) for one in reversed(children.get(None, []))]
    while waiting:
        span, depth = waiting.pop()
        ordered.append((span, depth))
        below = children.pop(span.span_id, [])
        waiting += [(one, depth + 1) for one in reversed(below)]
    return ordered


def _label(span: Span, depth: int) -> str:
    return f"{'↳ ' * depth}{escape(span.name)}"


def _bar_text(span: Span) -> str:
    failed = " · error" if span.status == "ERROR" else ""
    return f"{span.duration_s * 1e3:.1f} ms{failed}"


def _hover(span: Span) -> str:
    head = f"<b>{escape(span.name)}</b> {span.kind} · {_bar_text(span)}"
    return "<br>".join([head, *_attribute_lines(span.attributes)])


def _attribute_lines(attributes: Mapping[str, Attribute]) -> list[str]:
    lines = []
    for name, value in attributes.items():
        text = ", ".join(value) if isinstance(value, tuple) else str(value)
        cut = text if len(text) <= _HOVER_CHARACTERS else f"{text[:_HOVER_CHARACTERS]}…"
        lines.append(f"{escape(name)} = {escape(cut)}")
    return lines


def _mark_events(figure: go.Figure, ordered: Sequence[tuple[Span, int]], begin: int) -> None:
    marks = [
        (row, (event.time_ns - begin) / 1e6, event.name.replace("_", " "))
        for row, (span, _depth) in enumerate(ordered)
        for event in span.events
    ]
    if marks:
        figure.add_scatter(
            x=[at_ms for _row, at_ms, _name in marks],
            y=[row for row, _at, _name in marks],
            mode="markers+text",
            marker={"symbol": "diamond", "size": 11, "color": PALETTE[3]},
            text=[name for _row, _at, name in marks],
            textposition="top center",
            hovertext=[f"{name} at {at_ms:.1f} ms" for _row, at_ms, name in marks],
            hoverinfo="text",
            showlegend=False,
            cliponaxis=False,
        )
