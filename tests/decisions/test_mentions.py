"""Who refers to whom, read from manifests."""

from __future__ import annotations

from typing import Any

import yaml

from labgateway.decisions.mentions import Mention, key_of, mentions, mentions_of
from labgateway.shapes.resource import Key
from tests.conftest import BACKEND, ROUTE

AGENTGATEWAY, GATEWAY = "agentgateway.dev", "gateway.networking.k8s.io"
SYSTEM = "agentgateway-system"
OPENAI_BACKEND = Key(AGENTGATEWAY, "AgentgatewayBackend", SYSTEM, "openai-all-models")
ROUTE_JSON: dict[str, Any] = yaml.safe_load(ROUTE)
BACKEND_JSON: dict[str, Any] = yaml.safe_load(BACKEND)


def test_a_route_names_its_gateway_and_its_backends() -> None:
    """What is not said follows from the field: kind, group, and the route's own namespace."""
    origin = key_of(ROUTE_JSON)
    assert mentions(ROUTE_JSON) == (
        Mention(origin, "spec.parentRefs[0]", Key(GATEWAY, "Gateway", SYSTEM, "agentgateway")),
        Mention(origin, "spec.rules[0].backendRefs[0]", OPENAI_BACKEND),
    )
    assert [one.target for one in mentions(BACKEND_JSON)] == [
        Key("", "Secret", SYSTEM, "openai-secret")
    ]


def test_a_service_a_class_and_a_mirror_are_named_in_other_ways() -> None:
    """By a label, by a bare name, and within a filter."""
    slice_ = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": "web-1",
            "namespace": "shop",
            "labels": {"kubernetes.io/service-name": "web"},
        },
    }
    gateway = {
        "apiVersion": f"{GATEWAY}/v1",
        "kind": "Gateway",
        "metadata": {"name": "gw", "namespace": "shop"},
        "spec": {"gatewayClassName": "agentgateway"},
    }
    mirror = {"type": "RequestMirror", "requestMirror": {"backendRef": {"name": "web", "port": 80}}}
    route = {
        **ROUTE_JSON,
        "metadata": {"name": "r", "namespace": "shop"},
        "spec": {"rules": [{"filters": [mirror]}]},
    }
    manifests = [slice_, gateway, route]
    web = Key("", "Service", "shop", "web")
    assert [one.origin.kind for one in mentions_of(web, manifests)] == [
        "EndpointSlice",
        "HTTPRoute",
    ]
    of_class = Key(GATEWAY, "GatewayClass", "", "agentgateway")
    assert [one.field for one in mentions_of(of_class, manifests)] == ["spec.gatewayClassName"]


def test_a_reference_without_a_kind_that_means_none_is_no_mention() -> None:
    """Other kinds have fields that end in Ref and name no object of this API."""
    manifest = {**BACKEND_JSON, "spec": {"someRef": {"name": "x"}, "parentRefs": [{"group": "g"}]}}
    assert mentions(manifest) == ()
    assert mentions({**BACKEND_JSON, "spec": None}) == ()
