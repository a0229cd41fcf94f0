"""Paths of objects: what is served at them."""

from __future__ import annotations

import httpx

from tests.edges.objects import ROUTES, manifest_of, refusal_of
from tests.kubernetes_api import ROUTE


def test_a_status_has_a_path_of_its_own_to_be_read(client: httpx.Client) -> None:
    """Kinds that have one; it is the whole object, and only the gateway writes it."""
    client.post(ROUTES, json=manifest_of(ROUTE))
    for path in (
        f"{ROUTES}/openai",
        "/apis/gateway.networking.k8s.io/v1/gatewayclasses/agentgateway",
    ):
        assert client.get(f"{path}/status").json() == client.get(path).json()
        for method in ("PUT", "PATCH"):
            answer = client.request(method, f"{path}/status", json={})
            message = refusal_of(answer, 405, "MethodNotAllowed")["message"]
            assert message.endswith("/status is written by the gateway and can only be read")
    refusal_of(client.get(f"{ROUTES}/nope/status"), 404, "NotFound")
    secret = "/api/v1/namespaces/agentgateway-system/secrets/openai-secret/status"
    assert (
        "secrets/status is not served" in refusal_of(client.get(secret), 404, "NotFound")["message"]
    )
    listed = client.get("/apis/gateway.networking.k8s.io/v1").json()["resources"]
    assert {"gateways/status", "gatewayclasses/status", "httproutes/status"} == {
        one["name"] for one in listed if "/" in one["name"]
    }


def test_the_api_says_that_it_is_well(client: httpx.Client) -> None:
    """Where `kubectl get --raw` and others look."""
    assert [client.get(path).text for path in ("/healthz", "/livez", "/readyz")] == ["ok"] * 3
