"""Ways into the gateway that may be tried, and the chat that is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labgateway.decisions.admission import admit
from labgateway.decisions.chats_to_try import Way, chat_body, ways_in
from labgateway.decisions.environment import BIND, first_manifests
from labgateway.decisions.reconcile import reconcile
from labgateway.shapes.kinds import kind_of

PATH = {"type": "PathPrefix", "value": "/openai"}
PARENT = {"name": "agentgateway", "namespace": "agentgateway-system"}


def ways(rules: list[dict[str, Any]], port: int | None = 8080, **spec: Any) -> list[Way]:
    """Those of one HTTPRoute with these rules, its Gateway at a port."""
    route = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "r", "namespace": "agentgateway-system"},
        "spec": {"parentRefs": [PARENT], "rules": rules, **spec},
    }
    resources = {}
    for manifest in [*first_manifests(), route]:
        kind = kind_of(manifest["apiVersion"], manifest["kind"])
        assert kind is not None
        resource = admit(kind, manifest).resource
        resources[resource.key] = resource
    return ways_in(reconcile(resources, None, {} if port is None else {BIND: port}))


def matching(**match: Any) -> list[dict[str, Any]]:
    """One rule with one match."""
    return [{"matches": [match]}]


@pytest.mark.parametrize(
    ("rules", "labels"),
    [
        (matching(path=PATH), ["r: POST localhost:8080/openai"]),
        ([{}], ["r: POST localhost:8080/"]),
        (matching(path=PATH, method="POST"), ["r: POST localhost:8080/openai"]),
        (matching(path=PATH, method="GET"), []),
        (matching(path={"type": "RegularExpression", "value": "/a.*"}), []),
        (
            matching(path=PATH, headers=[{"name": "team", "value": "a"}]),
            ["r: POST localhost:8080/openai, team: a"],
        ),
        (matching(path=PATH, headers=[{"name": "team", "value": "a\r\nb: c"}]), []),
        (matching(headers=[{"name": "t", "value": ".", "type": "RegularExpression"}]), []),
        (
            matching(path=PATH, queryParams=[{"name": "v", "value": "1&2"}]),
            ["r: POST localhost:8080/openai?v=1%262"],
        ),
    ],
)
def test_a_way_is_what_a_match_takes(rules: list[dict[str, Any]], labels: list[str]) -> None:
    """What no chat can meet, or would have to be guessed, is no way."""
    assert [one.label for one in ways(rules)] == labels


def test_hosts_and_ports_are_those_that_the_gateway_has() -> None:
    """Wherever its socket is; without one, or without a listener, there is no way."""
    found = ways(matching(path=PATH), 9090, hostnames=["a.example", "*.b.example"])
    assert [(one.host, one.port) for one in found] == [("a.example", 9090), ("any.b.example", 9090)]
    assert len({one.id for one in found}) == 2
    assert ways(matching(path=PATH), None) == []
    assert ways(matching(path=PATH), parentRefs=[{"name": "another"}]) == []


def test_a_stream_asks_for_its_usage() -> None:
    """An empty model is left to the backend."""
    assert json.loads(chat_body("hi", "", stream=False)) == {
        "messages": [{"role": "user", "content": "hi"}]
    }
    streamed = json.loads(chat_body("hi", "m", stream=True))
    assert (streamed["model"], streamed["stream"]) == ("m", True)
    assert streamed["stream_options"] == {"include_usage": True}
