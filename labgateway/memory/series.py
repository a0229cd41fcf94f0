"""Samples over time: the last ten minutes of every series, as Prometheus would scrape them."""

from __future__ import annotations

import threading
import time
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from labgateway.decisions.metric_families import Sample
from labgateway.decisions.rates import TimeSeries
from labgateway.memory.metrics import Metrics

KEPT_S = 600.0
SCRAPES = 1200  # in ten minutes: one a second, and whoever looks in between
SERIES = 12_000  # what 100 models on one route come to, and some
POINTS = 1_000_000  # of all series together, 16 bytes each
FORGOTTEN_AT_ONCE = 60  # scrapes; to look through all series takes milliseconds


def _doubles() -> array[float]:
    return array("d")


@dataclass
class _Kept:
    """One series; a point only where the value changed."""

    labels: Mapping[str, str]
    times: array[float] = field(default_factory=_doubles)
    values: array[float] = field(default_factory=_doubles)

    def add(self, at: float, value: float) -> bool:
        """Whether it was a change."""
        if self.values and self.values[-1] == value:
            return False
        self.times.append(at)
        self.values.append(value)
        return True

    def forget(self, before: float) -> None:
        """Drop points that were already replaced by others then."""
        replaced = bisect_right(self.times, before) - 1
        if replaced > 0:
            del self.times[:replaced]
            del self.values[:replaced]

    def at(self, scrapes: array[float]) -> tuple[list[float], list[float]]:
        """The value at each scrape since the series began."""
        since = bisect_left(scrapes, self.times[0])
        times = scrapes[since:].tolist()
        values: list[float] = []
        ends = [*(bisect_left(times, one) for one in self.times[1:]), len(times)]
        for value, end in zip(self.values, ends, strict=True):
            values += [value] * (end - len(values))
        return times, values


class SeriesLog:
    """Scrapes metrics into series of bounded number and length.

    A series that was not there at an earlier scrape gets a first point of 0 at the last one: a
    counter begins at 0 (Prometheus does so where it is given the time of creation). Samples of
    more series than are kept are counted in the metrics' ``losses``.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._lock = threading.Lock()
        self._scrapes = _doubles()
        self._names: dict[str, dict[tuple[str, ...], _Kept]] = {}
        self._series = 0
        self._points = 0
        self._seen_moves = 0

    @property
    def notice(self) -> str | None:
        """What is wrong, as a sentence; None when nothing is."""
        if not self._metrics.losses.samples:
            return None
        return (
            f"lab.series() has the first {SERIES} series and none of the later ones; /metrics has"
            " all, with their values now"
        )

    def scrape(self) -> None:
        """Add the metrics as they are now."""
        with self._lock:
            moves, now = self._metrics.moves, time.time()
            if self._in_order(now):
                self._add(now, self._metrics.samples(after=self._seen_moves))
                self._seen_moves = moves

    def add(self, at: float, samples: Iterable[Sample]) -> None:
        """Add samples of a Unix time; those of series that stand still may be missing."""
        with self._lock:
            if self._in_order(at):
                self._add(at, samples)

    def select(self, name: str, labels: Mapping[str, str]) -> list[TimeSeries]:
        """The series of a sample name with these labels (at least), one point a scrape."""
        with self._lock:
            return [
                TimeSeries(name, kept.labels, *kept.at(self._scrapes))
                for kept in self._names.get(name, {}).values()
                if labels.items() <= kept.labels.items()
            ]

    def _in_order(self, at: float) -> bool:
        """Whether times rise; a clock that was set back waits until it is where it was."""
        return not self._scrapes or at > self._scrapes[-1]

    def _add(self, at: float, samples: Iterable[Sample]) -> None:
        for _, name, labels, value in samples:
            kept = self._names.setdefault(name, {}).get(tuple(labels.values()))
            kept = kept or self._begin(name, labels)
            if kept is not None:
                self._points += kept.add(at, value)
        self._scrapes.append(at)
        old = max(bisect_left(self._scrapes, at - KEPT_S), len(self._scrapes) - SCRAPES)
        if old >= FORGOTTEN_AT_ONCE or self._points > POINTS:
            self._forget(max(old, FORGOTTEN_AT_ONCE))

    def _begin(self, name: str, labels: Mapping[str, str]) -> _Kept | None:
        if self._series >= SERIES:
            self._metrics.losses.samples += 1
            return None
        self._series += 1
        kept = self._names[name][tuple(labels.values())] = _Kept(labels)
        if self._scrapes:
            self._points += kept.add(self._scrapes[-1], 0.0)
        return kept

    def _forget(self, scrapes: int) -> None:
        del self._scrapes[: min(scrapes, len(self._scrapes) - 1)]
        for series in self._names.values():
            for kept in series.values():
                kept.forget(self._scrapes[0])
        self._points = sum(
            len(kept.times) for series in self._names.values() for kept in series.values()
        )
