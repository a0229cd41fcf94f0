"""An exchange in the making: moments in their order, parameters, how the model ended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import httpx
import pytest

from labgateway.decisions.exchange import Exchange
from tests.conftest import BACKEND, ROUTE, Running, gateway_in
from tests.edges.providers import events, provider, saying

MARKS = (*("selected_ns", "sent_ns", "headers_ns", "first_token_ns", "received_ns", "ended_ns"),)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway for all of these tests; each looks at its own last request."""
    with gateway_in(tmp_path_factory.mktemp("transit") / "home") as running:
        running.apply(f"{ROUTE}---{BACKEND}")
        yield running


def marks(exchange: Exchange) -> dict[str, int]:
    """The moments that came, in the order in which they should."""
    found = {name: getattr(exchange, name) for name in MARKS}
    return {name: value for name, value in found.items() if value is not None}


def ask(shared: Running, simulate: str = "", **changes: Any) -> Exchange:
    """What is remembered of one request."""
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Count to 5"}]}
    try:
        httpx.post(
            f"{shared.url}/openai",
            json={**body, **changes},
            headers={"x-simulate": simulate} if simulate else {},
            trust_env=False,
        )
    except httpx.RemoteProtocolError:
        assert "cut" in simulate
    return shared.exchanges[-1]


@pytest.mark.parametrize(
    ("changes", "simulate", "missing"),
    [
        ({}, "", {"first_token_ns"}),
        ({"stream": True}, "chunk-delay=1ms", set()),
        ({}, "status=503", {"first_token_ns"}),
        ({"stream": True}, "status=429", {"first_token_ns"}),
        ({"stream": True}, "cut=3", {"received_ns"}),
        ({"stream": True}, "cut=1", {"first_token_ns", "received_ns"}),
        ({}, "cut=9", {"first_token_ns", "received_ns"}),
        ({"model": None}, "", {*MARKS} - {"selected_ns", "ended_ns"}),
    ],
)
def test_moments_come_in_their_order(
    shared: Running, changes: dict[str, Any], simulate: str, missing: set[str]
) -> None:
    """What never came has none; the provider's last byte lies between its headers and our end."""
    last = ask(shared, simulate, **changes)
    came = marks(last)
    assert set(MARKS) - set(came) == missing
    assert all(before <= after for before, after in pairwise(came.values())), came
    assert all(value >= 0 for value in came.values())
    if "sent_ns" in came:
        assert last.provider_s is not None
        assert 0 < last.provider_s <= last.duration_s
    assert (last.time_to_first_token_s is None) is ("first_token_ns" in missing)


def test_a_request_without_a_route_has_an_end_only(shared: Running) -> None:
    """Nothing was selected and nothing sent."""
    httpx.post(f"{shared.url}/nowhere", json={}, trust_env=False)
    last = shared.exchanges[-1]
    assert set(marks(last)) == {"ended_ns"}
    assert last.provider_s is None


def test_parameters_are_numbers_of_the_request(shared: Running) -> None:
    """As OpenTelemetry names them; what is no number is none."""
    last = ask(shared, temperature=0.2, max_tokens=40, seed=7, top_p="much", user="ann")
    assert dict(last.parameters) == {"temperature": 0.2, "max_tokens": 40, "seed": 7}
    assert ask(shared).parameters == ()
    assert ask(shared, seed=1.5, max_completion_tokens=1e3, temperature=10**400).parameters == ()
    newer = ask(shared, max_completion_tokens=3, max_tokens=40)
    assert newer.parameters == (("max_tokens", 3),)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("limit", "reason"), [(2, "length"), (4000, "stop")])
def test_how_the_model_ended_is_remembered(
    shared: Running, limit: int, reason: str, *, stream: bool
) -> None:
    """Of an answer and of a stream."""
    last = ask(shared, max_tokens=limit, stream=stream)
    assert last.finish_reasons == (reason,)
    assert ask(shared, "status=500", stream=stream).finish_reasons == ()


def test_each_choice_ends_in_its_own_way(shared: Running) -> None:
    """In one answer, or one after the other in a stream."""
    ended: list[dict[str, Any]] = [
        {"finish_reason": one, "delta": {}} for one in ("stop", "length")
    ]
    whole = json.dumps({"choices": ended}).encode()
    parts = events(*(json.dumps({"choices": [one]}) for one in ended))
    for app in (saying([whole]), saying(parts, b"text/event-stream")):
        with provider(app) as backend:
            shared.apply(backend)
            assert ask(shared, stream=True).finish_reasons == ("stop", "length")
    shared.apply(BACKEND)


def test_the_bind_is_the_port_and_its_gateway(shared: Running) -> None:
    """Also of a request that no route took."""
    assert ask(shared).bind == "8080/agentgateway-system/agentgateway"
    httpx.post(f"{shared.url}/nowhere", json={}, trust_env=False)
    assert shared.exchanges[-1].bind == "8080/agentgateway-system/agentgateway"
