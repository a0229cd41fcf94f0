"""Figures of traffic: tokens, statuses, durations, the ways requests go."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise

import pandas as pd
import plotly.graph_objects as go

from labgateway.decisions.exchange import Exchange
from labgateway.lab import traffic_frames as frames
from labgateway.lab.figures import PALETTE, empty, styled

SEND_FIRST = "No requests yet: send some, then draw this again."
_BINS = 30
_BOX = 0.25  # half a box's width, in columns
_PATTERNS = {"input": "", "output": "/"}  # told apart without colour
_SYMBOLS = ("circle", "square", "triangle-up", "cross", "star", "x")
_DASHES = {"p50_s": "dot", "p95_s": "dash", "p99_s": "solid"}


def token_usage(exchanges: Sequence[Exchange]) -> go.Figure:
    """Bars of input and output tokens for each model that was sent."""
    title = "Tokens by model and type"
    table = frames.token_usage(exchanges)
    if table.empty:
        return empty(title, "No tokens were counted yet: send a chat completion first.")
    figure = go.Figure()
    for type_, rows in table.groupby("type"):
        figure.add_bar(
            name=str(type_),
            x=rows["model"],
            y=rows["tokens"],
            text=rows["tokens"],
            textposition="outside",
            marker={"pattern": {"shape": _PATTERNS.get(str(type_), "")}},
            cliponaxis=False,
            hovertemplate=f"%{{x}}<br>{type_}: %{{y}} tokens<extra></extra>",
        )
    return styled(figure, title, x="model sent", y="tokens").update_layout(barmode="group")


def requests_by_status(exchanges: Sequence[Exchange]) -> go.Figure:
    """Stacked bars over time: how many requests ended with which status."""
    title = "Requests by status"
    if not exchanges:
        return empty(title, SEND_FIRST)
    times = pd.to_datetime([one.started for one in exchanges], unit="s")
    table = pd.DataFrame({"time": times, "status": [str(one.status) for one in exchanges]})
    width_s = max((times.max() - times.min()).total_seconds() / _BINS, 1.0)
    table["bin"] = table["time"].dt.floor(f"{int(width_s)}s")
    figure = go.Figure()
    for status, rows in table.groupby("status"):
        counts = rows.groupby("bin").size()
        figure.add_bar(
            name=str(status),
            x=counts.index,
            y=counts.to_numpy(),
            text=[str(status)] * len(counts),
            textposition="inside",
            width=width_s * 1000,
            hovertemplate=f"status {status}: %{{y}} requests<br>%{{x}} UTC<extra></extra>",
        )
    styled(figure, title, x="time (UTC)", y=f"requests in {int(width_s)} s")
    return figure.update_layout(barmode="stack", showlegend=True)


def latency(exchanges: Sequence[Exchange]) -> go.Figure:
    """A point a request by route, with lines for the percentiles of all."""
    title = "Duration of requests"
    if not exchanges:
        return empty(title, SEND_FIRST)
    figure = _points(exchanges, [one.duration_s for one in exchanges], "route")
    _percentile_lines(figure, pd.Series([one.duration_s for one in exchanges]))
    return styled(figure, title, x="time (UTC)", y="seconds")


def time_to_first_token(exchanges: Sequence[Exchange]) -> go.Figure:
    """A point a stream by model, with lines for the percentiles of all."""
    title = "Time to first token"
    streams = [one for one in exchanges if one.time_to_first_token_s is not None]
    if not streams:
        return empty(title, 'No streams yet: send a request with "stream": true first.')
    seconds = [one.time_to_first_token_s or 0.0 for one in streams]
    figure = _points(streams, seconds, "model")
    _percentile_lines(figure, pd.Series(seconds))
    return styled(figure, title, x="time (UTC)", y="seconds")


def topology(table: pd.DataFrame) -> go.Figure:
    """The frame of the same name as boxes and arrows, with requests and tokens on the last."""
    title = "Ways through the gateway"
    if table.empty:
        return empty(title, "No HTTPRoute is there yet: apply one, then draw this again.")
    columns = ["gateway", "route", "backend", "model"]
    places = _places(table, columns)
    figure = go.Figure()
    for left, right in pairwise(columns):
        for pair, rows in table.groupby([left, right], sort=False):
            requests, tokens = int(rows["requests"].sum()), int(rows["tokens"].sum())
            ends = [places[(left, str(pair[0]))], places[(right, str(pair[1]))]]
            _arrow(figure, ends, requests, tokens)
    for (column, name), (x, y) in places.items():
        kind = column.capitalize() if column != "route" else "HTTPRoute"
        shown = name or "any model"
        figure.add_annotation(
            x=x,
            y=y,
            text=f"<b>{kind}</b><br>{escape(shown.rpartition('/')[2])}",
            hovertext=escape(shown),
            showarrow=False,
            bordercolor=PALETTE[0],
            borderpad=6,
            bgcolor="rgba(128,128,128,0.12)",
        )
    rows_high = max(sum(column == one for column, _ in places) for one in columns)
    styled(figure, title, x="", y="", height=140 + 80 * rows_high)
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


def _arrow(figure: go.Figure, ends: list[tuple[float, float]], requests: int, tokens: int) -> None:
    (x0, y0), (x1, y1) = ends
    line = {"width": 1 + min(requests, 40) / 10, "color": PALETTE[4]}
    line |= {"dash": "solid" if requests else "dot"}
    # From box to box, not through them.
    at = [x0 + _BOX, x1 - _BOX]
    figure.add_scatter(x=at, y=[y0, y1], mode="lines", line=line, showlegend=False)
    figure.add_annotation(
        x=(x0 + x1) / 2,
        y=(y0 + y1) / 2,
        text=f"{requests} requests" + (f"<br>{tokens} tokens" if tokens else ""),
        showarrow=False,
        yshift=16,
        font={"size": 10},
    )


def _points(exchanges: Sequence[Exchange], seconds: list[float], by: str) -> go.Figure:
    groups: dict[str, list[int]] = {}
    for index, one in enumerate(exchanges):
        name = one.route if by == "route" else one.request_model
        groups.setdefault(name or "unknown", []).append(index)
    times = pd.to_datetime([one.started for one in exchanges], unit="s")
    figure = go.Figure()
    for number, (name, indices) in enumerate(sorted(groups.items())):
        figure.add_scatter(
            name=name,
            x=times[indices],
            y=[seconds[index] for index in indices],
            mode="markers",
            marker={"symbol": _SYMBOLS[number % len(_SYMBOLS)], "size": 8},
            text=[f"{exchanges[index].trace_id}" for index in indices],
            hovertemplate="%{y:.3f} s<br>%{x} UTC<br>trace %{text}<extra>"
            + escape(name)
            + "</extra>",
            showlegend=True,
        )
    return figure


def _percentile_lines(figure: go.Figure, seconds: pd.Series[float]) -> None:
    for quantile, name in zip(frames.QUANTILES, _DASHES, strict=True):
        value = float(seconds.quantile(quantile))
        figure.add_hline(
            y=value,
            line={"dash": _DASHES[name], "width": 1, "color": PALETTE[3]},
            annotation_text=f"{name[:-2]} {value:.3f} s",
            annotation_position="top right" if name != "p99_s" else "top left",
        )
