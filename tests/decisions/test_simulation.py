"""The simulated provider's decisions around an answer: keys, paths, failures on demand."""

from __future__ import annotations

import json

import pytest

from labgateway.decisions.simulation import Behaviour, SimulatedRequest
from tests.decisions.simulated import KEY, answered, asked, chat, error, events, whole


def test_usage_can_be_kept_back() -> None:
    """As some compatible providers do, whole and streamed."""
    streamed = events(
        chat(stream=True, stream_options={"include_usage": True}), x_simulate="no-usage"
    )

    assert "usage" not in whole(chat(), x_simulate="no-usage")
    assert all(chunk["choices"] and "usage" not in chunk for chunk in streamed)


def test_a_wrong_key_is_401_and_only_hinted_at() -> None:
    """The message shows a few characters; a short key is not shown to its end."""
    long = answered(asked(authorization="Bearer sk-proj-abcdefghijklmnop"))
    short = answered(asked(authorization="Bearer sk-abc"))

    assert (long.status, error(long)["code"]) == (401, "invalid_api_key")
    assert error(long)["message"] == "Incorrect API key provided: sk-********mnop."
    assert error(short)["message"] == "Incorrect API key provided: sk-********."


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", f"Basic {KEY}"])
def test_no_key_is_401_without_a_code(value: str) -> None:
    """As at OpenAI, which only has a code for a key that is wrong."""
    refusal = answered(asked(authorization=value))

    assert (refusal.status, error(refusal)["code"]) == (401, None)
    assert "You didn't provide an API key" in error(refusal)["message"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/models", 200),
        ("GET", "/v1/chat/completions", 405),
        ("POST", "/v1/models", 405),
        ("POST", "/chat/completions", 404),
    ],
)
def test_paths_and_methods(method: str, path: str, status: int) -> None:
    """What is not there is 404, what is there for another method 405."""
    assert answered(asked(method=method, path=path)).status == status


def test_models_are_listed_with_their_aliases() -> None:
    """Both names can be asked for."""
    listed = json.loads(answered(asked(method="GET", path="/v1/models")).parts[0])

    assert {"gpt-4o", "gpt-4o-2024-08-06"} <= {model["id"] for model in listed["data"]}


def test_health_needs_no_key_and_does_not_misbehave() -> None:
    """Whoever waits for the server is not told to wait longer."""
    request = SimulatedRequest("GET", "/health", "", (), b"")

    assert answered(request, Behaviour(status=503)).status == 200


@pytest.mark.parametrize("status", [400, 401, 418, 429, 500, 503])
def test_a_failure_on_demand_has_openais_shape(status: int) -> None:
    """Any status, a stream asked for or not, with Retry-After when wanted."""
    wanted = {"x_simulate": f"status={status}, retry-after=60"}
    refusal = answered(asked(body=chat(stream=True), **wanted))

    assert refusal.status == status
    assert error(refusal)["message"]
    assert (b"retry-after", b"60") in refusal.headers


def test_the_header_changes_what_the_provider_usually_does() -> None:
    """Words that the header does not mention stay as they are."""
    usual = Behaviour(delay_s=1.0, cut=3)
    words = "delay=2s,chunk-delay=100ms,retry-after=5,no-usage"

    decided = answered(asked(body=chat(), x_simulate=words), usual).behaviour

    assert decided == Behaviour(delay_s=2.0, chunk_delay_s=0.1, cut=3, retry_after_s=5, usage=False)


@pytest.mark.parametrize(
    "words", ["status=200", "status=x", "delay=-1s", "delay=soon", "cut=", "no-usage=1", "fail"]
)
def test_an_unreadable_wish_is_400_and_names_the_word(words: str) -> None:
    """A typing error must not look like a provider that behaves."""
    refusal = answered(asked(body=chat(), x_simulate=words))

    assert refusal.status == 400
    assert repr(words) in error(refusal)["message"]


def test_a_request_shows_neither_key_nor_body() -> None:
    """Its repr may end up in a test report or a notebook."""
    request = asked(body=b"secret words")

    assert KEY not in repr(request)
    assert "secret words" not in repr(request)
    assert "/v1/chat/completions" in repr(request)
