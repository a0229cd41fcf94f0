"""The gateway's own Deployment and Pod: as the controller labels them, true to the process."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from labgateway.decisions.printing import described
from labgateway.decisions.selectors import selected
from labgateway.decisions.tables import table
from labgateway.decisions.workloads import Process, deployment, listens_here, pod
from labgateway.shapes.kinds import kind_named
from labgateway.shapes.workloads import Deployment, Pod

PROCESS = Process(started=1_767_225_600.5, gateway_port=8080, stats_port=15020)
NOW = datetime(2026, 1, 1, 0, 5, 0, tzinfo=UTC)


def test_both_have_the_fields_that_explain_tells_of() -> None:
    """The computed objects are of the shapes that OpenAPI is made from."""
    for shape, one in ((Deployment, deployment(PROCESS)), (Pod, pod(PROCESS))):
        parsed = shape.model_validate(one)
        assert parsed.metadata.namespace == "agentgateway-system"
        assert parsed.metadata.creation_timestamp == "2026-01-01T00:00:00Z"


def test_the_deployment_selects_the_pod() -> None:
    """By the label of the Gateway, as on a cluster."""
    chosen = deployment(PROCESS)["spec"]["selector"]["matchLabels"]
    assert chosen["gateway.networking.k8s.io/gateway-name"] == "agentgateway"
    assert chosen["app.kubernetes.io/name"] == "agentgateway"
    assert selected(pod(PROCESS), ",".join(f"{key}={value}" for key, value in chosen.items()), "")


def test_a_new_start_is_a_new_pod_of_the_same_deployment() -> None:
    """The same process always has the same name."""
    later = replace(PROCESS, started=PROCESS.started + 1)
    names = [pod(one)["metadata"]["name"] for one in (PROCESS, PROCESS, later)]
    assert names[0] == names[1] != names[2]
    assert names[0].startswith("agentgateway-")
    assert deployment(later)["metadata"]["name"] == "agentgateway"


def test_ports_are_those_that_are_open() -> None:
    """In the container, and in the sentence that answers port-forward."""
    moved = replace(PROCESS, gateway_port=18080, stats_port=25020)
    (container,) = pod(moved)["spec"]["containers"]
    assert [port["containerPort"] for port in container["ports"]] == [18080, 25020]
    assert "http://localhost:18080 " in listens_here(moved)
    assert "http://localhost:25020/metrics " in listens_here(moved)


@pytest.mark.parametrize(
    ("word", "head", "cells"),
    [
        ("deploy", "Name Ready Up-to-date Available Age", ["agentgateway", "1/1", 1, 1, "4m59s"]),
        ("po", "Name Ready Status Restarts Age", ["1/1", "Running", 0, "4m59s"]),
    ],
)
def test_tables_have_kubectls_columns(word: str, head: str, cells: list[object]) -> None:
    """Further ones with -o wide."""
    kind = kind_named(word)
    assert kind is not None
    started = replace(PROCESS, started=PROCESS.started + 0.5)
    one = {"Deployment": deployment, "Pod": pod}[kind.kind](started)
    shown = table(kind, [one], NOW, version=1, whole=False)
    narrow = [i for i, one in enumerate(shown["columnDefinitions"]) if not one["priority"]]
    assert [shown["columnDefinitions"][i]["name"] for i in narrow] == head.split()
    (row,) = shown["rows"]
    assert [row["cells"][i] for i in narrow][-len(cells) :] == cells
    wide = [cell for i, cell in enumerate(row["cells"]) if i not in narrow]
    assert wide[-1] == "<none>" or wide[-1].endswith("gateway-name=agentgateway")


def test_events_are_told_of_one_object_only() -> None:
    """As kubectl does it when it describes several."""
    both = [pod(PROCESS), deployment(PROCESS)]
    assert "Events:" in described(both[:1])
    assert "Events:" not in described(both)
