"""Figures say what they show, in which unit, and agree with their tables."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.spans import Span, spans_of
from labgateway.lab import figures, traffic_figures, traffic_frames
from labgateway.shapes.gateway_api import HTTPRoute
from tests.decisions.resources import route
from tests.lab.traffic import ANSWERED, SPOKEN, STREAMED, TRAFFIC, numbered

Draw = Callable[[Sequence[Exchange]], go.Figure]
DRAWN: list[Draw] = [
    traffic_figures.token_usage,
    traffic_figures.requests_by_status,
    traffic_figures.latency,
    traffic_figures.time_to_first_token,
    figures.overlap,
]


def title(axis: Any) -> str:
    """The words on an axis."""
    return str(axis.title.text)


def contrast(one: str, other: str) -> float:
    """Of two colours as ``#rrggbb``, by WCAG 2: 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Relative, 0 to 1, of a colour as ``#rrggbb``, by WCAG 2."""
    shares = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares)
    return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("draw", DRAWN)
def test_axes_have_names_with_units(draw: Draw) -> None:
    """And the figure a title; the background is the theme's."""
    figure = draw(TRAFFIC)
    assert figure.layout.title.text
    assert title(figure.layout.xaxis)
    assert figure.layout.paper_bgcolor == "rgba(0,0,0,0)"
    words = title(figure.layout.xaxis) + title(figure.layout.yaxis)
    assert any(unit in words for unit in ("seconds", "tokens", "requests in", "milliseconds"))


@pytest.mark.parametrize("background", ["#ffffff", "#111111"])
def test_words_are_as_legible_on_light_as_on_dark(background: str) -> None:
    """WCAG's contrast on what JupyterLab paints behind them; no grey has more on the worse."""
    words = str(figures.styled(go.Figure(), "", x="", y="").layout.font.color)
    assert contrast(words, background) > 4.33


@pytest.mark.parametrize("draw", DRAWN)
def test_without_requests_a_figure_says_what_to_do(draw: Draw) -> None:
    """It is no error to look too early."""
    (said,) = draw([]).layout.annotations
    assert "then draw" in said.text or "first" in said.text


def test_token_bars_are_the_sums_of_the_usage() -> None:
    """By model that answered and type, told apart by their words, not only by colour."""
    bars = traffic_figures.token_usage(TRAFFIC).data
    assert [(bar.name, list(bar.x), list(bar.y)) for bar in bars] == [
        ("input", ["gpt-4o-2024"], [48]),
        ("output", ["gpt-4o-2024"], [136]),
    ]
    assert [list(bar.text) for bar in bars] == [["input<br>48"], ["output<br>136"]]
    table = traffic_frames.token_usage(TRAFFIC)
    assert list(table["tokens"]) == [48, 136]
    assert list(table["requests"]) == [4, 4]


def test_every_request_is_counted_under_its_status() -> None:
    """However the time is cut into bars; the status stands in the bar."""
    bars = traffic_figures.requests_by_status(TRAFFIC).data
    assert {bar.name: int(sum(bar.y)) for bar in bars} == {"200": 4, "404": 1}
    assert set(bars[0].text) == {"200"}
    assert list(traffic_frames.requests_by_status(TRAFFIC)["requests"]) == [4, 1]


def test_percentiles_stand_beside_the_points() -> None:
    """Each line says which one it is and its value."""
    figure = traffic_figures.latency(TRAFFIC)
    points = [one for one in figure.data if one.mode == "markers"]
    lines = [one for one in figure.data if one.mode == "lines"]
    assert sum(len(one.x) for one in points) == len(TRAFFIC)
    assert [one.name for one in lines] == ["p50 0.103 s", "p95 0.103 s", "p99 0.103 s"]
    assert list(lines[0].y) == [0.103, 0.103, None] * 2 + [0.001, 0.001, None] + [
        *([0.103, 0.103, None] * 2)
    ]
    table = traffic_frames.latency(TRAFFIC)
    assert list(table["route"]) == ["agentgateway-system/openai", "unknown"]
    assert table["p50_s"].iloc[0] == pytest.approx(0.103)


def test_the_first_token_is_for_streams_only() -> None:
    """Other requests have none."""
    points = traffic_figures.time_to_first_token(TRAFFIC).data[0]
    assert list(points.y) == [0.04]
    assert list(traffic_frames.time_to_first_token(TRAFFIC)["requests"]) == [1]


