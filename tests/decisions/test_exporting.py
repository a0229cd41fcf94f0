"""What goes from the lab to a cluster, and that the cluster takes it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from labgateway.decisions.environment import (
    LOCAL_SECRET,
    OPENAI_SECRET,
    first_manifests,
    provider_secret,
)
from labgateway.decisions.exporting import FILL_IN, README, RESOURCES, SECRETS, exported
from labgateway.memory.store import Store
from labgateway.shapes.kinds import KINDS, kind_of
from tests.decisions.oracle import expected, needs_oracle
from tests.decisions.resources import Json

LOCAL_HOST = "local-model.agentgateway-system.svc.cluster.local"
SPACE, AGENTGATEWAY = "agentgateway-system", "agentgateway.dev/v1alpha1"
GATEWAY_API = "gateway.networking.k8s.io"


def _object(api_version: str, kind: str, name: str, namespace: str = "", **rest: Any) -> Json:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest}


def _backend(name: str, auth: Json, **provider: Any) -> Json:
    spec = {
        "ai": {"provider": {"openai": {"model": "gpt-4o"}, **provider}},
        "policies": {"auth": auth},
    }
    return _object(AGENTGATEWAY, "AgentgatewayBackend", name, SPACE, spec=spec)


def _slice(name: str, address: str) -> Json:
    ends = [{"addresses": [address]}]
    head = _object("discovery.k8s.io/v1", "EndpointSlice", name, "apps")
    return {**head, "addressType": "IPv4", "endpoints": ends, "ports": [{"port": 80}]}


BACKEND = _backend("openai", {"secretRef": {"name": OPENAI_SECRET}})
APPLIED = (
    _object("v1", "Namespace", "apps"),
    _object("v1", "Secret", "mine", "apps", data={"token": "bXktb3du"}),
    _object("v1", "Service", "echo", "apps", spec={"ports": [{"port": 80}]}),
    _slice("far", "10.0.0.7"),
    _slice("near", "127.0.0.1"),
    BACKEND,
    _backend("small", {"secretRef": {"name": LOCAL_SECRET}}, host=LOCAL_HOST, port=8080),
    _object(
        f"{GATEWAY_API}/v1",
        "HTTPRoute",
        "openai",
        SPACE,
        spec={
            "parentRefs": [{"name": "agentgateway"}],
            "rules": [{"backendRefs": [{"name": "openai", "group": "agentgateway.dev"}]}],
        },
    ),
    _object(
        f"{GATEWAY_API}/v1beta1",
        "ReferenceGrant",
        "to-apps",
        "apps",
        spec={
            "from": [{"group": GATEWAY_API, "kind": "HTTPRoute", "namespace": SPACE}],
            "to": [{"group": "", "kind": "Service"}],
        },
    ),
)


def _shown(*applied: Json) -> list[Json]:
    """Every object as readers see it after these were applied to a new lab."""
    store = Store(None)
    for name in (OPENAI_SECRET, LOCAL_SECRET):
        secret = kind_of("v1", "Secret")
        assert secret is not None
        store.provide(secret, provider_secret(name, "sk-canary-0123456789"))
    for manifest in (*first_manifests(), *applied):
        kind = kind_of(manifest["apiVersion"], manifest["kind"])
        assert kind is not None
        store.create(kind, manifest)
    return [one for kind in KINDS for one in store.current(kind, None)[0]]


def _documents(text: str) -> list[Json]:
    return list(yaml.safe_load_all(text))


def _named(text: str) -> list[tuple[str, str]]:
    return [(one["kind"], one["metadata"]["name"]) for one in _documents(text)]


def test_what_was_applied_goes_and_what_an_installation_has_stays() -> None:
    """Secrets that are referred to, the Gateway, and everything of the learner but this machine."""
    files = exported(_shown(*APPLIED)).files
    assert _named(files[SECRETS]) == [
        ("Namespace", "apps"),
        ("Secret", LOCAL_SECRET),
        ("Secret", OPENAI_SECRET),
        ("Secret", "mine"),
    ]
    assert _named(files[RESOURCES]) == [
        ("Service", "echo"),
        ("EndpointSlice", "far"),
        ("Gateway", "agentgateway"),
        ("HTTPRoute", "openai"),
        ("ReferenceGrant", "to-apps"),
        ("AgentgatewayBackend", "openai"),
        ("AgentgatewayBackend", "small"),
    ]
    unused = exported(_shown(*APPLIED[:1])).files
    assert _named(unused[SECRETS]) == [("Namespace", "apps")]


def test_nothing_that_the_server_or_kubectl_wrote_goes() -> None:
    """No status, uid, version; of annotations the learner's own only."""
    applied = "kubectl.kubernetes.io/last-applied-configuration"
    noted = {**BACKEND["metadata"], "annotations": {applied: "{}", "note": "mine"}}
    files = exported(_shown({**BACKEND, "metadata": noted})).files
    for name in (SECRETS, RESOURCES):
        for one in _documents(files[name]):
            assert set(one["metadata"]) <= {"name", "namespace", "annotations"}
            assert one["metadata"].get("annotations", {}).keys() <= {"note"}
            assert "status" not in one
    assert "note: mine" in files[RESOURCES]


