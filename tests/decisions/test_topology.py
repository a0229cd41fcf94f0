"""The ways of requests, decided from manifests and exchanges, and their picture."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml

from labgateway.decisions.admission import admit
from labgateway.decisions.environment import first_manifests
from labgateway.decisions.reconcile import reconcile
from labgateway.decisions.topology import Topology, Traffic, stood_in, topology
from labgateway.decisions.topology_picture import MOST_ROUTES, picture, traffic_said
from labgateway.shapes.kinds import kind_of
from labgateway.shapes.resource import Resource
from tests.conftest import BACKEND, ROUTE
from tests.decisions.exchanged import ANSWERED, REFUSED

Json = dict[str, Any]
MORE = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: split, namespace: agentgateway-system}
spec:
  parentRefs: [{name: agentgateway}]
  hostnames: [split.example]
  rules:
  - matches: [{path: {type: Exact, value: /split}, method: POST}]
    timeouts: {request: 5s}
    filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a, value: b}]}}]
    backendRefs:
    - {name: openai-all-models, group: agentgateway.dev, kind: AgentgatewayBackend, weight: 3}
    - {name: nowhere, group: agentgateway.dev, kind: AgentgatewayBackend}
    - {name: web, port: 80}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: lonely, namespace: agentgateway-system}
spec:
  parentRefs: [{name: another}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: agentgateway-system}
spec: {ports: [{port: 80}]}
---
apiVersion: agentgateway.dev/v1alpha1
kind: AgentgatewayBackend
metadata: {name: static, namespace: agentgateway-system}
spec:
  static: {host: localhost, port: 9000}
  policies: {auth: {passthrough: {}}}
---
apiVersion: agentgateway.dev/v1alpha1
kind: AgentgatewayBackend
metadata: {name: local, namespace: agentgateway-system}
spec:
  ai: {provider: {openai: {model: small}, host: localhost, port: 9001}}
"""
SECRET = """
apiVersion: v1
kind: Secret
metadata: {name: openai-secret, namespace: agentgateway-system}
stringData: {Authorization: not-to-be-seen}
"""
SENT = replace(ANSWERED, sent_ns=1)


def of(text: str, *exchanges: Any) -> Topology:
    """The topology of what a learner starts with and these manifests."""
    resources: list[tuple[Resource, Json]] = []
    for given in [*first_manifests(), *yaml.safe_load_all(f"{SECRET}---{text}")]:
        kind = kind_of(given["apiVersion"], given["kind"])
        assert kind is not None
        admitted = admit(kind, given)
        resources.append((admitted.resource, admitted.manifest))
    snapshot = reconcile({one.key: one for one, _manifest in resources})
    manifests = [
        {**manifest, "status": _json(snapshot.statuses.get(one.key, {}))}
        for one, manifest in resources
    ]
    attached = {key: one.listeners for key, one in snapshot.routes.items()}
    return topology(manifests, attached, exchanges)


def _json(status: Any) -> Any:
    """A status as the API shows it: conditions are objects."""
    if hasattr(status, "_asdict"):
        return status._asdict()
    if isinstance(status, dict):
        return {name: _json(value) for name, value in status.items()}
    return [_json(one) for one in status] if isinstance(status, list) else status


def edges(drawn: Topology) -> dict[tuple[str, str], tuple[str, Traffic]]:
    """What the edges say, by titles."""
    titles = {one.id: one.title for one in drawn.stations}
    return {(titles[e.source], titles[e.target]): (e.said, e.traffic) for e in drawn.edges}


def test_the_exercises_way_leads_from_the_listener_to_the_provider() -> None:
    """With the Secret's name in the policy, and traffic and errors on each edge."""
    failed = replace(SENT, status=500)
    drawn = of(f"{ROUTE}---{BACKEND}", SENT, failed, REFUSED)

    all_of_it = Traffic(2, 1, 92)
    assert edges(drawn) == {
        ("agentgateway / http", "openai"): ("", all_of_it),
        ("openai", "openai-all-models"): ("", all_of_it),
        ("openai-all-models", "openai"): ("", all_of_it),
    }
    assert drawn.unrouted == Traffic(1, 1, 0)
    (backend,) = drawn.column("backend")
    assert backend.policies == ("auth (Secret openai-secret)",)
    assert backend.facts == ("the client's model",)
    assert drawn.column("route")[0].policies == ("timeout 120s",)
    assert not [one for one in drawn.stations if one.troubles]


