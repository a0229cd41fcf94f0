"""Rates and quantiles by hand; ``tests/edges/test_prometheus.py`` asks a real Prometheus."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labgateway.decisions.rates import (
    TimeSeries,
    histogram_quantile,
    increase,
    increases,
    quantiles_by,
    rate,
    rates_by,
)

counts = st.lists(st.integers(0, 1000).map(float), min_size=2, max_size=50)
BUCKETS = [(0.1, 3.0), (0.5, 5.0), (1.0, 5.0), (2.5, 9.0), (math.inf, 10.0)]


def counter(*values: float, start: float = 0.0, **labels: str) -> TimeSeries:
    """A counter that is scraped once a second."""
    return TimeSeries("c", labels, [start + i for i in range(len(values))], values)


def test_a_steady_counter_grows_by_its_slope() -> None:
    """10 a second, whatever the window."""
    steady = counter(*range(100, 700, 10))

    for window_s in (2.5, 10, 30):
        assert rate(steady, 59, window_s) == pytest.approx(10)
        assert increase(steady, 59, window_s) == pytest.approx(10 * window_s)


def test_a_reset_counts_from_zero() -> None:
    """8, 9, then 1, 2: the counter began again, so it grew by 1 + 1 + 1 and not by -6."""
    assert increase(counter(8, 9, 1, 2), 3, 3) == 3


def test_edges_are_extrapolated_to_when_they_are_near() -> None:
    """Points 1 s apart stand for 1.1 s more at an edge, or half a second if it is further off."""
    series = TimeSeries("c", {}, [1.0, 2.0], [100.0, 110.0])

    assert increase(series, 2.5, 2.5) == pytest.approx(10 * (1.0 + 1 + 0.5))
    assert increase(series, 2.5, 3.0) == pytest.approx(10 * (0.5 + 1 + 0.5))


def test_a_counter_is_not_extrapolated_below_zero() -> None:
    """From 1 to 11 in a second, it was 0 a tenth of a second before."""
    assert increase(counter(1, 11, start=1), 2, 2) == pytest.approx(10 * 1.1)


@pytest.mark.parametrize("values", [(), (5.0,), (5.0, 6.0, 7.0)])
def test_fewer_than_two_points_have_no_rate(values: tuple[float, ...]) -> None:
    """None, which is not 0."""
    at, window_s = (0.0, 10.0) if len(values) < 2 else (2.0, 0.5)

    assert rate(counter(*values), at, window_s) is None


def test_a_counter_that_appears_with_a_value_has_not_grown() -> None:
    """Why Prometheus misses the first requests of a new label set."""
    assert increase(counter(4, 4, 4), 2, 2) == 0


@given(counts, st.floats(0.5, 100))
def test_nothing_decreases(values: list[float], window_s: float) -> None:
    """Whatever a counter did, it did not shrink, and a rate is an increase a second."""
    series = counter(*values)
    end = len(values) - 1

    grown = increase(series, end, window_s)

    assert grown is None or grown >= 0
    assert rate(series, end, window_s) == (None if grown is None else grown / window_s)


@given(counts)
def test_over_all_points_the_increase_is_the_sum_of_the_steps(values: list[float]) -> None:
    """With the window's edges on the outermost points nothing is extrapolated."""
    steps = [now - before if now >= before else now for before, now in pairwise(values)]

    assert increase(counter(*values), len(values) - 1, len(values) - 1) == pytest.approx(sum(steps))


@given(counts, st.floats(1, 20))
def test_many_moments_are_as_one_each(values: list[float], window_s: float) -> None:
    """The quick way over all moments gives what each moment gives."""
    series = counter(*values)
    ends = [i / 2 for i in range(2 * len(values))]

    assert increases(series, ends, window_s) == [increase(series, e, window_s) for e in ends]


