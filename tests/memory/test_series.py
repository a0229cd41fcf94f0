"""Samples over time: what is kept, for how long, and that it stays small."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labgateway.decisions.metric_families import Sample
from labgateway.memory import series as module
from labgateway.memory.metrics import Metrics
from labgateway.memory.series import FORGOTTEN_AT_ONCE, KEPT_S, SCRAPES, SeriesLog
from tests.decisions.exchanged import ANSWERED, REFUSED

START = 1_767_225_600.0


def sample(value: float, of: str = "a", name: str = "c_total") -> Sample:
    """A sample of one label."""
    return Sample(name, name, {"of": of}, value)


def scraped(values: Iterable[float]) -> SeriesLog:
    """A log of one series, scraped once a second."""
    log = SeriesLog(Metrics())
    for i, value in enumerate(values):
        log.add(START + i, [sample(value)])
    return log


@given(st.lists(st.integers(0, 3).map(float), min_size=1, max_size=40))
def test_every_scrape_comes_back(values: list[float]) -> None:
    """Though only changes are stored, each scrape has its time and value."""
    (found,) = scraped(values).select("c_total", {})

    assert list(found.values) == values
    assert list(found.times) == [START + i for i in range(len(values))]
    assert found.labels == {"of": "a"}


def test_a_series_that_is_left_out_stands_still() -> None:
    """The scraper brings only what moved."""
    log = scraped([1, 2])
    log.add(START + 2, [])

    (found,) = log.select("c_total", {})

    assert list(found.values) == [1, 2, 2]


def test_a_counter_that_comes_later_began_at_zero() -> None:
    """So that the first requests of a new label set show as an increase."""
    log = scraped([1, 1])
    log.add(START + 2, [sample(4, "b")])

    (found,) = log.select("c_total", {"of": "b"})

    assert list(found.values) == [0, 4]
    assert list(found.times) == [START + 1, START + 2]


def test_series_are_chosen_by_name_and_labels() -> None:
    """A label that a series does not have, or has otherwise, leaves it out."""
    log = SeriesLog(Metrics())
    log.add(START, [sample(1), sample(2, "b"), sample(3, name="d_total")])

    assert [one.labels["of"] for one in log.select("c_total", {})] == ["a", "b"]
    assert [one.labels["of"] for one in log.select("c_total", {"of": "b"})] == ["b"]
    assert log.select("c_total", {"other": "b"}) == []
    assert log.select("unheard_of", {}) == []


def test_ten_minutes_are_kept() -> None:
    """Older scrapes go, a minute of them at a time; values from before them stay known."""
    log = scraped([7] * 5 + [8] * 1995)

    (found,) = log.select("c_total", {})

    assert KEPT_S <= found.times[-1] - found.times[0] < KEPT_S + FORGOTTEN_AT_ONCE
    assert set(found.values) == {8}


def test_who_scrapes_often_keeps_less_time() -> None:
    """The number of scrapes is bounded too."""
    log = SeriesLog(Metrics())
    for i in range(5000):
        log.add(START + i / 100, [sample(i)])

    (found,) = log.select("c_total", {})

    assert len(found.times) < SCRAPES + FORGOTTEN_AT_ONCE
    assert found.values[-1] == 4999


def test_the_number_of_series_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Later ones are left out, and it is said; earlier ones go on."""
    monkeypatch.setattr(module, "SERIES", 10)
    metrics = Metrics()
    log = SeriesLog(metrics)
    assert log.notice is None
    log.add(START, [sample(1, str(i)) for i in range(20)])
    log.add(START + 1, [sample(2, str(i)) for i in range(20)])

    assert [one.values[-1] for one in log.select("c_total", {})] == [2] * 10
    assert metrics.losses.samples == 2 * 10
    assert log.notice
    assert log.notice.startswith("lab.series() has the first 10 series")


def test_the_number_of_points_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """When many series move at once, all of them keep less time."""
    monkeypatch.setattr(module, "POINTS", 10_000)
    log = SeriesLog(Metrics())
    for i in range(500):
        log.add(START + i, [sample(i, str(j)) for j in range(100)])

    found = log.select("c_total", {})

    assert len(found) == 100
    assert sum(len(one.times) for one in found) <= 10_000
    assert {one.values[-1] for one in found} == {499}


def test_a_clock_that_was_set_back_loses_nothing() -> None:
    """Times rise; what moved meanwhile comes with the next scrape that is later."""
    log = scraped([1])
    log.add(START - 5, [sample(2)])
    (found,) = log.select("c_total", {})
    assert list(found.values) == [1]

    metrics = Metrics()
    real = SeriesLog(metrics)
    real.add(9e9, [])
    metrics.record(ANSWERED)
    real.scrape()
    assert real.select("agentgateway_requests_total", {}) == []


def test_the_gateways_metrics_are_scraped() -> None:
    """A scrape brings what was recorded since the one before."""
    metrics = Metrics()
    log = SeriesLog(metrics)
    log.scrape()
    metrics.record(ANSWERED)
    log.scrape()
    metrics.record(replace(ANSWERED, trace_id="b" * 32))
    metrics.record(REFUSED)
    log.scrape()

    (found,) = log.select("agentgateway_requests_total", {"status": "200"})

    assert list(found.values) == [0, 1, 2]
    assert len(log.select("agentgateway_requests_total", {})) == 2
