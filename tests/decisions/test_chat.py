"""Chat completions: what is sent on for a body, and what is remembered of it and of the answer."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labgateway.decisions.chat import (
    ChatAnswer,
    ChatRequest,
    Usage,
    answer_of,
    read_answer,
    read_request,
)
from labgateway.words.errors import LLMRequestUnreadable, LLMResponseUnreadable

CANARY = "canary-7f3a"
MESSAGES = [{"role": "user", "content": CANARY}]


def body_of(**fields: Any) -> bytes:
    """A request body, spaced as no serializer of ours would."""
    return json.dumps({"model": "gpt-4o-mini", "messages": MESSAGES, **fields}, indent=3).encode()


def refusal(body: bytes, model: str | None = None) -> str:
    """What the client reads."""
    with pytest.raises(LLMRequestUnreadable) as refused:
        read_request(body, model)
    assert refused.value.status == 400
    return str(refused.value)


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


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "the body is empty"),
        (b"   ", "the body is not JSON (Expecting value at line 1 column 4)"),
        (b"{", "the body is not JSON (Expecting property name enclosed in double quotes at line 1"),
        (b'{"messages": [],}', "the body is not JSON ("),
        (b"[]", "the body is not a JSON object"),
        (b'"canary-7f3a"', "the body is not a JSON object"),
        (b"null", "the body is not a JSON object"),
        (b'{"model": "a"}', "missing field `messages`"),
        (b'{"model": "a", "messages": null}', "`messages` is not an array"),
        (b'{"model": "a", "messages": "canary-7f3a"}', "`messages` is not an array"),
        (b'{"model": 5, "messages": []}', "`model` is not a string"),
        (b'{"model": ["canary-7f3a"], "messages": []}', "`model` is not a string"),
        (
            b'{"model": "a", "messages": [], "top_p": NaN}',
            "the body is not JSON (NaN is no number)",
        ),
        (
            b'{"model": "a", "messages": [], "top_p": -Infinity}',
            "the body is not JSON (-Infinity is no number)",
        ),
        (b'{"model": "a", "messages": [], "n": ' + b"9" * 5000 + b"}", "the body is not JSON"),
        (b'{"model": "a", "messages": ["\xff\xfe"]}', "the body is not JSON (not UTF-8)"),
        (b'{"model": "a", "messages": ["\xed\xa0\x80"]}', "the body is not JSON (not UTF-8)"),
        ('{"model": "a", "messages": []}'.encode("utf-16"), "the body is not JSON (not UTF-8)"),
        (b'\xef\xbb\xbf{"model": "a", "messages": []}', "the body is not JSON ("),
        (b"canary-7f3a", "the body is not JSON (Expecting value at line 1 column 1)"),
        (b'{"canary-7f3a" "x"}', "the body is not JSON (Expecting ':' delimiter at line 1"),
        (b"{" + b'"a":{' * 100_000, "the body is not JSON ("),
        (b"[" * 100_000, "the body is not JSON ("),
    ],
)
def test_a_body_that_cannot_be_read_says_where_and_never_what(body: bytes, why: str) -> None:
    """400, with the place of the mistake and none of the content (F21)."""
    message = refusal(body)
    assert message.startswith(f"failed to process LLM request: failed to parse request: {why}")
    assert CANARY not in message
    assert len(message) < 200


@pytest.mark.parametrize("name", ["model", "messages", "stream", "stream_options"])
def test_a_field_that_stands_twice_is_refused(name: str) -> None:
    """The provider might read the other one than the gateway, and the override be bypassed."""
    fields = ['"model": "gpt-4o"', '"messages": []', f'"{name}": null', f'"{name}": null']
    body = f"{{{', '.join(fields)}}}".encode()
    assert refusal(body, "gpt-4o").endswith(f"failed to parse request: duplicate field `{name}`")


def test_other_fields_that_stand_twice_pass_unchanged() -> None:
    """The gateway decides nothing on them, at the top or below."""
    body = b'{"model":"a","messages":[{"role":"user","role":"user"}],"user":"x","user":"y"}'
    assert read_request(body, None).body is body


def test_large_numbers_survive_a_rewrite() -> None:
    """Whole numbers exactly; a fraction as Python reads it."""
    body = b'{"model":"a","messages":[],"seed":123456789012345678901234567890,"top_p":0.1}'
    sent = read_request(body, "b").body
    assert b'"seed":123456789012345678901234567890' in sent
    assert b'"top_p":0.1' in sent


def test_a_number_that_is_none_is_refused_rather_than_sent_as_infinity() -> None:
    """1e999 is JSON; Infinity is not."""
    body = b'{"model":"a","messages":[],"top_p":1e999}'
    assert read_request(body, None).body is body
    assert refusal(body, "b").endswith("a number is too large")


def test_lone_surrogates_survive_a_rewrite() -> None:
    """Legal as escapes, without a UTF-8 form of their own."""
    body = b'{"model":"a","messages":[{"role":"user","content":"\\ud800 \\u00fc \\\\ud800"}]}'
    sent = read_request(body, "b").body
    assert json.loads(sent)["messages"] == json.loads(body)["messages"]


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


def test_any_depth_is_answered() -> None:
    """Whatever can be read can be written again, or is refused; the stack never overflows."""
    for depth in range(0, 2 * sys.getrecursionlimit(), 97):
        body = b'{"model":"a","messages":[' + b"[" * depth + b"]" * depth + b"]}"
        with contextlib.suppress(LLMRequestUnreadable):
            assert json.loads(read_request(body, "b").body)["model"] == "b"


def test_twenty_megabytes_pass_in_a_moment() -> None:
    """An image as base64, rewritten because the model changes (F36)."""
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 20_000_000}}
    body = body_of(messages=[{"role": "user", "content": [image]}])
    before = time.perf_counter()
    sent = read_request(body, "gpt-4o").body
    assert time.perf_counter() - before < 2
    assert len(sent) > 20_000_000
    assert read_request(body, None).body is body


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)
NAMES = st.sampled_from(["model", "messages", "stream", "stream_options", "x"])


@given(st.dictionaries(NAMES, JSON_VALUES), st.sampled_from([None, "gpt-4o"]))
def test_any_object_is_read_or_refused(payload: dict[str, Any], model: str | None) -> None:
    """What is sent differs from what came in model and stream_options only."""
    body = json.dumps(payload).encode()
    try:
        request = read_request(body, model)
    except LLMRequestUnreadable:
        return
    assert isinstance(request, ChatRequest)
    sent = json.loads(request.body)
    changed = {name for name in sent if name not in payload or sent[name] != payload[name]}
    assert changed <= {"model", "stream_options"}
    assert sent["model"] == (model or payload["model"])
    assert payload.keys() <= sent.keys()


ANSWER: dict[str, Any] = {
    "id": "chatcmpl-1",
    "model": "gpt-4o-mini-2024-07-18",
    "choices": [],
    "usage": {
        "prompt_tokens": 12,
        "completion_tokens": 5,
        "total_tokens": 17,
        "prompt_tokens_details": {"cached_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 2},
    },
}


def test_an_answer_is_read_for_model_id_and_usage() -> None:
    """Details included."""
    assert read_answer(json.dumps(ANSWER).encode()) == ChatAnswer(
        "gpt-4o-mini-2024-07-18", "chatcmpl-1", Usage(12, 5, 4, 2)
    )


@pytest.mark.parametrize(
    "usage",
    [
        None,
        "12",
        [],
        {},
        {"prompt_tokens": None},
        {"prompt_tokens": "12"},
        {"prompt_tokens": 1.5},
        {"prompt_tokens": True},
        {"prompt_tokens": -1},
        {"prompt_tokens": 10**400},
    ],
)
def test_unknown_usage_is_not_zero(usage: Any) -> None:
    """None (F23), also where the provider says what no count can be."""
    assert answer_of({"usage": usage}) == ChatAnswer()
    assert answer_of({"usage": {"prompt_tokens": 0}}).usage.input_tokens == 0


def test_odd_details_do_not_hide_the_counts() -> None:
    """``null`` or a list where an object is expected."""
    usage = {"prompt_tokens": 1, "prompt_tokens_details": None, "completion_tokens_details": [1]}
    assert answer_of({"usage": usage}).usage == Usage(1)


def test_what_is_remembered_of_an_answer_is_text_and_short() -> None:
    """The log has to be able to show it."""
    answer = answer_of({"model": "\ud800" + "m" * 1000, "id": 5})
    assert answer == ChatAnswer("\\ud800" + "m" * 255, None)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "the body is not JSON"),
        (b"<html>", "the body is not JSON"),
        (b"[" * 100_000, "the body is not JSON"),
        (b"[]", "the body is not a JSON object"),
    ],
)
def test_an_answer_that_is_none_is_a_bad_gateway(body: bytes, why: str) -> None:
    """502, without any of the body."""
    with pytest.raises(LLMResponseUnreadable) as refused:
        read_answer(body)
    assert refused.value.status == 502
    assert str(refused.value) == f"failed to process LLM response: {why}"
