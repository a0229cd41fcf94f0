"""Which samples of a scrape a request moves, compared with the metrics themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labgateway.decisions.chat import Usage
from labgateway.decisions.exchange import Exchange
from labgateway.decisions.metric_families import TOKEN_USAGE, Moved, Sample, moved_by
from labgateway.decisions.moved_samples import samples_moved
from labgateway.memory.metrics import Metrics
from tests.decisions.exchanged import ANSWERED, REFUSED, STREAMED

Numbers = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def numbers(samples: list[Sample] | tuple[Sample, ...]) -> Numbers:
    """Values by name and labels."""
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for one in samples}


@pytest.mark.parametrize(
    "exchange",
    [REFUSED, ANSWERED, STREAMED, replace(ANSWERED, usage=Usage(64, 0, 0), response_bytes=0)],
)
def test_these_samples_and_no_others_move(exchange: Exchange) -> None:
    """The difference between two scrapes, with one request between them."""
    metrics = Metrics()
    metrics.record(replace(exchange, ended_ns=3_000_000))
    before = numbers(metrics.samples())

    metrics.record(exchange)

    after = numbers(metrics.samples())
    moved = {key: value - before.get(key, 0) for key, value in after.items()}
    expected = numbers(samples_moved(moved_by(exchange)))
    assert {key for key, by in moved.items() if by} == set(expected)
    assert moved == pytest.approx({**dict.fromkeys(moved, 0), **expected})


def test_a_value_on_a_bound_is_in_its_bucket() -> None:
    """``le`` is "less or equal"."""
    labels = ("input", *"123456789")
    bounds = [
        one.labels["le"]
        for one in samples_moved([Moved(TOKEN_USAGE, labels, 4**13)])
        if "le" in one.labels
    ]
    assert bounds == ["67108864.0", "+Inf"]
