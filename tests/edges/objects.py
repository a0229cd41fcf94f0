"""Paths of the Kubernetes API, and what is sent to them and read of their answers."""

from __future__ import annotations

import json
from typing import Any

import httpx
import yaml

Json = dict[str, Any]

BACKENDS = "/apis/agentgateway.dev/v1alpha1/namespaces/agentgateway-system/agentgatewaybackends"
ROUTES = "/apis/gateway.networking.k8s.io/v1/namespaces/agentgateway-system/httproutes"
SECRETS = "/api/v1/namespaces/agentgateway-system/secrets"
BACKEND_PATH = f"{BACKENDS}/openai-all-models"
KEPT_SECRET = f"{SECRETS}/openai-secret"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
MERGE = "application/merge-patch+json"
STRICT = {"fieldValidation": "Strict"}
HEAD = b'{"kind": "AgentgatewayBackend", "apiVersion": "agentgateway.dev/v1alpha1",'


def manifest_of(text: str, **spec: Any) -> Json:
    """A manifest with another spec in parts."""
    manifest: Json = yaml.safe_load(text)
    manifest.get("spec", {}).update(spec)
    return manifest


def patch(client: httpx.Client, path: str, changes: Any, kind: str = MERGE) -> httpx.Response:
    """The answer to a patch of this media type."""
    return client.patch(path, content=json.dumps(changes), headers={"content-type": kind})


def refusal_of(response: httpx.Response, code: int, reason: str) -> Json:
    """The Status object of a refusal for this reason."""
    status: Json = response.json()
    assert (response.status_code, status["kind"]) == (code, "Status")
    assert (status["code"], status["reason"], status["status"]) == (code, reason, "Failure")
    return status
