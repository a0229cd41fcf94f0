"""Metrics in memory: a Prometheus collector over the families, in a registry of the lab's own."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version

from prometheus_client import CollectorRegistry
from prometheus_client.core import Exemplar, Metric

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.listeners import Bind
from labgateway.decisions.metric_families import (
    BUILD,
    CONNECTIONS,
    FAMILIES,
    LOST_SAMPLES,
    LOST_SPANS,
    RECEIVED_BYTES,
    SENT_BYTES,
    UNKNOWN,
    Family,
    Moved,
    Sample,
    models_of,
    moved_by,
)

MODEL_PAIRS = 100  # distinct (model sent, model that answered); a client can make up any number
OTHER_MODELS = ("_other", "_other")


@dataclass
class Traffic:
    """What went over a port's connections; only the thread that serves the port adds to it."""

    connections: int = 0
    received_bytes: int = 0
    sent_bytes: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Losses:
    """What telemetry itself did not keep; each number has one thread or lock that adds to it.

    ``samples``: the lab's own scraper had no room for their series.
    """

    spans_without_room: int = 0
    spans_undelivered: int = 0
    samples: int = 0


class _Counter:
    """One series of a counter."""

    def __init__(self, family: Family, labels: tuple[str, ...]) -> None:
        names = dict(zip(family.labels, labels, strict=True))
        self._keys = [(family.name, family.name, names)]
        self._total: float = 0
        self._exemplar: Exemplar | None = None
        self.moved_at = 0

    def add(self, amount: float, exemplar: tuple[dict[str, str], float] | None) -> None:
        self._total += amount
        if exemplar is not None:
            self._exemplar = Exemplar(exemplar[0], amount, exemplar[1])

    def samples(self) -> Iterator[tuple[Sample, Exemplar | None]]:
        yield Sample(*self._keys[0], self._total), self._exemplar


class _Histogram:
    """One series of a histogram: what its samples say, in the order of the exposition."""

    def __init__(self, family: Family, labels: tuple[str, ...]) -> None:
        names = dict(zip(family.labels, labels, strict=True))
        bounds = [*map(str, family.buckets), "+Inf"]
        self._bounds = family.buckets
        self._keys = [
            (family.name, f"{family.name}_sum", names),
            (family.name, f"{family.name}_count", names),
            *((family.name, f"{family.name}_bucket", {**names, "le": le}) for le in bounds),
        ]
        self._sum = 0.0
        self._counts = [0] * len(bounds)
        self._exemplars: list[Exemplar | None] = [None] * len(bounds)
        self.moved_at = 0

    def add(self, amount: float, exemplar: tuple[dict[str, str], float] | None) -> None:
        bucket = bisect_left(self._bounds, amount)
        self._counts[bucket] += 1
        self._sum += amount
        if exemplar is not None:
            self._exemplars[bucket] = Exemplar(exemplar[0], amount, exemplar[1])

    def samples(self) -> Iterator[tuple[Sample, Exemplar | None]]:
        total, count, *buckets = self._keys
        yield Sample(*total, self._sum), None
        yield Sample(*count, sum(self._counts)), None
        reached = 0
        for key, here, exemplar in zip(buckets, self._counts, self._exemplars, strict=True):
            reached += here
            yield Sample(*key, reached), exemplar


_SERIES: dict[str, type[_Counter | _Histogram]] = {"counter": _Counter, "histogram": _Histogram}


