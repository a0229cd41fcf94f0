"""Metrics as frames, of the owner and of an attached lab."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from labgateway.decisions.rates import TimeSeries
from labgateway.lab.metric_frames import quantile_frame, rate_frame, sample_frame, series_frame
from labgateway.lab.session import Lab
from labgateway.memory.metrics import Metrics
from labgateway.shapes.settings import Settings
from labgateway.words.errors import LabError
from tests.conftest import BACKEND, ROUTE
from tests.decisions.exchanged import ANSWERED, REFUSED, STREAMED
from tests.lab.processes import LabProcess, ask

START = 1_767_225_600.0
REQUESTS = "agentgateway_requests_total"
DURATION = "agentgateway_request_duration_seconds"


def counter(*values: float, **labels: str) -> TimeSeries:
    """A counter that is scraped once a second."""
    return TimeSeries("c_total", labels, [START + i for i in range(len(values))], values)


def test_samples_are_rows_with_labels_as_columns() -> None:
    """A label that a sample lacks is missing, not empty."""
    metrics = Metrics()
    for one in (ANSWERED, STREAMED, REFUSED):
        metrics.record(one)

    frame = sample_frame(metrics.samples())

    assert list(frame.columns[:2]) == ["family", "name"]
    assert frame.columns[-1] == "value"
    assert frame["value"].dtype == "float64"
    requests = frame[frame["name"] == REQUESTS].set_index("status")
    assert requests["value"].to_dict() == {"200": 2.0, "404": 1.0}
    assert requests["gen_ai_token_type"].isna().all()
    tokens = frame[frame["name"] == "agentgateway_gen_ai_client_token_usage_sum"]
    assert tokens.set_index("gen_ai_token_type")["value"].to_dict() == {
        "input": 24,
        "output": 68,
        "input_cache_read": 10,
    }


def test_a_series_is_a_row_a_scrape() -> None:
    """Times are UTC timestamps."""
    frame = series_frame([counter(0, 2, status="200"), counter(5, status="404")])

    assert str(frame["time"].dt.tz) == "UTC"
    assert frame["time"].iloc[1] == pd.Timestamp("2026-01-01T00:00:01Z")
    assert frame[["status", "value"]].to_numpy().tolist() == [["200", 0], ["200", 2], ["404", 5]]


def test_a_rate_is_a_row_a_moment_and_group() -> None:
    """Moments without a rate have no row."""
    frame = rate_frame(
        [counter(0, 2, 4, status="200"), counter(0, 1, 2, status="404")], ("status",), 2
    )

    last = frame[frame["time"] == frame["time"].max()].set_index("status")["value"]
    assert last.to_dict() == {"200": pytest.approx(2), "404": pytest.approx(1)}
    assert frame["time"].min() == pd.Timestamp("2026-01-01T00:00:01Z")


def test_a_quantile_is_a_row_a_moment_and_group() -> None:
    """Of what was observed in the window."""
    frame = quantile_frame(
        0.5, [counter(0, 2, le="0.1"), counter(0, 4, le="0.2"), counter(0, 4, le="+Inf")], (), 1
    )

    assert list(frame.columns) == ["time", "value"]
    assert frame["value"].tolist() == [pytest.approx(0.1)]


def test_nothing_yet_is_an_empty_frame_with_its_columns() -> None:
    """So that a plot of it is empty too."""
    assert list(series_frame([]).columns) == ["time", "value"]
    assert list(rate_frame([], ("status",), 30).columns) == ["time", "status", "value"]
    assert list(sample_frame([]).columns) == ["family", "name", "value"]


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A lab that owns its gateway and has answered three requests."""
    started = Lab(Settings(tmp_path, "simulator", gateway_port=0, stats_port=0, admin_port=0))
    started.client.apply(f"{ROUTE}---{BACKEND}")
    for _ in range(3):
        assert ask(started.gateway_url).status_code == 200
    yield started
    started.stop()


def test_the_lab_shows_its_metrics(lab: Lab) -> None:
    """Whoever has an answer finds it counted, and in the series."""
    metrics = lab.metrics()
    series = lab.series(REQUESTS, status="200")

    assert metrics[metrics["name"] == REQUESTS]["value"].tolist() == [3]
    assert series["value"].iloc[0] == 0
    assert series["value"].iloc[-1] == 3
    assert lab.series(REQUESTS, status="404").empty
    rates = lab.rate(REQUESTS, by=("status",))
    assert set(rates["status"]) == {"200"}
    assert (rates["value"] > 0).any()
    quantiles = lab.quantile(0.5, DURATION, by=("route",))
    assert quantiles["route"].iloc[-1] == "agentgateway-system/openai"
    assert 0 < quantiles["value"].iloc[-1] < 80


def test_a_misspelt_name_is_an_error(lab: Lab) -> None:
    """With the name that may have been meant."""
    with pytest.raises(LabError, match="did you mean 'agentgateway_requests_total'"):
        lab.series("agentgateway_request_total")
    with pytest.raises(LabError, match="did you mean"):
        lab.quantile(0.5, REQUESTS)


def test_an_attached_lab_shows_the_same(lab: Lab, tmp_path: Path) -> None:
    """Another process reads samples and series over the admin port."""
    with LabProcess(tmp_path) as other:
        assert not other.first["owner"]
        name = f"lab.metrics().query('name == \"{REQUESTS}\"')['value'].tolist()"
        assert other.evaluate(name) == [3]
        assert other.evaluate(f"lab.series('{REQUESTS}', status='200')['value'].tolist()[-1]") == 3
        assert other.evaluate(f"lab.rate('{REQUESTS}')['value'].tolist()[-1] > 0")
        assert other.evaluate(f"lab.quantile(.5, '{DURATION}')['value'].tolist()[-1] > 0")
    assert lab.owner


def test_a_stream_has_times_of_its_own() -> None:
    """A quantile of the time to the first token is of streams only."""
    metrics = Metrics()
    metrics.record(ANSWERED)
    metrics.record(replace(STREAMED, usage=ANSWERED.usage))

    frame = sample_frame(metrics.samples())
    name = "agentgateway_gen_ai_server_time_to_first_token_count"

    assert frame[frame["name"] == name]["value"].tolist() == [1]
