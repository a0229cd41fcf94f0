"""A real Prometheus reads the gateway's metrics."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from labgateway.decisions.rates import TimeSeries, increase, quantiles_by, rate
from tests.conftest import Running
from tests.prometheus import (
    NEEDS_PROMETHEUS,
    Prometheus,
    prometheus_in,
    scraped,
    with_variables,
)

pytestmark = [pytest.mark.slow, NEEDS_PROMETHEUS]

PUBLISHED = Path(__file__).parents[1] / "data" / "agentgateway_dashboard.txt"
QUERIES = [one for one in PUBLISHED.read_text().splitlines() if not one.startswith("#")]
START = 1_750_000_000.0


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Prometheus]]:
    """A gateway and the Prometheus that has scraped it."""
    with scraped(tmp_path_factory.mktemp("scraped")) as both:
        yield both


@pytest.mark.parametrize("query", QUERIES)
def test_the_dashboard_of_agentgateway_has_data(
    pair: tuple[Running, Prometheus], query: str
) -> None:
    """Every query of its rows Requests, LLM (cost aside) and Latency answers with numbers."""
    found = pair[1].query(with_variables(query))

    assert found
    known = [one for one in found if not math.isnan(float(one["value"][1]))]
    assert known, found


def test_prometheus_counts_what_the_gateway_remembers(pair: tuple[Running, Prometheus]) -> None:
    """Requests by status and tokens by type are the exchanges', to the token."""
    gateway, prometheus = pair
    by_status = prometheus.query("sum by (status) (agentgateway_requests_total)")
    tokens = prometheus.query(
        "sum by (gen_ai_token_type) (agentgateway_gen_ai_client_token_usage_sum)"
    )

    statuses = [one.status for one in gateway.exchanges]
    assert {one["metric"]["status"]: float(one["value"][1]) for one in by_status} == {
        "200": statuses.count(200),
        "404": statuses.count(404),
    }
    used = {one["metric"]["gen_ai_token_type"]: float(one["value"][1]) for one in tokens}
    assert used["input"] == sum(one.usage.input_tokens or 0 for one in gateway.exchanges)
    assert used["output"] == sum(one.usage.output_tokens or 0 for one in gateway.exchanges)


@pytest.mark.parametrize(
    "series",
    [
        "agentgateway_requests_total",
        "agentgateway_request_duration_seconds_bucket",
        "agentgateway_gen_ai_client_token_usage_bucket",
    ],
)
def test_exemplars_lead_from_a_metric_to_a_trace(
    pair: tuple[Running, Prometheus], series: str
) -> None:
    """Prometheus keeps exemplars whose trace ids are those of recorded requests."""
    gateway, prometheus = pair
    found = {
        exemplar["labels"]["trace_id"]
        for one in prometheus.exemplars(series)
        for exemplar in one["exemplars"]
    }

    assert found
    assert found <= {one.trace_id for one in gateway.exchanges}


def test_prometheus_asks_for_openmetrics_and_finds_no_fault(
    pair: tuple[Running, Prometheus],
) -> None:
    """Its own target page says that the last scrape went well."""
    (target,) = pair[1].targets()

    assert (target["health"], target["lastError"]) == ("up", "")


# Counters as scraped once a second: steady, with resets, with pauses, from 0, with a gap.
COUNTERS = {
    "steady": [float(10 * i) for i in range(60)],
    "reset": [float(i % 17) for i in range(60)],
    "paused": [float(i // 20 * 7) for i in range(60)],
    "fraction": [0.1 * i * i for i in range(60)],
    "from_zero": [0.0] * 30 + [float(i) for i in range(30)],
    "to_zero": [5.0, 0.0] * 30,
}
BUCKETS = {"0.1": 3.0, "0.5": 5.0, "1.0": 5.0, "2.5": 9.0, "+Inf": 10.0}
# Off the whole seconds, so that it does not matter whether a window holds its left edge.
MOMENTS = (START + 20.5, START + 33.25, START + 59.75, START + 63.5)
WINDOWS_S = (5, 17, 30)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that holds the series above."""
    directory = tmp_path_factory.mktemp("history")
    lines = ["# TYPE c counter"]
    for name, values in COUNTERS.items():
        lines += [f'c_total{{of="{name}"}} {v} {START + i}' for i, v in enumerate(values)]
    lines.append("# TYPE h histogram")
    for i in range(60):
        at = START + i
        lines += [f'h_bucket{{le="{le}"}} {n * i} {at}' for le, n in BUCKETS.items()]
        lines += [f"h_count {10.0 * i} {at}", f"h_sum {12.5 * i} {at}"]
    text = directory / "history.om"
    text.write_text("\n".join([*lines, "# EOF", ""]))
    subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", text, directory / "data"],
        check=True,
        capture_output=True,
    )
    with prometheus_in(directory) as one:
        yield one


@pytest.mark.parametrize("name", COUNTERS)
@pytest.mark.parametrize("window_s", WINDOWS_S)
def test_rates_are_those_of_prometheus(history: Prometheus, name: str, window_s: int) -> None:
    """``rate`` and ``increase`` agree with the real ones at every moment, resets included."""
    times = [START + i for i in range(60)]
    series = TimeSeries("c_total", {"of": name}, times, COUNTERS[name])
    for at in MOMENTS:
        for function, ours in (("rate", rate), ("increase", increase)):
            found = history.query(f'{function}(c_total{{of="{name}"}}[{window_s}s])', at)
            theirs = float(found[0]["value"][1]) if found else None
            assert ours(series, at, window_s) == pytest.approx(theirs), (function, at)


@pytest.mark.parametrize("q", [0, 0.1, 0.3, 0.5, 0.55, 0.9, 0.95, 1])
def test_quantiles_are_those_of_prometheus(history: Prometheus, q: float) -> None:
    """``histogram_quantile`` of rates agrees with the real one."""
    times = [START + i for i in range(60)]
    series = [
        TimeSeries("h_bucket", {"le": le}, times, [n * i for i in range(60)])
        for le, n in BUCKETS.items()
    ]
    (found,) = history.query(
        f"histogram_quantile({q}, sum by (le) (rate(h_bucket[17s])))", MOMENTS[1]
    )

    ours = quantiles_by(q, series, (), (MOMENTS[1],), 17)

    assert ours == {(): [pytest.approx(float(found["value"][1]))]}