def test_what_is_broken_or_loose_says_so() -> None:
    """A backend that is named and missing, a route that no listener takes, one nobody names."""
    drawn = of(f"{ROUTE}---{BACKEND}---{MORE}")
    troubles = {one.title: one.troubles for one in drawn.stations if one.troubles}
    assert set(troubles) >= {"split", "lonely", "nowhere"}
    assert "Backend not found" in troubles["split"][0]
    assert troubles["lonely"] == ("no listener takes it",)
    assert [one.title for one in drawn.detached] == ["lonely", "static", "local"]


def test_weights_models_and_other_backends_are_told() -> None:
    """A Service only where a route leads to it; hosts of backends are their providers."""
    drawn = of(f"{ROUTE}---{BACKEND}---{MORE}")
    told = edges(drawn)
    assert told["split", "openai-all-models"][0] == "weight 3"
    assert told["split", "nowhere"][0] == "weight 1"
    assert ("web", "web.agentgateway-system") in told
    assert ("static", "localhost:9000") in told
    by_title = {one.title: one for one in drawn.stations if one.column != "provider"}
    assert by_title["local"].facts == ("model small",)
    assert by_title["static"].policies == ("auth (passthrough)",)
    assert by_title["split"].facts == ("split.example", "POST Exact /split")
    assert by_title["split"].policies == ("timeout 5s", "RequestHeaderModifier")


def test_the_picture_has_every_station_once_and_none_on_another() -> None:
    """Within its own width and height; labels do not cover each other."""
    drawn = of(f"{ROUTE}---{BACKEND}---{MORE}", SENT)
    made = picture(drawn)
    assert made is not None
    assert {one.station.id for one in made.boxes} == {one.id for one in drawn.stations}
    for box in made.boxes:
        assert box.x + box.width <= made.width
        assert box.y + box.height <= made.height
        for other in made.boxes:
            apart = box.y + box.height <= other.y or other.y + other.height <= box.y
            assert box is other or box.x != other.x or apart
    labels = [one.label for one in made.curves]
    assert not [one for i, one in enumerate(labels) if any(map(one.covers, labels[:i]))]
    edges_of_boxes = {x for box in made.boxes for x in (box.x, box.x + box.width)}
    for one in labels:
        assert not [x for x in edges_of_boxes if abs(x - one.x) < one.width / 2]
    assert max(made.curves, key=lambda one: one.thickness).edge.traffic.requests == 1


def test_too_many_routes_are_not_drawn() -> None:
    """Nobody could follow the lines."""
    routes = [ROUTE.replace("name: openai,", f"name: openai-{n},") for n in range(MOST_ROUTES + 1)]
    assert picture(of("---".join(routes))) is None
    assert picture(of("---".join(routes[1:]))) is not None


@pytest.mark.parametrize(
    ("traffic", "said"),
    [
        (Traffic(), "no requests"),
        (Traffic(1), "1 request"),
        (Traffic(1200, 1), "1,200 requests, 1 error"),
        (Traffic(3, 2), "3 requests, 2 errors"),
    ],
)
def test_traffic_is_said_in_words(traffic: Traffic, said: str) -> None:
    """As the list beside the picture has it."""
    assert traffic_said(traffic) == said


def test_who_stands_in_for_a_provider_is_said() -> None:
    """Only where the backend leaves the provider at its own address."""
    drawn = stood_in(of(f"{ROUTE}---{BACKEND}---{MORE}"), "here: the lab's model")
    facts = {one.id: one.facts for one in drawn.column("provider")}
    assert facts["provider/openai/"] == ("here: the lab's model",)
    assert facts["provider/openai/localhost:9001"] == ("localhost:9001",)