def test_a_waterfall_nests_spans_and_marks_the_first_token() -> None:
    """Bars begin and end where the spans do, in milliseconds; names are indented."""
    figure = figures.waterfall(spans_of(STREAMED))
    own, call, mark = figure.data
    assert [one.name for one in figure.data] == ["gateway", "provider call", "first token"]
    assert [list(one.y) for one in figure.data] == [[0, 1, 3], [2], [2]]
    assert [round(one) for one in (*own.base, *call.base, *mark.x)] == [0, 0, 100, 2, 40]
    assert [round(one) for one in (*own.x, *call.x)] == [103, 1, 3, 98]
    assert list(own.text) == ["103 ms", "1 ms", "3 ms"]
    names = [(one.text, one.y) for one in figure.layout.annotations if one.xref == "paper"]
    assert names == [
        ("POST /openai/*", 0),
        ("└ route", 1),
        ("└ chat gpt-4o", 2),
        ("└ response", 3),
    ]
    shifts = [one.xshift for one in figure.layout.annotations if one.xref == "paper"]
    assert shifts[0] < shifts[1] == shifts[2]


def test_all_attributes_show_on_hover() -> None:
    """Long values are cut, markup is none."""
    spoken = dataclasses.replace(SPOKEN, error="<b>" + "e" * 200, status=500)
    spans = spans_of(spoken)
    hovers = {one.name: one.hovertext[0] for one in figures.waterfall(spans).data}
    for name in spans[0].attributes:
        assert f"{name} = " in hovers["gateway"]
    assert "gen_ai.request.model = gpt-4o" in hovers["provider call"]
    assert "<b>e" not in hovers["gateway"]
    assert "e" * 100 not in hovers["gateway"]


def test_no_figure_can_be_sent_away() -> None:
    """plotly would show a button that uploads what is drawn."""
    assert "sendChartToCloud" in figures.waterfall(spans_of(ANSWERED)).layout.modebar.remove


def test_the_clients_own_span_stands_above_the_gateways() -> None:
    """Whoever is the parent, whenever it arrived."""
    client = Span(ANSWERED.trace_id, "1" * 16, None, "<my> call", "CLIENT", 0, 10)
    joined = dataclasses.replace(ANSWERED, parent_id=client.span_id)
    spans = [*spans_of(joined), client]
    figure = figures.waterfall(spans)
    assert "&lt;my&gt; call" in [one.text for one in figure.layout.annotations]
    assert [one.name for one in figure.data] == ["gateway", "provider call", "client"]


def test_an_error_is_written_in_its_bar() -> None:
    """Not only coloured."""
    failed = dataclasses.replace(ANSWERED, status=500, error="upstream call failed")
    bars = figures.waterfall(spans_of(failed)).data[0]
    assert "error" in bars.text[0]


def test_overlapping_requests_share_the_time_axis() -> None:
    """A row each, with the provider call inside."""
    requests, calls = figures.overlap([numbered(ANSWERED, 0), numbered(ANSWERED, 1)]).data
    assert [round(one) for one in requests.base] == [0, 1000]
    assert [round(one) for one in calls.x] == [98, 98]


def test_ways_that_nobody_went_are_drawn_too() -> None:
    """A route without requests leads to its backend, its model left open."""
    other = HTTPRoute.model_validate(route(name="other"))
    table = traffic_frames.topology(TRAFFIC, [other])
    assert list(table["requests"]) == [4, 0]
    assert list(table["tokens"]) == [184, 0]
    figure = traffic_figures.topology(table)
    texts = [one.text for one in figure.layout.annotations]
    assert any("0 requests" in one for one in texts)
    assert any("184 tokens" in one for one in texts)
    assert any("HTTPRoute" in one for one in texts)
    assert traffic_figures.topology(traffic_frames.topology([], [])).layout.annotations


def test_each_box_says_what_went_through_it() -> None:
    """Words on lines that meet would be printed over one another; no two boxes have a place."""
    ways = [("g", "a", "x", "m"), ("g", "a", "y", "m"), ("g", "b", "x", "m"), ("h", "b", "x", "n")]
    columns = ["gateway", "route", "backend", "model", "requests", "tokens"]
    figure = traffic_figures.topology(pd.DataFrame([(*one, 1, 1) for one in ways], columns=columns))
    boxes = figure.layout.annotations
    assert len({(one.x, one.y) for one in boxes}) == len(boxes) == 9
    said = {one.text for one in boxes}
    assert "<b>Backend</b><br>x<br>3 requests<br>3 tokens" in said
    assert "<b>Model</b><br>n<br>1 request<br>1 token" in said


def test_a_short_span_can_be_seen() -> None:
    """A browser leaves out a bar that is thinner than a pixel, and the text beside it."""
    spans = spans_of(ANSWERED)
    drawn = figures.waterfall(spans)
    whole_ms = max(one.duration_s for one in spans) * 1e3
    assert min(length for bars in drawn.data for length in bars.x) >= whole_ms * 0.003
    assert len([text for bars in drawn.data for text in bars.text]) == len(spans)
