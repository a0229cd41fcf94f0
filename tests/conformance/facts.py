"""The facts of Gateway API's conformance tests: manifests, requests, and what is to be seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.certificates import OPENSSL, certificate

Json = dict[str, Any]

FILE = Path(__file__).resolve().parents[2].parent / "shared/data/gateway_api_conformance.json"
INFRA = "gateway-conformance-infra"
CERTIFICATE = "tls-validity-checks-certificate"

_LATER = "needs a later Gateway API: the CRD of v1.4 has no such redirect"
_MIRROR = "requests are not mirrored; the filter gets a Warning"
# Feature → why a test that needs it is no test of this gateway.
OUTSIDE = {
    "HTTPRoute303RedirectStatusCode": _LATER,
    "HTTPRoute307RedirectStatusCode": _LATER,
    "HTTPRoute308RedirectStatusCode": _LATER,
    "HTTPRouteBackendProtocolH2C": "HTTP/2 is not spoken to backends; ResolvedRefs says so",
    "HTTPRouteBackendProtocolWebSocket": "WebSocket is not spoken; ResolvedRefs says so",
    "HTTPRouteCORS": "CORS is not acted on; the filter gets a Warning",
    "HTTPRouteRequestMirror": _MIRROR,
    "HTTPRouteRequestMultipleMirrors": _MIRROR,
    "HTTPRouteRequestPercentageMirror": _MIRROR,
    "GatewayHTTPSListenerDetectMisdirectedRequests": "its requests are HTTP/2, which is not spoken",
}


def suite() -> Json:
    """The file; without tests where it is not there."""
    if not FILE.exists():
        return {"base": [], "tests": []}
    loaded: Json = json.loads(FILE.read_text(encoding="utf-8"))
    return loaded


def outside(test: Json) -> str | None:
    """Why a test is outside, None when it has to pass."""
    if OPENSSL is None and any("tls" in one for one in test["cases"]):
        return "needs openssl to make a certificate"
    return next((OUTSIDE[one] for one in test["features"] if one in OUTSIDE), None)


def manifest_of(fact: Json) -> Json:
    """A Kubernetes object from the suite's short form."""
    where = {"namespace": fact["namespace"]} if "namespace" in fact else {}
    labels = {"labels": fact["labels"]} if "labels" in fact else {}
    metadata = {"name": fact["name"], **where, **labels}
    version = fact["apiVersion"]
    if fact["kind"] == "ReferenceGrant":
        version = version.replace("/v1", "/v1beta1").replace("beta1beta1", "beta1")
    whole = {"apiVersion": version, "kind": fact["kind"], "metadata": metadata}
    if "spec" in fact:
        spec = json.dumps(fact["spec"]).replace("GATEWAY_CLASS_NAME", "agentgateway")
        whole["spec"] = json.loads(spec)
    return whole


def base(facts: Json) -> Iterator[Json]:
    """What all tests stand on, as manifests: namespaces, a certificate, Gateways and Services."""
    yield manifest_of(facts["base"][0])
    metadata = {"name": CERTIFICATE, "namespace": INFRA}
    # Without openssl the listeners that want it have no certificate.
    entries = OPENSSL and certificate("example.org", "second-example.org", "*.wildcard.org")
    secret = {"type": "kubernetes.io/tls", "stringData": entries or {}}
    yield {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, **secret}
    yield from (manifest_of(one) for one in facts["base"][1:])


def manifests(test: Json) -> Iterator[Json]:
    """A test's own, less EndpointSlices, which hold addresses of a cluster."""
    yield from (manifest_of(one) for one in test["manifests"] if one["kind"] != "EndpointSlice")


def endpoint_slice(service: Json, backend: str, addresses: Json) -> Iterator[Json]:
    """The EndpointSlices of a Service; ``addresses`` is the backend's port, by address."""
    name, namespace = service["metadata"]["name"], service["metadata"]["namespace"]
    for address, port in addresses.items():
        family = "IPv6" if ":" in address else "IPv4"
        yield {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": f"{name}-{backend}-{family.lower()}",
                "namespace": namespace,
                "labels": {"kubernetes.io/service-name": name},
            },
            "addressType": family,
            "endpoints": [{"addresses": [address], "conditions": {"ready": True}}],
            "ports": [
                {"name": one.get("name", ""), "protocol": "TCP", "port": port}
                for one in service["spec"]["ports"]
                if one.get("protocol") == "TCP"
            ],
        }
