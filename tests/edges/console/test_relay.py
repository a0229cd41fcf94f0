"""A chat that the console's page sends through the real gateway port."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.conftest import BACKEND, ROUTE, Running, gateway_in
from tests.edges.console.visits import Console

SECOND = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: second, namespace: agentgateway-system}
spec:
  gatewayClassName: agentgateway
  listeners: [{name: other, port: 9000, protocol: HTTP, hostname: "*.other.example"}]
"""
NARROW = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: narrow, namespace: agentgateway-system}
spec:
  parentRefs: [{name: agentgateway}]
  hostnames: [chat.example]
  rules:
  - matches: [{path: {type: Exact, value: /narrow}, headers: [{name: team, value: a}]}]
    backendRefs: [{name: openai-all-models, group: agentgateway.dev, kind: AgentgatewayBackend}]
"""


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A gateway with two routes."""
    with gateway_in(tmp_path_factory.mktemp("home")) as running:
        running.apply(f"{ROUTE}---{BACKEND}---{NARROW}")
        with Console(running).client as client:
            yield Console(running, client)


@pytest.mark.parametrize("stream", [False, True])
def test_the_gateways_own_answer_comes_back(console: Console, stream: bool) -> None:
    """Recorded like any other, so that its trace can be opened at once."""
    answer = console.try_it(prompt="What is <b>?", stream=stream)

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(
        "text/event-stream" if stream else "application/json"
    )
    exchange = console.running.exchanges[-1]
    assert answer.headers["x-trace-id"] == exchange.trace_id
    assert (exchange.stream, exchange.original_model) == (stream, "gpt-4o")
    sent = json.loads(console.running.simulator.requests[-1].body)
    assert sent["messages"] == [{"role": "user", "content": "What is <b>?"}]
    result = console.get(f"results/{exchange.trace_id}").text
    assert f"traces/{exchange.trace_id}" in result
    assert "Tokens out" in result


def test_a_route_is_tried_as_it_wants_to_be_met(console: Console) -> None:
    """With its host and its headers."""
    answer = console.try_it(way=console.way("narrow"))
    assert answer.status_code == 200
    exchange = console.running.exchanges[-1]
    assert (exchange.route, exchange.host) == ("agentgateway-system/narrow", "chat.example")


def test_a_route_of_another_gateway_is_met_at_its_own_port(running: Running) -> None:
    """Each Gateway has sockets of its own."""
    route = ROUTE.replace("name: agentgateway,", "name: second,")
    running.apply(f"{SECOND}---{BACKEND}---{route}")
    console = Console(running)
    with console.client:
        answer = console.try_it()
    assert answer.status_code == 200
    exchange = running.exchanges[-1]
    assert (exchange.gateway, exchange.host) == ("agentgateway-system/second", "any.other.example")


def test_an_error_of_the_gateway_is_passed_on(routed: Running) -> None:
    """With its status and words."""
    console = Console(routed)
    store = routed.gateway.store
    store.delete(next(iter(store.snapshot().backends)))
    with console.client:
        answer = console.try_it()
    assert (answer.status_code, answer.text) == (500, "service not found")
    assert answer.headers["x-trace-id"] == routed.exchanges[-1].trace_id


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"way": "http://evil.example/"}, 404),
        ({"way": "agentgateway-system/openai/0/0/22/"}, 404),
        ({"prompt": ""}, 422),
        ({"prompt": "x" * 200_001}, 422),
        ({"model": 7}, 422),
    ],
)
def test_only_routes_of_this_lab_can_be_tried(
    console: Console, changes: dict[str, object], status: int
) -> None:
    """Nothing is sent anywhere else, and nothing without a prompt."""
    before = len(console.running.exchanges)
    assert console.try_it(**changes).status_code == status
    assert len(console.running.exchanges) == before


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "text/plain"}, {415, 422}),
        ({"content-type": "application/x-www-form-urlencoded"}, {415, 422}),
        ({"content-type": "application/json", "origin": "https://evil.example"}, {403}),
        ({"content-type": "application/json", "sec-fetch-site": "cross-site"}, {403}),
    ],
)
def test_another_page_cannot_try_anything(
    console: Console, headers: dict[str, str], status: set[int]
) -> None:
    """A form cannot send JSON, and a foreign Origin is refused."""
    before = len(console.running.exchanges)
    chat = {"way": console.way("openai"), "prompt": "hi"}
    answer = console.client.post(f"{console.url}try", content=json.dumps(chat), headers=headers)
    assert answer.status_code in status
    assert len(console.running.exchanges) == before
