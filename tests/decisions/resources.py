"""Admitted resources for tests, in few words each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labgateway.decisions.admission import admit
from labgateway.decisions.conditions import CONTROLLER
from labgateway.decisions.reconcile import Snapshot, reconcile
from labgateway.decisions.route_table import RouteTable
from labgateway.shapes.kinds import kind_of
from labgateway.shapes.resource import Key, Resource
from labgateway.words.errors import KubernetesError

NAMESPACE = "agentgateway-system"
GATEWAY = Key("gateway.networking.k8s.io", "Gateway", NAMESPACE, "agentgateway")
ROUTE = Key("gateway.networking.k8s.io", "HTTPRoute", NAMESPACE, "openai")
BACKEND = Key("agentgateway.dev", "AgentgatewayBackend", NAMESPACE, "openai-all-models")

Json = dict[str, Any]

HTTP = {
    "name": "http",
    "port": 8080,
    "protocol": "HTTP",
    "allowedRoutes": {"namespaces": {"from": "All"}},
}
TO_OPENAI = {
    "name": "openai-all-models",
    "group": "agentgateway.dev",
    "kind": "AgentgatewayBackend",
}


def gateway_class(controller: str = CONTROLLER, name: str = "agentgateway") -> Json:
    """A GatewayClass."""
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "GatewayClass",
        "metadata": {"name": name},
        "spec": {"controllerName": controller},
    }


def gateway(*listeners: Json, **spec: Any) -> Json:
    """The Gateway ``agentgateway``, with listener ``http`` on 8080 unless others are given."""
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {"name": "agentgateway", "namespace": NAMESPACE},
        "spec": {
            "gatewayClassName": "agentgateway",
            "listeners": list(listeners) or [HTTP],
            **spec,
        },
    }


def route(
    *rules: Json,
    name: str = "openai",
    namespace: str = NAMESPACE,
    created: str | None = None,
    parents: list[Json] | None = None,
    hostnames: list[str] | None = None,
) -> Json:
    """An HTTPRoute; a rule without backendRefs goes to ``openai-all-models``."""
    parent = {"name": "agentgateway", "namespace": NAMESPACE}
    metadata = {"name": name, "namespace": namespace}
    spec: Json = {
        "parentRefs": [parent] if parents is None else parents,
        "rules": [{"backendRefs": [TO_OPENAI], **rule} for rule in rules or ({},)],
    }
    if hostnames is not None:
        spec["hostnames"] = hostnames
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {**metadata, **({"creationTimestamp": created} if created else {})},
        "spec": spec,
    }


def matching(*matches: Json) -> Json:
    """A rule with these matches."""
    return {"matches": list(matches)}


def prefix(value: str, **others: Any) -> Json:
    """A match by PathPrefix."""
    return {"path": {"type": "PathPrefix", "value": value}, **others}


def exact(value: str, **others: Any) -> Json:
    """A match by Exact path."""
    return {"path": {"type": "Exact", "value": value}, **others}


def regular(value: str, **others: Any) -> Json:
    """A match by RegularExpression."""
    return {"path": {"type": "RegularExpression", "value": value}, **others}


def header(name: str, value: str, kind: str = "Exact") -> Json:
    """One header or query parameter of a match."""
    return {"name": name, "value": value, "type": kind}


def backend(spec: Json | None = None, namespace: str = NAMESPACE) -> Json:
    """The AgentgatewayBackend ``openai-all-models``."""
    return {
        "apiVersion": "agentgateway.dev/v1alpha1",
        "kind": "AgentgatewayBackend",
        "metadata": {"name": "openai-all-models", "namespace": namespace},
        "spec": {"ai": {"provider": {"openai": {}}}} if spec is None else spec,
    }


def secret(entries: dict[str, str], name: str = "openai-secret") -> Json:
    """A Secret from plain text."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "stringData": entries,
    }


def admitted(manifest: Json) -> Resource:
    """The resource of a manifest, through admission."""
    kind = kind_of(manifest["apiVersion"], manifest["kind"])
    assert kind is not None, manifest["kind"]
    return admit(kind, json.loads(json.dumps(manifest))).resource


def in_force(*manifests: Json) -> Snapshot:
    """What is in force with these manifests, the GatewayClass and the Gateway added if missing."""
    given = [admitted(one) for one in manifests]
    kinds = {one.kind for one in given}
    if "GatewayClass" not in kinds:
        given.append(admitted(gateway_class()))
    if "Gateway" not in kinds:
        given.append(admitted(gateway()))
    return reconcile({one.key: one for one in given})


def refusal(manifest: Json) -> KubernetesError:
    """The error with which a manifest is refused."""
    kind = kind_of(manifest["apiVersion"], manifest["kind"])
    assert kind is not None
    with pytest.raises(KubernetesError) as refused:
        admit(kind, manifest)
    return refused.value


def table_of(snapshot: Snapshot) -> RouteTable:
    """The routes on port 8080."""
    return snapshot.tables[(GATEWAY, 8080)]
