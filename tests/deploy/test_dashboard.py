"""What ``deploy/observability`` ships: each query has data, each file names what is there."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from labgateway.decisions.metric_families import SAMPLE_NAMES
from tests.prometheus import (
    NEEDS_PROMETHEUS,
    NEEDS_PROMTOOL,
    Prometheus,
    scraped,
    with_variables,
)

HERE = Path(__file__).parents[2] / "deploy" / "observability"
DASHBOARD = json.loads((HERE / "grafana/dashboards/labgateway.json").read_text())
PANELS = [one for one in DASHBOARD["panels"] if one["type"] != "row"]
QUERIES = [target["expr"] for panel in PANELS for target in panel["targets"]]
SOURCES = yaml.safe_load((HERE / "grafana/provisioning/datasources/labgateway.yaml").read_text())
COMPOSE = yaml.safe_load((HERE / "compose.yaml").read_text())
UIDS = {one["uid"] for one in SOURCES["datasources"]}


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that has scraped a gateway."""
    with scraped(tmp_path_factory.mktemp("scraped")) as (_, one):
        yield one


@pytest.mark.slow
@NEEDS_PROMETHEUS
@pytest.mark.parametrize("query", QUERIES)
def test_every_query_of_the_dashboard_has_data(prometheus: Prometheus, query: str) -> None:
    """A real Prometheus answers each with numbers."""
    found = prometheus.query(with_variables(query))

    assert [one for one in found if one["value"][1] != "NaN"], found


@pytest.mark.slow
@NEEDS_PROMETHEUS
def test_the_dashboards_variable_finds_the_gateway(prometheus: Prometheus) -> None:
    """The list of gateways to choose from holds the lab's."""
    (variable,) = DASHBOARD["templating"]["list"]
    asked = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["query"]["query"])
    assert asked is not None
    series, label = asked.groups()

    found = {one["metric"][label] for one in prometheus.query(f"group by ({label}) ({series})")}

    assert "agentgateway-system/agentgateway" in found


@pytest.mark.parametrize("query", QUERIES)
def test_queries_name_samples_of_the_gateway(query: str) -> None:
    """Each metric in a query is one that the gateway has."""
    named = set(re.findall(r"(?:agent|lab)gateway_\w+", query))

    assert named
    assert named <= set(SAMPLE_NAMES)


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: str(panel["title"]))
def test_panels_have_a_source_a_unit_and_a_place_of_their_own(panel: dict[str, Any]) -> None:
    """Each panel reads a provisioned data source, says its unit, and overlaps no other."""
    assert {panel["datasource"]["uid"], *(t["datasource"]["uid"] for t in panel["targets"])} <= UIDS
    assert panel["fieldConfig"]["defaults"]["unit"]
    place = panel["gridPos"]
    for other in PANELS:
        there = other["gridPos"]
        apart = (
            place["x"] + place["w"] <= there["x"]
            or there["x"] + there["w"] <= place["x"]
            or place["y"] + place["h"] <= there["y"]
            or there["y"] + there["h"] <= place["y"]
        )
        assert apart or other is panel


def test_exemplars_lead_to_the_trace_store() -> None:
    """The label that the gateway's exemplars have is a link to a data source that is there."""
    prometheus = next(one for one in SOURCES["datasources"] if one["type"] == "prometheus")
    (link,) = prometheus["jsonData"]["exemplarTraceIdDestinations"]

    assert link["name"] == "trace_id"
    assert link["datasourceUid"] in UIDS


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_containers_are_pinned_and_on_loopback(name: str) -> None:
    """Each image has a version, shares the host's network, and mounts files that exist."""
    service = COMPOSE["services"][name]

    assert re.fullmatch(r"[a-z]+/[a-z]+:v?\d+\.\d+\.\d+", service["image"])
    assert service["network_mode"] == "host"
    for volume in service["volumes"]:
        assert (HERE / volume.split(":")[0]).exists()
        assert volume.endswith(":ro")


def test_nothing_listens_beyond_loopback() -> None:
    """Every address in the configuration is 127.0.0.1's."""
    tempo = yaml.safe_load((HERE / "tempo.yaml").read_text())
    protocols = tempo["distributor"]["receivers"]["otlp"]["protocols"]

    assert COMPOSE["services"]["grafana"]["environment"]["GF_SERVER_HTTP_ADDR"] == "127.0.0.1"
    assert "--web.listen-address=127.0.0.1:9090" in COMPOSE["services"]["prometheus"]["command"]
    assert tempo["server"]["http_listen_address"] == "127.0.0.1"
    assert tempo["server"]["grpc_listen_address"] == "127.0.0.1"
    assert protocols["http"]["endpoint"] == "127.0.0.1:4318"
    assert protocols["grpc"]["endpoint"] == "127.0.0.1:4317"


@NEEDS_PROMTOOL
def test_the_scrape_configuration_is_right() -> None:
    """As promtool checks it."""
    subprocess.run(["promtool", "check", "config", HERE / "prometheus.yml"], check=True)
