"""The steps of a request, as far as it came."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.execution_flow import execution_flow
from tests.decisions.exchanged import ANSWERED, REFUSED

SENT = replace(
    ANSWERED,
    credential="secret",
    endpoint="127.0.0.1:9000",
    path_match="/openai/*",
    route_rule="chat",
    original_model="gpt-4o-mini",
    selected_ns=1_000_000,
    sent_ns=2_000_000,
    headers_ns=800_000_000,
    received_ns=840_000_000,
)


@pytest.mark.parametrize(
    ("exchange", "steps"),
    [
        (SENT, ["start", "listener", "route", "backend", "policy", "provider", "end"]),
        (REFUSED, ["start", "route!", "end!"]),
        (
            replace(SENT, sent_ns=None, status=500, error="service not found"),
            ["start", "listener", "route", "backend!", "end!"],
        ),
        (
            replace(SENT, headers_ns=None, received_ns=None, credential=None, status=503),
            ["start", "listener", "route", "backend", "provider!", "end!"],
        ),
        (
            replace(SENT, backend=None, sent_ns=None, status=413),
            ["start", "listener", "route", "end!"],
        ),
    ],
)
def test_a_request_is_told_to_where_it_ended(exchange: Exchange, steps: list[str]) -> None:
    """The step that failed says so."""
    told = execution_flow(exchange)
    assert [f"{one.kind}{'!' if one.failed else ''}" for one in told] == steps


def test_steps_say_when_and_what() -> None:
    """Times in milliseconds; whose key it was, never the key."""
    by_kind = {one.kind: one for one in execution_flow(SENT)}
    assert [by_kind[name].at_ms for name in ("route", "policy", "provider", "end")] == [
        1.0,
        2.0,
        840.0,
        842.0,
    ]
    assert by_kind["route"].said == ("path /openai/*", "rule chat")
    assert by_kind["policy"].said == ("the key of the backend's Secret replaces the client's",)
    assert by_kind["backend"].name == "agentgateway-system/openai-all-models"
    assert by_kind["provider"].title == "openai gpt-4o-mini"
    assert by_kind["provider"].said[-1] == "12 tokens in, 34 out"
