"""What Prometheus' ``rate``, ``increase`` and ``histogram_quantile`` make of counters over time.

Source: Prometheus v2.42, promql/functions.go (``extrapolatedRate``) and promql/quantile.go.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

Labels = tuple[str, ...]
Values = list[float | None]

# A window's edge is extrapolated to when it is at most this many scrape intervals away.
_NEAR_INTERVALS = 1.1


@dataclass(frozen=True)
class TimeSeries:
    """One series: Unix times in seconds, rising, and the value that was scraped at each."""

    name: str
    labels: Mapping[str, str]
    times: Sequence[float]
    values: Sequence[float]


def increase(series: TimeSeries, at: float, window_s: float) -> float | None:
    """How much a counter grew in the window that ends at a time; None of fewer than two points.

    As in Prometheus, a fall is a reset, and what lies between the window's edges and its outermost
    points is extrapolated; so the increase of whole numbers need not be one.
    """
    return increases(series, (at,), window_s)[0]


def rate(series: TimeSeries, at: float, window_s: float) -> float | None:
    """How fast a counter grew in the window that ends at a time, per second."""
    grown = increase(series, at, window_s)
    return None if grown is None else grown / window_s


def increases(series: TimeSeries, ends: Iterable[float], window_s: float) -> Values:
    """``increase`` at many times."""
    grown = _without_resets(series.values)
    return [_increase(series, grown, end, window_s) for end in ends]


def rates_by(
    series: Iterable[TimeSeries], by: Sequence[str], ends: Sequence[float], window_s: float
) -> dict[Labels, Values]:
    """``sum by (…) (rate(…))`` at each time; a label that a series lacks is the empty string."""
    found: dict[Labels, Values] = {}
    for one in series:
        rates = [
            None if grown is None else grown / window_s for grown in increases(one, ends, window_s)
        ]
        group = tuple(one.labels.get(name, "") for name in by)
        found[group] = [*map(_plus, found[group], rates)] if group in found else rates
    return found


def quantiles_by(
    q: float,
    buckets: Iterable[TimeSeries],
    by: Sequence[str],
    ends: Sequence[float],
    window_s: float,
) -> dict[Labels, Values]:
    """``histogram_quantile(q, sum by (le, …) (rate(…_bucket)))`` at each time; None is NaN."""
    groups: dict[Labels, list[tuple[float, Values]]] = {}
    for (*group, le), rates in rates_by(buckets, (*by, "le"), ends, window_s).items():
        groups.setdefault(tuple(group), []).append((float(le), rates))
    return {group: _quantiles(q, columns, len(ends)) for group, columns in groups.items()}


def histogram_quantile(q: float, buckets: Iterable[tuple[float, float]]) -> float:
    """The value below which a share of the observations lies, a straight line in each bucket.

    ``buckets`` are (upper bound, how many at most so large), with +Inf. NaN without observations.
    A quantile in the last bucket is the highest finite bound.
    """
    bounds, counts = _monotonic(buckets)
    if math.isnan(q) or len(bounds) < 2 or bounds[-1] != math.inf or not counts[-1]:
        return math.nan
    if not 0 <= q <= 1:
        return -math.inf if q < 0 else math.inf
    rank = q * counts[-1]
    bucket = bisect_left(counts, rank, hi=len(counts) - 1)
    if bucket == len(bounds) - 1:
        return bounds[-2]
    if bucket == 0 and bounds[0] <= 0:
        return bounds[0]
    start, below = (bounds[bucket - 1], counts[bucket - 1]) if bucket else (0.0, 0.0)
    inside = counts[bucket] - below
    return start + (bounds[bucket] - start) * ((rank - below) / inside) if inside else math.nan


def _quantiles(q: float, columns: list[tuple[float, Values]], count: int) -> Values:
    found: Values = []
    for i in range(count):
        buckets = [(le, rates[i]) for le, rates in columns]
        quantile = histogram_quantile(q, [(le, n) for le, n in buckets if n is not None])
        found.append(None if math.isnan(quantile) else quantile)
    return found


def _monotonic(buckets: Iterable[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """By bound, equal bounds added up; a count below the one before it is raised to that one."""
    summed: dict[float, float] = {}
    for bound, count in buckets:
        summed[bound] = summed.get(bound, 0.0) + count
    bounds = sorted(summed)
    counts: Callable[[float], float] = summed.__getitem__
    return bounds, [*accumulate(map(counts, bounds), max)]


def _without_resets(values: Sequence[float]) -> list[float]:
    """The values as they would be had the counter never begun again at 0."""
    lost = [0.0, *(before if now < before else 0.0 for before, now in pairwise(values))]
    return [value + sum_ for value, sum_ in zip(values, accumulate(lost), strict=False)]


def _increase(
    series: TimeSeries, grown: Sequence[float], end: float, window_s: float
) -> float | None:
    times = series.times
    start = end - window_s
    first, last = bisect_left(times, start), bisect_right(times, end) - 1
    if last <= first:
        return None
    result = grown[last] - grown[first]
    sampled_s = times[last] - times[first]
    interval_s = sampled_s / (last - first)
    before_s, after_s = times[first] - start, end - times[last]
    if result > 0 <= series.values[first]:
        # A counter is never below 0, so it cannot have grown for longer than from there.
        before_s = min(before_s, sampled_s * series.values[first] / result)
    covered_s = sampled_s + _edge(before_s, interval_s) + _edge(after_s, interval_s)
    return result * covered_s / sampled_s


def _edge(distance_s: float, interval_s: float) -> float:
    return distance_s if distance_s < interval_s * _NEAR_INTERVALS else interval_s / 2


def _plus(one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return other if one is None else one
    return one + other