class Metrics:
    """Counts exchanges. ``registry`` is what Prometheus scrapes.

    Label values come from resources and fixed lists; of models, which clients name, the first
    ``MODEL_PAIRS`` pairs keep their names and all later ones are counted as ``_other``.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(self)
        self.losses = Losses()
        self._lock = threading.Lock()
        self._families = {one.name: one for one in FAMILIES}
        self._series: dict[str, dict[tuple[str, ...], _Counter | _Histogram]] = {
            name: {} for name in self._families
        }
        self._models: dict[tuple[str, str], tuple[str, str]] = {}
        self._moves = 0
        self._traffic: dict[Bind, Traffic] = {}
        self._build = {"tag": f"labgateway-{version('labgateway')}"}

    def traffic(self, bind: Bind) -> Traffic:
        """Where the connections of a port are counted."""
        with self._lock:
            known = self._traffic.get(bind)
            if known is None:
                key, port = bind
                gateway = f"{key.namespace}/{key.name}"
                # A listener is chosen by a request's Host; a connection has none yet.
                labels = (f"{port}/{gateway}", gateway, UNKNOWN, "http")
                names = self._families[CONNECTIONS].labels
                known = self._traffic[bind] = Traffic(labels=dict(zip(names, labels, strict=True)))
            return known

    @property
    def moves(self) -> int:
        """How many exchanges were recorded; ``samples(after=…)`` takes it."""
        return self._moves

    def record(self, exchange: Exchange) -> None:
        """Count one exchange."""
        exemplar = None
        if exchange.sampled:
            exemplar = {"trace_id": exchange.trace_id}, exchange.started + exchange.duration_s
        with self._lock:
            self._moves += 1
            asked = models_of(exchange)
            models = self._models.get(asked) or self._name(asked)
            for name, labels, amount in moved_by(exchange, models):
                series = self._series[name].get(labels) or self._begin(name, labels)
                series.add(amount, exemplar)
                series.moved_at = self._moves

    def moved(self, exchange: Exchange) -> tuple[Moved, ...]:
        """What ``record`` moved for an exchange, under the labels that it was counted under."""
        with self._lock:
            return moved_by(exchange, self._named(models_of(exchange)))

    def samples(self, after: int = 0) -> list[Sample]:
        """All numbers, or those that moved after so many ``moves`` (and those of no request)."""
        with self._lock:
            moved = [
                sample
                for series in self._all_series()
                if series.moved_at > after
                for sample, _ in series.samples()
            ]
        return [Sample(BUILD, BUILD, self._build, 1), *moved, *self._own_samples()]

    def collect(self) -> Iterator[Metric]:
        """The families as prometheus_client has them, with exemplars."""
        with self._lock:
            found = {
                name: [pair for one in series.values() for pair in one.samples()]
                for name, series in self._series.items()
            }
        for sample in (Sample(BUILD, BUILD, self._build, 1), *self._own_samples()):
            found[sample.family].append((sample, None))
        for name, pairs in found.items():
            yield _metric(self._families[name], pairs)

    def describe(self) -> list[Metric]:
        """The families without numbers: prometheus_client looks for names that clash."""
        return [_metric(one, []) for one in FAMILIES]

    def _all_series(self) -> Iterator[_Counter | _Histogram]:
        for series in self._series.values():
            yield from series.values()

    def _begin(self, name: str, labels: tuple[str, ...]) -> _Counter | _Histogram:
        family = self._families[name]
        series = self._series[name][labels] = _SERIES[family.kind](family, labels)
        return series

    def _name(self, asked: tuple[str, str]) -> tuple[str, str]:
        """Give a pair of models its names. Pairs that came too late are not remembered."""
        models = self._named(asked)
        if len(self._models) < MODEL_PAIRS:
            self._models[asked] = models
        return models

    def _named(self, asked: tuple[str, str]) -> tuple[str, str]:
        known = self._models.get(asked)
        if known is not None:
            return known
        return OTHER_MODELS if len(self._models) >= MODEL_PAIRS else _printable(asked)

    def _own_samples(self) -> list[Sample]:
        losses = self.losses
        return [
            *(
                Sample(family, family, one.labels, amount)
                for one in list(self._traffic.values())
                for family, amount in (
                    (CONNECTIONS, one.connections),
                    (RECEIVED_BYTES, one.received_bytes),
                    (SENT_BYTES, one.sent_bytes),
                )
            ),
            Sample(LOST_SPANS, LOST_SPANS, {"reason": "queue_full"}, losses.spans_without_room),
            Sample(LOST_SPANS, LOST_SPANS, {"reason": "undelivered"}, losses.spans_undelivered),
            Sample(LOST_SAMPLES, LOST_SAMPLES, {}, losses.samples),
        ]


def _printable(models: tuple[str, str]) -> tuple[str, str]:
    """JSON lets a client write half of a surrogate pair, which no exposition can hold."""
    sent, answered = (one.encode("utf-8", "replace").decode() for one in models)
    return sent, answered


def _metric(family: Family, pairs: list[tuple[Sample, Exemplar | None]]) -> Metric:
    name = family.name.removesuffix("_total").removesuffix("_info")
    metric = Metric(name, family.help, family.kind, family.unit)
    for sample, exemplar in pairs:
        metric.add_sample(sample.name, dict(sample.labels), sample.value, exemplar=exemplar)
    return metric
