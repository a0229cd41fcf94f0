"""Which samples of a scrape a request moves: a histogram has several for one observation."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from labgateway.decisions.metric_families import FAMILIES, Moved, Sample

_FAMILIES = {one.name: one for one in FAMILIES}


def samples_moved(moved: Iterable[Moved]) -> tuple[Sample, ...]:
    """Each sample that moves; ``value`` is by how much.

    A histogram's ``_sum`` moves by what was observed; its ``_count`` and every ``_bucket`` whose
    bound ``le`` was not exceeded by 1. What was observed may be 0: then the sum stays.
    """
    return tuple(sample for one in moved for sample in _samples(one) if sample.value)


def _samples(moved: Moved) -> list[Sample]:
    family = _FAMILIES[moved.family]
    labels = dict(zip(family.labels, moved.labels, strict=True))
    if family.kind != "histogram":
        return [Sample(family.name, family.name, labels, moved.amount)]
    bounds = [*map(str, family.buckets), "+Inf"][bisect_left(family.buckets, moved.amount) :]
    return [
        Sample(family.name, f"{family.name}_sum", labels, moved.amount),
        Sample(family.name, f"{family.name}_count", labels, 1),
        *(Sample(family.name, f"{family.name}_bucket", {**labels, "le": le}, 1) for le in bounds),
    ]
