"""Metrics as text, in both formats."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.core import CounterMetricFamily, Exemplar, Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parsed
from prometheus_client.parser import text_string_to_metric_families as parsed_plain

from labgateway.decisions.exposition import (
    OPENMETRICS,
    PLAIN,
    media_type,
    openmetrics_text,
    plain_text,
)
from labgateway.memory.metrics import Metrics
from tests.decisions.exchanged import ANSWERED, REFUSED, STREAMED

# What Prometheus 2.42 sends.
PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)


def read(text: str) -> list[Metric]:
    """OpenMetrics as prometheus_client's strict reader has it."""
    return list(parsed(text))  # type: ignore[no-untyped-call]  # not all of it is typed


def known(families: list[Metric]) -> list[object]:
    """What there is to know of metrics."""
    return [
        (one.name, one.type, one.unit, one.documentation, sample[:3], _said(sample.exemplar))
        for one in families
        for sample in one.samples
    ]


def _said(exemplar: Exemplar | None) -> tuple[object, ...]:
    return () if exemplar is None else (*exemplar[:2], f"{float(exemplar.timestamp or 0):.3f}")


def metrics() -> list[Metric]:
    """What three requests leave."""
    counted = Metrics()
    for one in (ANSWERED, STREAMED, REFUSED):
        counted.record(one)
    return list(counted.registry.collect())


def test_openmetrics_can_be_read_back() -> None:
    """prometheus_client's strict reader finds the same samples and exemplars."""
    assert known(read(openmetrics_text(metrics()).decode())) == known(metrics())


def test_plain_text_has_the_same_numbers_and_no_exemplars() -> None:
    """Nothing of OpenMetrics' own is in it."""
    text = plain_text(metrics()).decode()
    found = {
        (one.name, tuple(one.labels.items())): one.value
        for family in parsed_plain(text)
        for one in family.samples
    }

    assert found == {
        (one.name, tuple(one.labels.items())): one.value
        for metric in metrics()
        for one in metric.samples
    }
    assert "trace_id" not in text
    assert "# EOF" not in text
    assert "# UNIT" not in text


def test_labels_keep_their_order_and_counts_have_no_point() -> None:
    """As agentgateway writes a line."""
    text = plain_text(metrics()).decode()

    assert (
        'agentgateway_requests_total{backend="agentgateway-system/openai-all-models",'
        'protocol="llm",method="POST",status="200",reason="Upstream",'
        'bind="8080/agentgateway-system/agentgateway",gateway="agentgateway-system/agentgateway",'
        'listener="http",route="agentgateway-system/openai",route_rule="unknown"} 2\n'
    ) in text
    assert 'route_rule="unknown"} 24.0\n' in text
    assert ',le="16.0"} 2\n' in text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_label_value_can_be_read_back(value: str) -> None:
    """Quotes, backslashes and line ends are escaped."""
    family = CounterMetricFamily("c", "Help\\ with\na line end.", labels=["of"])
    family.add_metric([value], 1)

    (found,) = read(openmetrics_text([family]).decode())

    assert found.samples[0].labels == {"of": value}
    assert found.documentation == family.documentation


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", PLAIN),
        ("*/*", PLAIN),
        ("text/plain", PLAIN),
        ("application/openmetrics-text", OPENMETRICS),
        ("application/openmetrics-text;version=1.0.0,text/plain;q=0.5", OPENMETRICS),
        (PROMETHEUS, OPENMETRICS),
        ("text/plain, application/openmetrics-text;q=0.5", PLAIN),
        ("application/openmetrics-text;q=0", PLAIN),
        ("application/openmetrics-text;q=much", PLAIN),
    ],
)
def test_openmetrics_is_for_those_who_prefer_it(accept: str, chosen: str) -> None:
    """By the qualities of the Accept header."""
    assert media_type(accept) == chosen
