"""The card of a request that failed: whose fault it was, and what the client had of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from labgateway.lab.session import Lab
from labgateway.words.errors import LabError
from tests.conftest import ROUTE
from tests.edges.waiting import eventually
from tests.lab.cards import ask, lab_in, table


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """The exercise's route, a backend that names a model, bodies kept."""
    with lab_in(tmp_path) as one:
        yield one


@pytest.mark.parametrize(
    ("path", "changes", "said"),
    [
        ("/nowhere", {}, "By the gateway itself: “route not found”"),
        ("/openai", {"messages": 3}, "`messages` is not an array"),
        ("/openai", {"simulate": "status=401"}, "“Incorrect API key provided.”"),
        ("/openai", {"simulate": "status=500"}, "The provider itself failed."),
        ("/openai", {"simulate": "cut=3"}, "had to answer by itself: upstream call failed"),
    ],
)
def test_a_failure_says_who_failed(lab: Lab, path: str, changes: Any, said: str) -> None:
    """In the gateway's words or the provider's, and without any tokens."""
    answer = ask(lab, path, **changes)
    card = lab.request(answer)
    assert card.page.title.startswith(f"POST {path} → {answer.status_code}, ")
    assert said in repr(card)
    assert "Nobody counted any, and none were made up." in repr(card)


def test_a_route_to_nowhere_is_the_gateways_500(lab: Lab) -> None:
    """Nothing was sent, so all the time was its own."""
    lab.client.apply(ROUTE.replace("openai-all-models", "gone"))
    ask(lab)
    text = lab.request().text
    assert "service not found. The route leads to a backend that does not exist" in text
    assert "100.0 %: no provider was called." in text
    assert table(lab.request(), "The request")["Method, path"][1] == "nothing was sent"


def test_a_stream_that_breaks_off_has_its_beginning(lab: Lab) -> None:
    """Status 200, and yet an error."""
    with pytest.raises(httpx.RemoteProtocolError):
        ask(lab, simulate="cut=4", stream=True)
    text = lab.request().text
    assert "→ 200" in text
    assert "200, then a broken transfer" in text
    assert "chat gpt-4o (error)" in text


def test_a_client_that_went_away_is_no_error_of_the_provider(lab: Lab) -> None:
    """What it had until then is counted in bytes."""
    messages = [{"role": "user", "content": "hi"}]
    body = {"model": "m", "messages": messages, "stream": True}
    url = f"{lab.gateway_url}/openai"
    headers = {"x-simulate": "chunk-delay=50ms"}
    with httpx.stream("POST", url, json=body, headers=headers, trust_env=False) as answer:
        next(answer.iter_bytes())
    assert eventually(lambda: bool(lab.recent()))
    card = lab.request()
    assert card.page.said[0].startswith("The client went away before it had all of the answer")
    assert table(card, "The response")["Status"][0] == "it went away"
    assert "bytes before it went" in table(card, "The response")["Body"][0]


def test_an_unknown_id_is_told_with_the_last_ones(lab: Lab) -> None:
    """And before any request, what to do."""
    with pytest.raises(LabError, match="no request has come in yet"):
        lab.request()
    trace_id = ask(lab, "/nowhere").headers["x-trace-id"]
    with pytest.raises(LabError, match=f"newest first: {trace_id} "):
        lab.request("ffff" * 8)
