"""Ways into the gateway that may be tried, and the chat that is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labgateway.decisions.chats_to_try import chat_body, ways_in
from labgateway.decisions.mentions import key_of


def route(rules: list[dict[str, Any]], **spec: Any) -> dict[str, Any]:
    """An HTTPRoute with these rules."""
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "r", "namespace": "n"},
        "spec": {"rules": rules, **spec},
    }


def matching(**match: Any) -> dict[str, Any]:
    """One rule with one match."""
    return {"matches": [match]}


PATH = {"type": "PathPrefix", "value": "/openai"}


@pytest.mark.parametrize(
    ("manifest", "labels"),
    [
        (route([matching(path=PATH)]), ["r: POST /openai"]),
        (route([{}]), ["r: POST /"]),
        (route([matching(path=PATH, method="POST")]), ["r: POST /openai"]),
        (route([matching(path=PATH, method="GET")]), []),
        (route([matching(path={"type": "RegularExpression", "value": "/a.*"})]), []),
        (
            route([matching(path=PATH, headers=[{"name": "team", "value": "a"}])]),
            ["r: POST /openai, team: a"],
        ),
        (route([matching(path=PATH, headers=[{"name": "team", "value": "a\r\nb: c"}])]), []),
        (
            route([matching(headers=[{"name": "t", "value": ".", "type": "RegularExpression"}])]),
            [],
        ),
        (
            route([matching(path=PATH, queryParams=[{"name": "v", "value": "1&2"}])]),
            ["r: POST /openai?v=1%262"],
        ),
        (
            route([matching(path=PATH)], hostnames=["a.example", "*.b.example"]),
            ["r: POST /openai at a.example", "r: POST /openai at any.b.example"],
        ),
    ],
)
def test_a_way_is_what_a_match_takes(manifest: dict[str, Any], labels: list[str]) -> None:
    """What no chat can meet, or would have to be guessed, is no way."""
    ways = ways_in([manifest], [key_of(manifest)])
    assert [one.label for one in ways] == labels
    assert len({one.id for one in ways}) == len(ways)


def test_a_route_that_no_listener_takes_has_no_way() -> None:
    """It would be a 404."""
    assert ways_in([route([matching(path=PATH)])], []) == []


def test_a_stream_asks_for_its_usage() -> None:
    """An empty model is left to the backend."""
    assert json.loads(chat_body("hi", "", stream=False)) == {
        "messages": [{"role": "user", "content": "hi"}]
    }
    streamed = json.loads(chat_body("hi", "m", stream=True))
    assert (streamed["model"], streamed["stream"]) == ("m", True)
    assert streamed["stream_options"] == {"include_usage": True}
