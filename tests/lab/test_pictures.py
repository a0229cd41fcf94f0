"""Figures, tables and widgets are there in every process that has the lab."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from labgateway.lab.pictures import TABLES, Pictures
from labgateway.words.errors import LabError, LabNotRunning
from tests.conftest import BACKEND, ROUTE
from tests.lab.processes import LabProcess, ask

pytestmark = pytest.mark.slow  # real processes


@contextmanager
def two_requests(home: Path) -> Iterator[tuple[LabProcess, LabProcess]]:
    """The owner and one that attached to it, after two requests."""
    with LabProcess(home) as owner, LabProcess(home) as attached:
        assert owner.client.apply(f"{ROUTE}---{BACKEND}").count("created") == 2
        ask(owner.url)
        ask(attached.url, **{"x-simulate": "status=503"})
        yield owner, attached


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LabProcess, LabProcess]]:
    """Two processes for tests that only look."""
    with two_requests(tmp_path_factory.mktemp("pictures") / "home") as made:
        yield made


def both(pair: tuple[LabProcess, LabProcess], expression: str) -> Any:
    """The value of an expression, which is the same in both processes."""
    values = [one.evaluate(expression) for one in pair]
    assert values[0] == values[1]
    return values[0]


def test_traces_and_their_waterfall(pair: tuple[LabProcess, LabProcess]) -> None:
    """Newest first; without an id the last one is drawn."""
    ids = both(pair, "list(lab.traces()['trace_id'])")
    assert both(pair, "list(lab.traces(status='5xx')['trace_id'])") == ids[:1]
    assert both(pair, "lab.trace().layout.title.text") == f"Trace {ids[0]}"
    assert both(pair, f"lab.trace({ids[1]!r}).layout.title.text") == f"Trace {ids[1]}"
    assert "lab.traces()" in both(pair, "lab.trace('0' * 32).layout.annotations[0].text")


@pytest.mark.parametrize("name", TABLES)
def test_every_figure_has_a_table(pair: tuple[LabProcess, LabProcess], name: str) -> None:
    """Under the figure's own name."""
    figure = f"{{k: v for k, v in json.loads(lab.{name}().to_json()).items() if k == 'data'}}"
    assert "data" in both(pair, figure)
    rows = both(pair, f"json.loads(lab.table({name!r}).to_json(orient='records'))")
    assert bool(rows) is (name != "time_to_first_token")  # nothing was streamed


def test_an_unknown_table_names_the_known_ones() -> None:
    """A typing mistake costs one look."""
    with pytest.raises(LabError, match=r"there is no table 'tokens'; there are .*token_usage"):
        Pictures().table("tokens")


def test_requests_that_overlap_can_be_chosen(pair: tuple[LabProcess, LabProcess]) -> None:
    """By their trace ids, all else left out."""
    (last, _) = both(pair, "list(lab.traces()['trace_id'])")
    rows = both(pair, f"lab.overlap([{last!r}]).layout.yaxis.ticktext[0]")
    assert rows == f"{last[:8]} · 503"


def test_widgets_are_there(pair: tuple[LabProcess, LabProcess]) -> None:
    """In the process that asks, wherever the gateway runs."""
    assert both(pair, "len(lab.explore().picked.options)") == 2
    assert "2 requests" in both(pair, "lab.board().said.value")


def test_what_refreshes_itself_starts_no_lab_that_was_stopped() -> None:
    """A board left open must not bring the gateway back."""

    class Stopped(Pictures):
        _client = None

    for widget in (Stopped().explore, Stopped().board):
        with pytest.raises(LabNotRunning, match="stopped"):
            widget()


def test_figures_are_drawn_by_the_jupyterlab_that_is_there(
    pair: tuple[LabProcess, LabProcess],
) -> None:
    """Without a copy of plotly in the notebook and without its address on the network."""
    assert both(pair, "list(lab.latency()._repr_mimebundle_())") == [
        "application/vnd.plotly.v1+json"
    ]
    assert both(pair, "len(json.dumps(lab.latency()._repr_mimebundle_())) < 20_000")


def test_widgets_find_what_came_since(tmp_path: Path) -> None:
    """Asked again and again, what is known is not fetched again, what is new is."""
    widget = "(globals().setdefault('seen', lab.explore()))"
    refreshed = f"({widget}.refresh(), len({widget}.picked.options))[1]"
    with two_requests(tmp_path / "home") as pair:
        assert both(pair, f"len({widget}.picked.options)") == both(pair, refreshed) == 2
        ask(pair[0].url)
        assert both(pair, refreshed) == 3
