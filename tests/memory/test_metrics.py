"""Metrics in memory: what is counted, under bounded labels, with exemplars, from many threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.metadata import version

import pytest
from prometheus_client.core import Metric

from labgateway.decisions.chat import Usage
from labgateway.decisions.metric_families import FAMILIES, moved_by
from labgateway.memory.metrics import MODEL_PAIRS, Metrics
from tests.decisions.exchanged import ANSWERED, REFUSED, STREAMED

TOKENS = "agentgateway_gen_ai_client_token_usage"


def values(metrics: Metrics, name: str, **labels: str) -> list[float]:
    """The values of the samples with a name and these labels."""
    return [
        one.value
        for one in metrics.samples()
        if one.name == name and labels.items() <= one.labels.items()
    ]


def family(metrics: Metrics, name: str) -> Metric:
    """A family as Prometheus gets it."""
    return next(one for one in metrics.registry.collect() if one.name == name)


def test_requests_and_tokens_are_counted() -> None:
    """Two answers and a refusal: counts by status, tokens by type."""
    metrics = Metrics()
    for one in (ANSWERED, STREAMED, REFUSED):
        metrics.record(one)

    assert values(metrics, "agentgateway_requests_total", status="200") == [2]
    assert values(metrics, "agentgateway_requests_total", status="404") == [1]
    assert values(metrics, f"{TOKENS}_sum", gen_ai_token_type="input") == [24]
    assert values(metrics, f"{TOKENS}_count", gen_ai_token_type="output") == [2]
    assert values(metrics, "agentgateway_gen_ai_server_time_to_first_token_count") == [1]


def test_a_bucket_holds_its_own_bound_and_all_below() -> None:
    """1 and 4 tokens are at most 4, 5 tokens are not."""
    metrics = Metrics()
    for tokens in (1, 4, 5):
        metrics.record(replace(ANSWERED, usage=Usage(tokens)))

    reached = values(metrics, f"{TOKENS}_bucket", gen_ai_token_type="input")

    assert reached == [1, 2, *[3] * 13]


def test_families_have_the_names_and_units_of_openmetrics() -> None:
    """As they are declared, without a series for when they began."""
    metrics = Metrics()
    metrics.record(STREAMED)
    collected = list(metrics.registry.collect())

    assert [one.name for one in collected] == [
        one.name.removesuffix("_total").removesuffix("_info") for one in FAMILIES
    ]
    assert {one.unit for one in collected} == {"", "seconds", "bytes"}
    assert not [s.name for one in collected for s in one.samples if s.name.endswith("_created")]
    (build,) = family(metrics, "agentgateway_build").samples
    assert build.labels == {"tag": f"labgateway-{version('labgateway')}"}


def test_samples_are_what_is_exposed() -> None:
    """The lab's own view and Prometheus' have the same names, labels and numbers."""
    metrics = Metrics()
    for one in (ANSWERED, STREAMED, REFUSED):
        metrics.record(one)

    exposed = [
        (sample.name, sample.labels, sample.value)
        for one in metrics.registry.collect()
        for sample in one.samples
    ]

    assert sorted(map(str, exposed)) == sorted(
        str((one.name, dict(one.labels), one.value)) for one in metrics.samples()
    )


def test_exemplars_name_the_last_trace() -> None:
    """On counters, and on the bucket that an observation fell into."""
    metrics = Metrics()
    metrics.record(STREAMED)
    metrics.record(replace(STREAMED, trace_id="f" * 32))

    (requests,) = family(metrics, "agentgateway_requests").samples
    buckets = [
        one.exemplar
        for one in family(metrics, "agentgateway_request_duration_seconds").samples
        if one.exemplar is not None
    ]

    assert requests.exemplar is not None
    assert requests.exemplar.labels == {"trace_id": "f" * 32}
    assert [(one.labels["trace_id"], one.value) for one in buckets] == [("f" * 32, 0.842)]
    assert buckets[0].timestamp == pytest.approx(1767225601.092)


def test_a_trace_that_is_not_kept_is_no_exemplar() -> None:
    """A link to it would lead nowhere."""
    metrics = Metrics()
    metrics.record(replace(STREAMED, sampled=False))

    assert not [s for one in metrics.registry.collect() for s in one.samples if s.exemplar]


def test_a_client_cannot_make_up_series() -> None:
    """Ten thousand models, paths and methods later there are few series, and no request is lost."""
    metrics = Metrics()
    for i in range(10_000):
        metrics.record(
            replace(
                STREAMED,
                request_model=f"model-{i}",
                response_model=f"model-{i}-2026",
                path=f"/openai/{i}",
                host=f"h{i}",
                method=f"M{i}",
            )
        )

    assert len(values(metrics, f"{TOKENS}_count", gen_ai_token_type="input")) == MODEL_PAIRS + 1
    assert sum(values(metrics, f"{TOKENS}_count", gen_ai_token_type="input")) == 10_000
    (others,) = values(
        metrics, f"{TOKENS}_count", gen_ai_token_type="input", gen_ai_request_model="_other"
    )
    assert others == 10_000 - MODEL_PAIRS
    assert values(metrics, "agentgateway_requests_total", method="_OTHER") == [10_000]


def test_what_moved_is_said_as_it_was_counted() -> None:
    """Under the names that the models were given, which are _other when there are too many."""
    metrics = Metrics()
    metrics.record(ANSWERED)
    for i in range(MODEL_PAIRS):
        metrics.record(replace(ANSWERED, request_model=f"model-{i}"))
    late = replace(ANSWERED, request_model="late")

    assert metrics.moved(ANSWERED) == moved_by(ANSWERED)
    assert metrics.moved(late) == moved_by(late, ("_other", "_other"))
    before = {(one.name, tuple(one.labels.values())): one.value for one in metrics.samples()}
    metrics.record(late)
    after = {(one.name, tuple(one.labels.values())): one.value for one in metrics.samples()}
    for name, labels, amount in metrics.moved(late):
        key = (name if name.endswith("_total") else f"{name}_sum", labels)
        assert after[key] - before.get(key, 0) == pytest.approx(amount)


def test_asking_what_would_move_gives_no_name_away() -> None:
    """Only requests that were recorded take up one of the names."""
    metrics = Metrics()
    for i in range(MODEL_PAIRS + 1):
        metrics.moved(replace(ANSWERED, request_model=f"model-{i}"))
    metrics.record(ANSWERED)

    assert values(metrics, f"{TOKENS}_sum", gen_ai_request_model="gpt-4o-mini") == [12, 34, 5]


def test_half_a_surrogate_pair_is_replaced() -> None:
    """JSON lets a client write one; no exposition could hold it."""
    metrics = Metrics()
    metrics.record(replace(ANSWERED, request_model="a\ud800b"))

    assert values(metrics, f"{TOKENS}_sum", gen_ai_request_model="a?b") == [12, 34, 5]


def test_only_series_that_moved_are_read_again() -> None:
    """Traffic and build aside, which cost nothing."""
    metrics = Metrics()
    metrics.record(ANSWERED)
    seen = metrics.moves
    metrics.record(REFUSED)

    moved = metrics.samples(after=seen)

    assert {one.labels["status"] for one in moved if "status" in one.labels} == {"404"}
    assert not [one for one in moved if one.family == TOKENS]


def test_threads_lose_nothing() -> None:
    """Four threads record while another reads."""
    metrics = Metrics()

    def record(_: int) -> None:
        for _ in range(500):
            metrics.record(STREAMED)
            metrics.samples()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(record, range(4)))

    assert values(metrics, "agentgateway_requests_total") == [2000]
    assert values(metrics, f"{TOKENS}_sum", gen_ai_token_type="input") == [24_000]


def test_two_labs_count_apart() -> None:
    """Nothing is global."""
    one, other = Metrics(), Metrics()
    one.record(ANSWERED)

    assert values(other, "agentgateway_requests_total") == []
