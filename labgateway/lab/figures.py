"""How figures of the lab look, and those of single traces: waterfall and overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.span_tree import by_tree, whose
from labgateway.decisions.spans import Span
from labgateway.words.semconv import Attribute

# Okabe and Ito: told apart also by people who see colours differently.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#8C7A00")
# plotly's button that uploads a figure: hovering may show prompts, and nothing leaves the machine.
_BUTTONS_OUT = ("sendChartToCloud", "select2d", "lasso2d")
# 4.3:1 on JupyterLab's white and on its #111111: no grey has 4.5:1 on both, none more on the worse.
_TEXT = "#797979"
_GRID = "rgba(128,128,128,0.3)"
_HOVER_CHARACTERS = 80
_HOVER_LINE_PX = 14
_ROLES = {"gateway": PALETTE[0], "provider call": PALETTE[1], "client": PALETTE[5]}
_ROLE_OF = {"gateway": "gateway", "provider": "provider call"}
_ROW_PX = 40
_BAR_SHARE = 0.55  # of a row; the rest has room for the name of an event
_AROUND_PX = 130  # above and below the rows
_INDENT_PX, _LETTER_PX = 16, 7
_THINNEST = 0.003  # of the whole: plotly leaves out, with its text, what is thinner than a pixel
_ROOM = 1.12  # right of the longest bar, for the text of a short one at the end
_LABELLED_ROWS = 40


def styled(figure: go.Figure, title: str, *, x: str, y: str, height: int = 320) -> go.Figure:
    """A figure with title and axes named with their units, transparent for any theme."""
    figure.update_layout(
        title={"text": title, "x": 0, "xref": "paper", "y": 1, "yref": "container"},
        title_font_size=15,
        title_pad={"t": 12},
        title_yanchor="top",
        height=height,
        margin={"l": 60, "r": 20, "t": 44, "b": 50},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": _TEXT, "size": 12},
        colorway=PALETTE,
        # At the foot of the figure it may take several lines and still cover nothing.
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0},
        legend_traceorder="normal",
        hoverlabel={"align": "left", "font": {"size": 11}, "namelength": -1},
        modebar={"remove": list(_BUTTONS_OUT), "bgcolor": "rgba(0,0,0,0)", "color": _TEXT},
        template="none",
    )
    axis = {"gridcolor": _GRID, "zerolinecolor": _GRID, "automargin": True}
    figure.update_xaxes(title={"text": x, "standoff": 8}, **axis)
    figure.update_yaxes(title={"text": y, "standoff": 8}, **axis)
    return figure


def empty(title: str, todo: str) -> go.Figure:
    """A figure that says what has to be done before there is something to see."""
    figure = styled(go.Figure(), title, x="", y="", height=160)
    figure.add_annotation(text=escape(todo, quote=False), showarrow=False, font={"size": 13})
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return figure


def waterfall(spans: Sequence[Span]) -> go.Figure:
    """One trace: a bar a span, in ms from its beginning, children under their parents.

    Attributes show on hover; the first token is marked with a diamond.
    """
    if not spans:
        return empty("Trace", "No spans under this id: lab.traces() lists the known traces.")
    rows = by_tree(spans)
    begin = min(one.start_ns for one, _depth in rows)
    total_ms = (max(one.end_ns for one, _depth in rows) - begin) / 1e6
    figure = go.Figure()
    for role, colour in _ROLES.items():
        mine = [(row, one) for row, (one, _depth) in enumerate(rows) if _role(one) == role]
        if mine:
            drawn = _bars(mine, begin, max(total_ms * _THINNEST, 0.001))
            figure.add_bar(name=role, marker={"color": colour}, **drawn)
    lines = max(_hover(one).count("<br>") for one, _depth in rows) + 2
    # What shows on hover is cut off at the figure's edge.
    height = max(_AROUND_PX + _ROW_PX * len(rows), 40 + _HOVER_LINE_PX * lines)
    title = f"Trace {rows[0][0].trace_id}"
    styled(figure, title, x="milliseconds from the beginning", y="", height=height)
    figure.update_layout(barmode="overlay", showlegend=True)
    figure.update_xaxes(range=[0, total_ms * _ROOM])
    figure.update_yaxes(range=[len(rows) - 0.4, -0.6], visible=False)
    _mark_events(figure, rows, begin, (height - _AROUND_PX) / len(rows))
    return _with_names(figure, rows)


def overlap(exchanges: Sequence[Exchange]) -> go.Figure:
    """Several requests over the same time: those whose bars overlap were under way together."""
    title = "Requests over the same time"
    if not exchanges:
        return empty(title, "No requests yet: send some, then draw this again.")
    ordered = sorted(exchanges, key=lambda one: one.started)
    begin = ordered[0].started
    rows = list(range(len(ordered)))
    calls = [((one.sent_ns or 0) / 1e9, one.provider_s or 0.0) for one in ordered]
    figure = go.Figure()
    for role, times, width in (
        ("gateway", [(0.0, one.duration_s) for one in ordered], 0.8),
        ("provider call", calls, 0.4),
    ):
        figure.add_bar(
            name=role,
            x=[length * 1e3 for _start, length in times],
            base=[
                (one.started - begin + start) * 1e3
                for one, (start, _length) in zip(ordered, times, strict=True)
            ],
            y=rows,
            width=width,
            orientation="h",
            marker={"color": _ROLES[role]},
            hovertext=[
                f"{role}: {milliseconds(length * 1e3)}<br>status {one.status}<br>{one.trace_id}"
                for one, (_start, length) in zip(ordered, times, strict=True)
            ],
            hoverinfo="text",
        )
    height = 140 + 24 * min(len(rows), _LABELLED_ROWS)
    styled(figure, title, x="milliseconds from the first request", y="", height=height)
    figure.update_layout(barmode="overlay")
    shown = rows[:: 1 + len(rows) // _LABELLED_ROWS]
    labels = [f"{ordered[row].trace_id[:8]} · {ordered[row].status}" for row in shown]
    figure.update_yaxes(tickmode="array", tickvals=shown, ticktext=labels, autorange="reversed")
    return figure


def milliseconds(value: float) -> str:
    """A duration as it is written in figures, with three digits that say something."""
    digits = ".2g" if value < 1 else ".3g" if value < 1000 else ",.0f"
    return f"{value:{digits}} ms"


def _bars(mine: Sequence[tuple[int, Span]], begin: int, thinnest_ms: float) -> dict[str, Any]:
    """Spans with their rows as bars, in ms from the beginning."""
    return {
        "x": [max(one.duration_s * 1e3, thinnest_ms) for _row, one in mine],
        "base": [(one.start_ns - begin) / 1e6 for _row, one in mine],
        "y": [row for row, _one in mine],
        "width": _BAR_SHARE,
        "orientation": "h",
        "text": [_bar_text(one) for _row, one in mine],
        "textposition": "auto",
        "textangle": 0,
        "hovertext": [_hover(one) for _row, one in mine],
        "hoverinfo": "text",
        "cliponaxis": False,
    }


def _role(span: Span) -> str:
    """The legend's word; spans of every client have one colour."""
    return _ROLE_OF.get(whose(span), "client")


