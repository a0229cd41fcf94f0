"""Gateway API's own conformance cases for what this gateway does, replayed on the route table.

Kubernetes Services are no backends here, so a case's backend is read off the chosen backendRef.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from labgateway.decisions.origin import split_host
from labgateway.decisions.reconcile import Snapshot
from labgateway.decisions.routes import RequestHead, plain_path
from labgateway.shapes.resource import Key
from labgateway.words.errors import RouteNotFound
from tests.decisions.resources import Json, gateway_class, in_force

FILE = Path(__file__).resolve().parents[2].parent / "shared/data/gateway_api_conformance.json"
REPLAYED = {
    "HTTPRouteDisallowedKind",
    "HTTPRouteExactPathMatching",
    "HTTPRouteHeaderMatching",
    "HTTPRouteInvalidBackendRefUnknownKind",
    "HTTPRouteInvalidCrossNamespaceBackendRef",
    "HTTPRouteInvalidCrossNamespaceParentRef",
    "HTTPRouteInvalidNonExistentBackendRef",
    "HTTPRouteInvalidParentRefNotMatchingListenerPort",
    "HTTPRouteListenerHostnameMatching",
    "HTTPRouteListenerPortMatching",
    "HTTPRouteMatching",
    "HTTPRouteMultipleGateways",
    "HTTPRouteNoBackendRefs",
    "HTTPRouteQueryParamMatching",
    "HTTPRouteSimpleSameNamespace",
    "HTTPRouteWeight",
}


def suite() -> Json:
    """The cases; empty when the shared folder is not there."""
    if not FILE.exists():
        return {"base": [], "tests": []}
    loaded: Json = json.loads(FILE.read_text(encoding="utf-8"))
    return loaded


def replayed() -> list[Any]:
    """One parameter for each test of the suite that is replayed."""
    found = [
        pytest.param(one, id=one["test"]) for one in suite()["tests"] if one["test"] in REPLAYED
    ]
    reason = pytest.mark.skip(reason=f"{FILE} is not there")
    return found or [pytest.param(None, marks=reason)]


def manifest_of(fact: Json) -> Json:
    """A Kubernetes object from the suite's short form."""
    where = {"namespace": fact["namespace"]} if "namespace" in fact else {}
    spec = json.loads(json.dumps(fact["spec"]).replace("GATEWAY_CLASS_NAME", "agentgateway"))
    return {
        "apiVersion": fact["apiVersion"],
        "kind": fact["kind"],
        "metadata": {"name": fact["name"], **where},
        "spec": spec,
    }


def stored(test: Json) -> Snapshot:
    """What is in force with the suite's base and a test's manifests."""
    facts = [
        one
        for one in suite()["base"] + test["manifests"]
        if one["kind"] in {"Gateway", "HTTPRoute"}
    ]
    return in_force(gateway_class(), *map(manifest_of, facts))


def gateway_key(name: str) -> Key:
    """A Gateway of the suite, by NAME or NAMESPACE/NAME."""
    namespace, _, last = name.rpartition("/")
    return Key(
        "gateway.networking.k8s.io", "Gateway", namespace or "gateway-conformance-infra", last
    )


def answer(snapshot: Snapshot, case: Json) -> tuple[int, set[str]]:
    """(status, backends that may answer) for a case's request."""
    key, asked = gateway_key(case["gateway"]), case["request"]
    ports = sorted(port for found, port in snapshot.tables if found == key)
    table = snapshot.tables[(key, case.get("gatewayPort", ports[0]))]
    path, _, query = asked["path"].partition("?")
    head = RequestHead(
        asked["method"],
        split_host(asked.get("host", "192.0.2.1")),
        plain_path(path),
        dict(reversed(parse_qsl(query))),
        {name.lower(): value for name, value in asked.get("headers", {}).items()},
    )
    try:
        rule = table.match(head).rule
    except RouteNotFound:
        return 404, set()
    names = {one.name for one in rule.destinations if one.weight}
    return (200 if names else 500), names


@pytest.mark.parametrize("test", replayed())
def test_requests_go_where_the_suite_says(test: Json) -> None:
    """404 without a rule, 500 without a backend, else the backend of the most specific match."""
    snapshot = stored(test)
    problems = {one.reason for one in resolved(snapshot)} - {"ResolvedRefs"}
    for case in test["cases"]:
        status, names = answer(snapshot, case)
        expected = case["expect"]
        if "backend" in expected:
            namespace = expected.get("backendNamespace", "gateway-conformance-infra")
            assert f"{namespace}/{expected['backend']}" in names, case
        elif expected["status"] == [500]:
            assert status == 500 or problems, case
        else:
            assert status in expected["status"], case


def resolved(snapshot: Snapshot) -> list[Any]:
    """Every ResolvedRefs condition of a route."""
    return [
        condition
        for status in snapshot.statuses.values()
        for parent in status.get("parents", [])
        for condition in parent["conditions"]
        if condition.type == "ResolvedRefs"
    ]


@pytest.mark.parametrize("test", replayed())
def test_conditions_and_attached_routes_are_the_suites(test: Json) -> None:
    """Status and reason for each route and parent that the suite names."""
    snapshot = stored(test)
    for wanted in test.get("conditions", []):
        namespace, _, name = wanted["route"].partition("/")
        status = snapshot.statuses[Key("gateway.networking.k8s.io", "HTTPRoute", namespace, name)]
        (parent,) = status["parents"]
        (found,) = [one for one in parent["conditions"] if one.type == wanted["type"]]
        assert (found.status, found.reason) == (wanted["status"], wanted["reason"])
    for name in {one["gateway"] for one in test.get("conditions", [])}:
        if "gatewayAttachedRoutes" in test:
            listeners = snapshot.statuses[gateway_key(name)]["listeners"]
            assert sum(one["attachedRoutes"] for one in listeners) == test["gatewayAttachedRoutes"]