def test_rates_are_added_up_by_label() -> None:
    """A series that has no points yet does not hide the others of its group."""
    series = [
        counter(0, 1, 2, 3, status="200", route="a"),
        counter(0, 2, 4, 6, status="200", route="b"),
        counter(0, 5, start=2, status="404", route="a"),
        TimeSeries("c", {"route": "c"}, [], []),
    ]

    found = rates_by(series, ("status",), (3.0,), 3)

    assert found == {
        ("200",): [pytest.approx(3)],
        ("404",): [pytest.approx(5 / 3)],
        ("",): [None],
    }
    assert rates_by(series, (), (3.0,), 3) == {(): [pytest.approx(3 + 5 / 3)]}


@pytest.mark.parametrize(
    ("q", "value"),
    [
        (0.3, 0.1),  # the third of ten is the last of the first bucket
        (0.15, 0.05),  # half way into it
        (0.4, 0.3),  # half way into the second
        (0.9, 2.5),
        (0.99, 2.5),  # in the last bucket: its lower bound
        (0.0, 0.0),
        (1.0, 2.5),
        (-0.1, -math.inf),
        (1.1, math.inf),
    ],
)
def test_quantiles_lie_on_a_line_through_the_bucket(q: float, value: float) -> None:
    """Ten observations: 3 up to 0.1, 2 up to 0.5, none up to 1, 4 up to 2.5, one above."""
    assert histogram_quantile(q, BUCKETS) == pytest.approx(value)


@pytest.mark.parametrize(
    "buckets",
    [
        pytest.param([], id="no buckets"),
        pytest.param([(math.inf, 5.0)], id="one bucket"),
        pytest.param([(1.0, 0.0), (math.inf, 0.0)], id="no observations"),
        pytest.param([(1.0, 5.0), (2.0, 5.0)], id="no last bucket"),
    ],
)
def test_without_observations_there_is_no_quantile(buckets: list[tuple[float, float]]) -> None:
    """NaN, as Prometheus has it."""
    assert math.isnan(histogram_quantile(0.5, buckets))
    assert math.isnan(histogram_quantile(math.nan, BUCKETS))


def test_a_first_bucket_below_zero_is_its_own_bound() -> None:
    """A line from 0 would run the wrong way."""
    assert histogram_quantile(0.1, [(-1.0, 5.0), (1.0, 9.0), (math.inf, 9.0)]) == -1


@given(
    st.lists(st.integers(0, 50), min_size=5, max_size=5).filter(any),
    st.floats(0.001, 1),
    st.floats(0.001, 1),
)
def test_a_higher_quantile_is_not_lower(counts: list[int], one: float, other: float) -> None:
    """Quantiles rise with q and stay within the buckets, whatever was counted."""
    reached = 0
    buckets = []
    for (bound, _), count in zip(BUCKETS, counts, strict=True):
        reached += count
        buckets.append((bound, float(reached)))
    low, high = sorted((one, other))

    assert 0 <= histogram_quantile(low, buckets) <= histogram_quantile(high, buckets) <= 2.5


def test_a_count_that_fell_is_raised_to_the_one_before() -> None:
    """Buckets that were scraped at different moments need not rise; equal bounds are added up."""
    fallen = [(0.1, 3.0), (0.5, 2.0), (math.inf, 10.0)]
    raised = [(0.1, 3.0), (0.5, 3.0), (math.inf, 10.0)]
    halves = [*((bound, n / 2) for bound, n in raised), *((bound, n / 2) for bound, n in raised)]

    assert histogram_quantile(0.2, fallen) == histogram_quantile(0.2, raised)
    assert histogram_quantile(0.2, halves) == histogram_quantile(0.2, raised)


def test_quantiles_over_time_are_of_what_came_in_the_window() -> None:
    """Each second brings one observation up to 0.1 s to route a; none comes to route b."""
    buckets = [
        counter(0, 1, 2, 3, route="a", le="0.1"),
        counter(0, 1, 2, 3, route="a", le="+Inf"),
        counter(7, 7, 7, 7, route="b", le="0.1"),
        counter(7, 7, 7, 7, route="b", le="+Inf"),
    ]

    found = quantiles_by(0.5, buckets, ("route",), (0.0, 3.0), 3)

    assert found == {("a",): [None, pytest.approx(0.05)], ("b",): [None, None]}
