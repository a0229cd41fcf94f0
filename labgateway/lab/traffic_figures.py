"""Figures of traffic: tokens, statuses, durations, the ways requests go."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise
from math import ceil
from textwrap import wrap

import pandas as pd
import plotly.graph_objects as go

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.metric_families import UNKNOWN
from labgateway.lab import traffic_frames as frames
from labgateway.lab.figures import PALETTE, empty, styled

Ends = tuple[tuple[float, float], tuple[float, float]]

SEND_FIRST = "No requests yet: send some, then draw this again."
_BINS = 30
_BOX = 0.25  # half a box's width, in columns
_NAME_CHARACTERS = 14  # of a name on one line, so that a box is no wider than its place
# By class, so that a status keeps its colour when another one comes.
_CLASS_COLOURS = {2: PALETTE[0], 3: PALETTE[4], 4: PALETTE[1], 5: PALETTE[3]}
_SHAPES = ("", "/", "x", ".", "+")  # of statuses in the same class
_SYMBOLS = ("circle", "square", "triangle-up", "cross", "star", "x")
_BELOW = "\n"  # parts a backend from a model; no name has it
_DASHES = ("dot", "dash", "solid")  # p50, p95, p99


def token_usage(exchanges: Sequence[Exchange]) -> go.Figure:
    """Bars of input and output tokens for each model that answered."""
    title = "Tokens by model and type"
    table = frames.token_usage(exchanges)
    if table.empty:
        return empty(title, "No tokens were counted yet: send a chat completion first.")
    figure = go.Figure()
    for type_, rows in table.groupby("type"):
        figure.add_bar(
            name=str(type_),
            x=[_on_lines(one) for one in rows["model"]],
            y=rows["tokens"],
            text=[f"{type_}<br>{count:,}" for count in rows["tokens"]],
            textposition="outside",
            textangle=0,
            hovertemplate=f"%{{x}}<br>{type_}: %{{y}} tokens<extra></extra>",
        )
    styled(figure, title, x="model that answered", y="tokens").update_layout(barmode="group")
    return figure.update_yaxes(range=[0, int(table["tokens"].max()) * 1.45])


def requests_by_status(exchanges: Sequence[Exchange]) -> go.Figure:
    """Stacked bars over time: how many requests ended with which status."""
    title = "Requests by status"
    if not exchanges:
        return empty(title, SEND_FIRST)
    times = pd.to_datetime([one.started for one in exchanges], unit="s")
    table = pd.DataFrame({"time": times, "status": [str(one.status) for one in exchanges]})
    width_s = _bin_s(times)
    table["bin"] = table["time"].dt.floor(f"{width_s}s")
    figure = go.Figure()
    for status, rows in table.groupby("status"):
        counts = rows.groupby("bin").size()
        class_ = int(str(status)[0])
        like = sum(str(bar.name).startswith(str(class_)) for bar in figure.data)
        figure.add_bar(
            name=str(status),
            x=counts.index,
            y=counts.to_numpy(),
            text=[str(status)] * len(counts),
            textposition="inside",
            textangle=0,
            marker={
                "color": _CLASS_COLOURS.get(class_, PALETTE[5]),
                "pattern": {"shape": _SHAPES[like % len(_SHAPES)], "solidity": 0.2},
            },
            marker_line={"width": 1, "color": "white"},
            offset=0,
            width=width_s * 1000,
            hovertemplate=f"status {status}: %{{y}} requests<br>%{{x}} UTC<extra></extra>",
        )
    styled(figure, title, x="time (UTC)", y=f"requests in {width_s} s")
    figure.update_yaxes(rangemode="tozero", tickformat=",d")
    return figure.update_layout(
        barmode="stack", showlegend=True, uniformtext={"minsize": 9, "mode": "hide"}
    )


def latency(exchanges: Sequence[Exchange]) -> go.Figure:
    """A point a request by route; lines for the percentiles of all, over time."""
    title = "Duration of requests"
    if not exchanges:
        return empty(title, SEND_FIRST)
    seconds = [one.duration_s for one in exchanges]
    figure = _points(exchanges, seconds, [one.route or UNKNOWN for one in exchanges])
    return styled(figure, title, x="time (UTC)", y="seconds").update_yaxes(rangemode="tozero")


def time_to_first_token(exchanges: Sequence[Exchange]) -> go.Figure:
    """A point a stream by model; lines for the percentiles of all, over time."""
    title = "Time to first token"
    streams = [one for one in exchanges if one.time_to_first_token_s is not None]
    if not streams:
        return empty(title, 'No streams yet: send a request with "stream": true first.')
    seconds = [one.time_to_first_token_s or 0.0 for one in streams]
    figure = _points(streams, seconds, [one.request_model or UNKNOWN for one in streams])
    return styled(figure, title, x="time (UTC)", y="seconds").update_yaxes(rangemode="tozero")


def topology(table: pd.DataFrame) -> go.Figure:
    """The frame of the same name as boxes, each with its requests and tokens, and lines."""
    title = "Ways through the gateway"
    if table.empty:
        return empty(title, "No HTTPRoute is there yet: apply one, then draw this again.")
    columns = ["gateway", "route", "backend", "model"]
    # A model has a box below each backend, so that it can say what it got through that one.
    ways = table.assign(model=table["backend"] + _BELOW + table["model"])
    places = _places(ways, columns)
    figure = go.Figure()
    for left, right in pairwise(columns):
        for pair, rows in ways.groupby([left, right], sort=False):
            ends = (places[(left, str(pair[0]))], places[(right, str(pair[1]))])
            _line(figure, ends, int(rows["requests"].sum()))
    for (column, name), (x, y) in places.items():
        here = ways[ways[column] == name]
        counts = _counted(int(here["requests"].sum()), int(here["tokens"].sum()))
        kind = column.capitalize() if column != "route" else "HTTPRoute"
        shown = name.rpartition(_BELOW)[2] or "any model"
        figure.add_annotation(
            x=x,
            y=y,
            text=f"<b>{kind}</b><br>{_on_lines(shown.rpartition('/')[2])}<br>{counts}",
            hovertext=escape(shown, quote=False),
            showarrow=False,
            bordercolor=PALETTE[0],
            borderpad=6,
            bgcolor="rgba(128,128,128,0.12)",
        )
    rows_high = max(sum(column == one for column, _ in places) for one in columns)
    styled(figure, title, x="", y="", height=100 + 110 * rows_high)
    figure.update_xaxes(visible=False, range=[-0.4, 3.4])
    return figure.update_yaxes(visible=False, range=[-0.6, rows_high - 0.4])


def _places(table: pd.DataFrame, columns: list[str]) -> dict[tuple[str, str], tuple[float, float]]:
    names = {column: list(dict.fromkeys(table[column])) for column in columns}
    high = max(len(one) for one in names.values())
    return {
        (column, name): (float(x), (high - len(names[column])) / 2 + y)
        for x, column in enumerate(columns)
        for y, name in enumerate(reversed(names[column]))
    }


def _line(figure: go.Figure, ends: Ends, requests: int) -> None:
    """A line from box to box, not through them; the more requests, the wider."""
    (x0, y0), (x1, y1) = ends
    line = {"width": 1 + min(requests, 40) / 10, "color": PALETTE[4]}
    line |= {"dash": "solid" if requests else "dot"}
    at = [x0 + _BOX, x1 - _BOX]
    figure.add_scatter(x=at, y=[y0, y1], mode="lines", line=line, showlegend=False)


def _counted(requests: int, tokens: int) -> str:
    said = f"{requests:,} request{'' if requests == 1 else 's'}"
    return f"{said}<br>{tokens:,} token{'' if tokens == 1 else 's'}" if tokens else said


def _on_lines(name: str) -> str:
    """A name that takes several lines rather than its neighbour's place."""
    return "<br>".join(escape(one, quote=False) for one in wrap(name, _NAME_CHARACTERS))