def _with_names(figure: go.Figure, rows: Sequence[tuple[Span, int]]) -> go.Figure:
    """The spans' names before their bars, indented: tick labels can only be flush right."""
    wide = max(_INDENT_PX * depth + _LETTER_PX * len(one.name) for one, depth in rows) + 24
    for row, (span, depth) in enumerate(rows):
        figure.add_annotation(
            text=("└ " if depth else "") + escape(span.name, quote=False),
            xref="paper",
            x=0,
            y=row,
            xanchor="left",
            xshift=_INDENT_PX * depth - wide,
            showarrow=False,
            font={"size": 12},
        )
    # Not 0: a browser may draw a letter a pixel further to the left, outside the figure.
    return figure.update_layout(margin={"l": wide}, title={"x": 0.003, "xref": "container"})


def _bar_text(span: Span) -> str:
    failed = " · error" if span.status == "ERROR" else ""
    return f"{milliseconds(span.duration_s * 1e3)}{failed}"


def _hover(span: Span) -> str:
    head = f"<b>{escape(span.name)}</b> {span.kind} · {_bar_text(span)}"
    return "<br>".join([head, *_attribute_lines(span.attributes)])


def _attribute_lines(attributes: Mapping[str, Attribute]) -> list[str]:
    lines = []
    for name, value in attributes.items():
        text = ", ".join(value) if isinstance(value, tuple) else str(value)
        cut = text if len(text) <= _HOVER_CHARACTERS else f"{text[:_HOVER_CHARACTERS]}…"
        lines.append(f"{escape(name, quote=False)} = {escape(cut, quote=False)}")
    return _two_by_two(lines)


def _two_by_two(lines: Sequence[str]) -> list[str]:
    """Short lines side by side, so that all of them fit into a figure's height."""
    packed: list[str] = []
    for line in lines:
        if packed and len(packed[-1]) + len(line) < _HOVER_CHARACTERS:
            packed[-1] += f"  ·  {line}"
        else:
            packed.append(line)
    return packed


def _mark_events(
    figure: go.Figure, rows: Sequence[tuple[Span, int]], begin: int, row_px: float
) -> None:
    for row, (span, _depth) in enumerate(rows):
        for event in span.events:
            at_ms = (event.time_ns - begin) / 1e6
            name = escape(event.name.replace("_", " "))
            figure.add_scatter(
                name=name,
                x=[at_ms],
                y=[row],
                mode="markers",
                marker={"symbol": "diamond", "size": 11, "color": PALETTE[3]},
                hovertext=[f"{name} at {milliseconds(at_ms)}"],
                hoverinfo="text",
                showlegend=False,
            )
            above = row_px * _BAR_SHARE / 2 + 8
            figure.add_annotation(x=at_ms, y=row, yshift=above, text=name, showarrow=False)
