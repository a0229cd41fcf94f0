"""What a learner starts with: manifests of the environment, as data."""

from __future__ import annotations

import base64
from typing import Any

from labgateway.decisions.backends import Address
from labgateway.decisions.conditions import CONTROLLER
from labgateway.shapes.gateway_api import GATEWAY_GROUP
from labgateway.shapes.resource import Key

Json = dict[str, Any]

NAMESPACE = "agentgateway-system"
GATEWAY = "agentgateway"
OPENAI_SECRET = "openai-secret"  # noqa: S105 - the name of a Secret, not its value
LOCAL_SECRET = "local-model-secret"  # noqa: S105 - the name of a Secret, not its value

BIND = (Key(GATEWAY_GROUP, "Gateway", NAMESPACE, GATEWAY), 8080)  # what the gateway port serves

# On a cluster the small model would be a Service; the gateway finds it by the same names here.
LOCAL_MODEL_PORT = 8080
LOCAL_MODEL = Address(f"local-model.{NAMESPACE}.svc.cluster.local", LOCAL_MODEL_PORT)
LOCAL_MODEL_NAMES = tuple(
    Address(f"local-model.{NAMESPACE}{suffix}", LOCAL_MODEL_PORT)
    for suffix in (".svc.cluster.local", ".svc", "")
)


def first_manifests() -> list[Json]:
    """Stored once, in a home that is new: namespaces, GatewayClass and Gateway; no route."""
    return [
        _object("v1", "Namespace", "default"),
        _object("v1", "Namespace", NAMESPACE),
        {
            **_object("gateway.networking.k8s.io/v1", "GatewayClass", "agentgateway"),
            "spec": {"controllerName": CONTROLLER},
        },
        {
            **_object("gateway.networking.k8s.io/v1", "Gateway", GATEWAY, NAMESPACE),
            "spec": {
                "gatewayClassName": "agentgateway",
                "listeners": [
                    {
                        "name": "http",
                        "port": 8080,
                        "protocol": "HTTP",
                        "allowedRoutes": {"namespaces": {"from": "All"}},
                    }
                ],
            },
        },
    ]


def provider_secret(name: str, key: str) -> Json:
    """A Secret of the environment: entry ``Authorization`` with ``Bearer KEY``."""
    value = base64.b64encode(f"Bearer {key}".encode()).decode()
    return {
        **_object("v1", "Secret", name, NAMESPACE),
        "type": "Opaque",
        "data": {"Authorization": value},
    }


def _object(api_version: str, kind: str, name: str, namespace: str | None = None) -> Json:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}