def _bin_s(times: pd.DatetimeIndex) -> int:
    """Whole seconds, so that about ``_BINS`` of them hold all times."""
    return max(ceil((times.max() - times.min()).total_seconds() / _BINS), 1)


def _points(exchanges: Sequence[Exchange], seconds: list[float], names: Sequence[str]) -> go.Figure:
    groups: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        groups.setdefault(name, []).append(index)
    times = pd.to_datetime([one.started for one in exchanges], unit="s")
    figure = go.Figure()
    for number, (name, indices) in enumerate(sorted(groups.items())):
        figure.add_scatter(
            name=name.rpartition("/")[2],
            x=times[indices],
            y=[seconds[index] for index in indices],
            mode="markers",
            marker={"symbol": _SYMBOLS[number % len(_SYMBOLS)], "size": 7, "opacity": 0.7},
            text=[exchanges[index].trace_id for index in indices],
            hovertemplate="%{y:.3f} s<br>%{x} UTC<br>trace %{text}<extra>"
            + escape(name)
            + "</extra>",
            showlegend=True,
        )
    _percentile_lines(figure, times, pd.Series(seconds))
    return figure


def _percentile_lines(
    figure: go.Figure, times: pd.DatetimeIndex, seconds: pd.Series[float]
) -> None:
    """A piece of line for each stretch of time, the percentile of all in the legend."""
    width = f"{_bin_s(times)}s"
    binned = seconds.groupby(times.floor(width))
    for quantile, dash in zip(frames.QUANTILES, _DASHES, strict=True):
        name, pieces = f"p{quantile * 100:.0f}", binned.quantile(quantile)
        figure.add_scatter(
            name=f"{name} {seconds.quantile(quantile):.3f} s",
            x=[at for start in pieces.index for at in (start, start + pd.Timedelta(width), None)],
            y=[at for value in pieces for at in (value, value, None)],
            mode="lines",
            line={"dash": dash, "width": 2, "color": PALETTE[3]},
            hovertemplate=f"{name} %{{y:.3f}} s<extra></extra>",
        )
