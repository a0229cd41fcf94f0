"""Chat completions: what is sent on for a body, and what is remembered of it and of the answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labgateway.decisions.chat import (
    read_request,
)
from tests.decisions.chats import CANARY, MESSAGES, body_of, refusal


@pytest.mark.parametrize("model", [None, "gpt-4o-mini"])
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"stream": False},
        {"stream": None},
        {"stream": True, "stream_options": {"include_usage": True}},
        {"stream": False, "stream_options": "odd"},
        {"temperature": 0.1, "n": 10**30, "metadata": {"deep": [None, True, "ü"]}},
    ],
)
def test_bytes_pass_unchanged_when_nothing_has_to_change(
    fields: dict[str, Any], model: str | None
) -> None:
    """White space, order, escapes and numbers included."""
    body = body_of(**fields)
    request = read_request(body, model)
    assert request.body is body
    assert (request.original_model, request.request_model) == ("gpt-4o-mini", "gpt-4o-mini")
    assert not request.drop_usage


def test_the_backends_model_overwrites_the_clients() -> None:
    """And only the model."""
    request = read_request(body_of(seed=7), "gpt-4o")
    assert json.loads(request.body) == {"model": "gpt-4o", "messages": MESSAGES, "seed": 7}
    assert (request.original_model, request.request_model) == ("gpt-4o-mini", "gpt-4o")


@pytest.mark.parametrize("given", ["{}", '{"model": null}', '{"model": ""}'])
def test_a_model_of_the_backend_is_enough(given: str) -> None:
    """The client may leave its own out."""
    body = json.dumps({**json.loads(given), "messages": []}).encode()
    request = read_request(body, "gpt-4o")
    assert (request.original_model, request.request_model) == (None, "gpt-4o")
    assert json.loads(request.body)["model"] == "gpt-4o"
    assert refusal(body) == "failed to process LLM request: model not specified"


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        ({}, {"include_usage": True}),
        ({"stream_options": None}, {"include_usage": True}),
        ({"stream_options": {}}, {"include_usage": True}),
        ({"stream_options": {"include_usage": False}}, {"include_usage": True}),
        (
            {"stream_options": {"include_obfuscation": False}},
            {"include_obfuscation": False, "include_usage": True},
        ),
        ({"stream_options": {"include_usage": 1}}, {"include_usage": True}),
        ({"stream_options": "yes"}, {"include_usage": True}),
        ({"stream_options": ["include_usage"]}, {"include_usage": True}),
    ],
)
def test_usage_is_asked_for_when_the_client_did_not(options: dict[str, Any], sent: Any) -> None:
    """The chunk that comes is then dropped (F6)."""
    request = read_request(body_of(stream=True, **options), None)
    assert json.loads(request.body) == {
        "model": "gpt-4o-mini",
        "messages": MESSAGES,
        "stream": True,
        "stream_options": sent,
    }
    assert (request.stream, request.drop_usage) == (True, True)


def test_usage_is_not_asked_for_without_a_stream() -> None:
    """OpenAI refuses ``stream_options`` there."""
    request = read_request(body_of(stream="true"), "gpt-4o")
    assert "stream_options" not in json.loads(request.body)
    assert (request.stream, request.drop_usage) == (False, False)


def test_what_is_shown_of_a_request_is_text_and_short() -> None:
    """Names of fields, roles and the model: cut, and without lone surrogates (F41)."""
    body = json.dumps(
        {
            "model": "\ud800" + "m" * 1000,
            "messages": [{"role": "\udfff" + "r" * 1000}, {"role": 5}, "text"] + [{}] * 100,
            **{f"\ud800{number}": 1 for number in range(100)},
        }
    ).encode()
    request = read_request(body, None)
    assert request.body is body
    shown = [str(request.original_model), request.request_model, *request.fields, *request.roles]
    assert all(len(one.encode()) <= 300 for one in shown)
    assert (len(request.fields), len(request.roles)) == (32, 32)
    assert request.roles[:3] == ("\\udfff" + "r" * 63, "", "")


def test_roles_and_fields_are_named_in_order() -> None:
    """Never their content."""
    messages = [{"role": "system", "content": CANARY}, {"role": "user", "content": CANARY}]
    request = read_request(body_of(messages=messages, temperature=0), "gpt-4o")
    assert request.fields == ("model", "messages", "temperature")
    assert request.roles == ("system", "user")
