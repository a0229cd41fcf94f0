"""Bodies that no client of ours would send: refused, or passed on as they are."""

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
    ChatRequest,
    read_request,
)
from labgateway.words.errors import LLMRequestUnreadable
from tests.decisions.chats import CANARY, body_of, refusal


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
    assert time.perf_counter() - before < 10
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
