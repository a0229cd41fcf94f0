"""The board's charts and tables are those of the plain functions, and follow the traffic."""

from __future__ import annotations

import ipywidgets
import pytest

from labgateway.lab import traffic_figures, traffic_frames
from labgateway.lab.board import PANELS, Board
from tests.conftest import Running
from tests.lab.traffic import ANSWERED, TRAFFIC, numbered
from tests.lab.widgets import board

FIGURE = "application/vnd.plotly.v1+json"


def test_a_board_without_requests_says_what_to_do(routed: Running) -> None:
    """In each chart."""
    shown = board(routed)
    for name in shown.charts:
        assert "first" in str(shown.charts[name].outputs) or "send some" in str(
            shown.charts[name].outputs
        )


@pytest.mark.parametrize("name", [name for name, _figure, _table in PANELS])
def test_every_chart_has_its_table_under_it(routed: Running, name: str) -> None:
    """Both from the same requests as the functions of that name."""
    routed.ask()
    routed.ask(stream=True)
    shown = board(routed)
    (output,) = shown.charts[name].outputs
    drawn = output["data"][FIGURE]
    figure = getattr(traffic_figures, name)(routed.exchanges)
    assert drawn["layout"]["title"]["text"] == figure.layout.title.text
    assert [one["name"] for one in drawn["data"]] == [one.name for one in figure.data]
    for column in getattr(traffic_frames, name)(routed.exchanges).columns:
        assert f">{column}</th>" in shown.tables[name].value


def test_only_what_changed_is_drawn_again(routed: Running) -> None:
    """A chart that is looked at closely is not taken away each second."""
    routed.ask()
    shown = board(routed)
    before = {name: chart.outputs for name, chart in shown.charts.items()}
    shown.refresh()
    assert all(chart.outputs is before[name] for name, chart in shown.charts.items())
    routed.ask()
    shown.refresh()
    assert "2 requests" in shown.said.value
    assert all(chart.outputs is not before[name] for name, chart in shown.charts.items())


def test_the_board_looks_back_as_far_as_is_chosen() -> None:
    """Counted from the newest request."""
    shown = Board(lambda: [*TRAFFIC, numbered(ANSWERED, 1_000)])
    assert "1 requests" in shown.said.value
    shown.window.value = 0
    assert "6 requests" in shown.said.value
    shown.close()


def test_the_window_is_a_labelled_control(routed: Running) -> None:
    """One of the page's own, with a label that a screen reader says."""
    shown = board(routed)
    assert isinstance(shown.window, ipywidgets.Dropdown)
    assert shown.window.description
    shown.close()
