"""The explorer and the board, driven as a learner's clicks and keys drive them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.spans import Span, spans_of
from labgateway.lab import live
from labgateway.lab.board import PANELS, Board
from labgateway.lab.explorer import Explorer
from labgateway.words.errors import LabNotRunning
from tests.lab.traffic import ANSWERED, REFUSED, SPOKEN, TRAFFIC, numbered

PLOTLY = "application/vnd.plotly.v1+json"


class Traffic:
    """Requests that grow, as the gateway's do."""

    def __init__(self) -> None:
        self.exchanges = list(TRAFFIC)
        self.stopped = False

    def recent(self) -> list[Exchange]:
        """All requests, oldest first."""
        if self.stopped:
            raise LabNotRunning("the gateway has stopped")
        return list(self.exchanges)

    def spans(self, trace_id: str) -> list[Span]:
        """Those of a trace."""
        return [s for one in self.exchanges if one.trace_id == trace_id for s in spans_of(one)]

    def add(self, exchange: Exchange) -> Exchange:
        """One more request."""
        self.exchanges.append(numbered(exchange, len(self.exchanges)))
        return self.exchanges[-1]


@pytest.fixture
def traffic() -> Traffic:
    """Five requests."""
    return Traffic()


@pytest.fixture
def explorer(traffic: Traffic) -> Iterator[Explorer]:
    """An explorer on them."""
    made = Explorer(traffic.recent, traffic.spans)
    yield made
    made.close()


def figure(output: Any) -> dict[str, Any]:
    """The figure in an output area."""
    (shown,) = output.outputs
    drawn: dict[str, Any] = shown["data"][PLOTLY]
    assert json.dumps(drawn)
    return drawn


def test_the_newest_request_is_listed_first_and_shown(explorer: Explorer, traffic: Traffic) -> None:
    """With its waterfall, and a sentence where its prompt was not kept."""
    newest = traffic.exchanges[-1]
    assert explorer.picked.value == newest.span_id
    assert [value for _line, value in explorer.picked.options] == [
        one.span_id for one in reversed(traffic.exchanges)
    ]
    assert newest.trace_id in figure(explorer.figure)["layout"]["title"]["text"]
    assert "lab.log_bodies(True)" in explorer.payload.value
    assert "gen_ai.request.model" in explorer.attributes.value


def test_filters_narrow_the_list_as_the_plain_function_does(explorer: Explorer) -> None:
    """The list and ``frame`` say the same."""
    explorer.status.value = "4xx"
    assert len(explorer.picked.options) == len(explorer.frame) == 1
    assert "route not found" in explorer.picked.options[0][0]
    assert "1 of 5 requests" in explorer.said.value
    explorer.status.value = "any"
    explorer.text.value = "hélène"
    assert len(explorer.picked.options) == 1
    assert "Hélène &lt;b&gt;" in explorer.payload.value
    explorer.text.value = "nobody said this"
    assert (explorer.picked.options, explorer.figure.outputs) == ((), ())
    explorer.text.value = ""
    explorer.least_s.value = 0.05
    assert len(explorer.picked.options) == 4


def test_what_is_picked_stays_picked_while_requests_come(
    explorer: Explorer, traffic: Traffic
) -> None:
    """A reader is not moved on."""
    explorer.picked.value = traffic.exchanges[1].span_id
    traffic.add(ANSWERED)
    explorer.refresh()
    assert len(explorer.picked.options) == 6
    assert explorer.picked.value == traffic.exchanges[1].span_id
    assert traffic.exchanges[1].trace_id in figure(explorer.figure)["layout"]["title"]["text"]


def test_a_choice_stays_offered_when_nothing_has_it(explorer: Explorer, traffic: Traffic) -> None:
    """Models and routes are those of the requests that are known."""
    explorer.model.value = "gpt-4o-mini"
    traffic.exchanges = [numbered(REFUSED, 7)]
    explorer.refresh()
    assert explorer.model.value == "gpt-4o-mini"
    assert "gpt-4o-mini" in explorer.model.options
    assert explorer.picked.options == ()


def test_every_control_has_a_label(explorer: Explorer) -> None:
    """So that a screen reader says what it is."""
    controls = (explorer.status, explorer.model, explorer.route, explorer.least_s, explorer.text)
    assert all(one.description for one in (*controls, explorer.picked))


def test_the_board_draws_each_panel_with_its_table(traffic: Traffic) -> None:
    """And again when something has changed."""
    board = Board(traffic.recent)
    assert set(board.charts) == {name for name, _figure, _table in PANELS}
    for name in board.charts:
        assert figure(board.charts[name])["layout"]["title"]["text"]
        assert "<table" in board.tables[name].value
    assert "5 requests" in board.said.value
    before = board.charts["token_usage"].outputs
    board.refresh()
    assert board.charts["token_usage"].outputs is before
    traffic.add(SPOKEN)
    board.refresh()
    assert "6 requests" in board.said.value
    board.close()


def test_the_board_looks_back_as_far_as_is_chosen(traffic: Traffic) -> None:
    """Counted from the newest request."""
    traffic.exchanges.append(numbered(ANSWERED, 1_000))
    board = Board(traffic.recent)
    assert "1 requests" in board.said.value
    board.window.value = 0
    assert "6 requests" in board.said.value
    board.close()


def test_without_requests_both_say_what_to_do() -> None:
    """A learner may open them first."""
    explorer = Explorer(list, lambda _id: [])
    assert "0 of 0 requests" in explorer.said.value
    board = Board(list)
    assert "No requests yet" in json.dumps(figure(board.charts["latency"]))
    explorer.close()
    board.close()


def test_widgets_follow_the_traffic_until_they_are_closed(
    traffic: Traffic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the kernel's own loop; a gateway that has stopped ends it quietly."""
    monkeypatch.setattr(live, "PERIOD_S", 0.01)

    async def look() -> None:
        explorer = Explorer(traffic.recent, traffic.spans)
        counted = asyncio.Event()
        explorer.said.observe(lambda _change: counted.set(), "value")
        traffic.add(ANSWERED)
        await asyncio.wait_for(counted.wait(), 10)
        assert "6 of 6 requests" in explorer.said.value
        task = explorer.live._task
        assert task is not None
        traffic.stopped = True
        await asyncio.wait_for(task, 10)
        explorer.close()

    asyncio.run(look())