def test_secrets_go_without_values() -> None:
    """A placeholder for each entry, and how to fill it in; no file has a value."""
    files = exported(_shown(*APPLIED)).files
    text = "".join(files.values())
    for value in ("bXktb3du", "canary", "kept by the lab", "\ndata:"):
        assert value not in text
    secrets = [one for one in _documents(files[SECRETS]) if one["kind"] == "Secret"]
    assert [one["stringData"] for one in secrets] == [
        {"Authorization": FILL_IN},
        {"Authorization": FILL_IN},
        {"token": FILL_IN},
    ]
    assert "kubectl create secret generic" in files[SECRETS]


def test_the_readme_has_the_two_commands_and_what_to_know() -> None:
    """Which name leads to the lab's model, what is left out and why, where a key is missing."""
    inline = _backend("inline", {"key": "(redacted)"})
    static = [
        _object(
            AGENTGATEWAY,
            "AgentgatewayBackend",
            name,
            SPACE,
            spec={"static": {"host": host, "port": 80}},
        )
        for name, host in (("here", "127.0.0.1"), ("there", "example.com"))
    ]
    found = exported(_shown(*APPLIED, inline, *static))
    assert "/there leads to" not in found.files[README]
    readme = found.files[README]
    assert f"kubectl apply -f {SECRETS}\nkubectl apply -f {RESOURCES}\n```" in readme
    for said in (
        "AgentgatewayBackend agentgateway-system/small leads to local-model.",
        "AgentgatewayBackend agentgateway-system/inline held a key, which was not stored",
        "AgentgatewayBackend agentgateway-system/here leads to 127.0.0.1, which on a cluster is",
        "EndpointSlice apps/near is left out: its address 127.0.0.1 is this machine",
        "Gateway agentgateway-system/agentgateway is the entry point",
        "Namespace agentgateway-system and GatewayClass agentgateway are left out",
    ):
        assert any(one.startswith(said) for one in found.notes)
        assert said in readme


def test_a_new_lab_has_nothing_to_export() -> None:
    """Its own objects are no reason to write files."""
    assert exported(_shown()).files == {}


@needs_oracle
@pytest.mark.parametrize("name", [SECRETS, RESOURCES])
def test_the_real_crds_take_every_document(name: str) -> None:
    """As an API server with the files of the releases would."""
    ours = {"gateway.networking.k8s.io", "agentgateway.dev"}
    for one in _documents(exported(_shown(*APPLIED)).files[name]):
        if one["apiVersion"].partition("/")[0] in ours:
            assert expected(one).stage == "stored", one
