"""The simulated provider's answers, and the bodies it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labgateway.decisions.simulated_answers import count_tokens
from tests.decisions.simulated import answered, asked, chat, error, events, whole


def test_the_text_depends_on_the_last_user_message() -> None:
    """Counting is done, anything else is quoted; the same question gets the same text."""
    counted = whole(chat("Please count to 3."))
    quoted = whole(chat("What is\nan AI gateway?"))

    assert counted["choices"][0]["message"]["content"] == "1, 2, 3"
    assert '"What is an AI gateway?"' in quoted["choices"][0]["message"]["content"]
    assert quoted["choices"] == whole(chat("What is\nan AI gateway?"))["choices"]


def test_equal_requests_have_ids_of_their_own() -> None:
    """The id comes from the request and its serial number: repeatable, but never twice."""
    ids = [
        json.loads(answered(asked(body=chat()), serial=serial).parts[0])["id"]
        for serial in (1, 2, 1)
    ]

    assert ids[0] == ids[2] != ids[1]
    assert ids[0].startswith("chatcmpl-")


@pytest.mark.parametrize(
    ("model", "answering"),
    [
        ("gpt-4o", "gpt-4o-2024-08-06"),
        ("gpt-4o-mini", "gpt-4o-mini-2024-07-18"),
        ("gpt-3.5-turbo", "gpt-3.5-turbo-0125"),
        ("gpt-4o-2024-05-13", "gpt-4o-2024-05-13"),
        ("anything", "anything"),
    ],
)
def test_an_alias_is_answered_by_a_dated_model(model: str, answering: str) -> None:
    """As at OpenAI; an unknown name is answered as it is."""
    assert whole(chat(model=model))["model"] == answering


def test_usage_counts_words_and_marks() -> None:
    """3 for the prompt, 4 for the message, 3 words; 3 numbers and 2 commas."""
    usage = whole(chat("Count to 3"))["usage"]

    assert (usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"]) == (
        10,
        5,
        15,
    )
    assert usage["prompt_tokens_details"]["cached_tokens"] == 0
    assert usage["completion_tokens_details"]["reasoning_tokens"] == 0
    assert count_tokens("Hello, world! ...") == 7


def test_a_long_prompt_is_cached_in_steps_of_128() -> None:
    """1,100 words and 7 more are 1,107 tokens, of which 8 x 128 are reported as cached."""
    usage = whole(chat("word " * 1100))["usage"]

    assert usage["prompt_tokens"] == 1107
    assert usage["prompt_tokens_details"]["cached_tokens"] == 1024


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_a_limit_cuts_the_answer(name: str) -> None:
    """The finish reason says so, and only what was sent is counted."""
    answer = whole(chat("Count to 10", **{name: 3}))

    assert answer["choices"][0]["message"]["content"] == "1, 2"
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 3


def test_a_stream_says_what_the_whole_answer_says() -> None:
    """Role first, one token an event, finish reason last, and no usage unless asked."""
    chunks = events(chat(stream=True))
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]

    assert deltas[0]["role"] == "assistant"
    assert "".join(delta.get("content", "") for delta in deltas) == "1, 2, 3"
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks[-2:]] == [None, "stop"]
    assert not any("usage" in chunk for chunk in chunks)
    assert len({chunk["id"] for chunk in chunks}) == 1


def test_a_stream_ends_with_usage_when_asked() -> None:
    """The last chunk has usage and no choices; the others say null."""
    chunks = events(chat(stream=True, stream_options={"include_usage": True}))

    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"] == whole(chat())["usage"]
    assert [chunk["usage"] for chunk in chunks[:-1]] == [None] * (len(chunks) - 1)


@pytest.mark.parametrize(
    ("fields", "param", "code"),
    [
        ({"model": None}, None, None),
        ({"model": ""}, None, None),
        ({"messages": []}, "messages", "empty_array"),
        ({"messages": "hi"}, "messages", "invalid_type"),
        ({"messages": ["hi"]}, "messages[0]", "invalid_type"),
        ({"messages": [{"content": "hi"}]}, "messages[0].role", "missing_required_parameter"),
        (
            {"messages": [{"role": "human", "content": "hi"}]},
            "messages[0].role",
            "invalid_value",
        ),
        ({"messages": [{"role": "user"}]}, "messages[0].content", None),
        ({"messages": [{"role": "user", "content": 3}]}, "messages[0].content", None),
        ({"max_tokens": 0}, "max_tokens", "integer_below_min_value"),
        ({"max_completion_tokens": "9"}, "max_completion_tokens", "invalid_type"),
    ],
)
def test_a_bad_body_is_400_and_names_the_parameter(
    fields: dict[str, Any], param: str | None, code: str | None
) -> None:
    """Each mistake has OpenAI's param and code."""
    refusal = answered(asked(body=chat(**fields)))

    assert refusal.status == 400
    assert (error(refusal)["param"], error(refusal)["code"]) == (param, code)
    assert error(refusal)["type"] == "invalid_request_error"


def test_the_two_commonest_refusals_are_worded_as_openai_words_them() -> None:
    """A role that does not exist, and no model."""
    role = answered(asked(body=chat(messages=[{"role": "human", "content": "hi"}])))
    model = answered(asked(body=b'{"messages": [{"role": "user", "content": "hi"}]}'))

    assert error(role)["message"] == (
        "Invalid value: 'human'. Supported values are: 'system', 'assistant', 'user', 'function',"
        " 'tool', and 'developer'."
    )
    assert error(model)["message"] == "you must provide a model parameter"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_400(body: bytes) -> None:
    """Also one nested so deeply that the parser gives up."""
    assert answered(asked(body=body)).status == 400


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "user", "content": [{"type": "text", "text": "Count to 3"}]}],
        [{"role": "user", "content": "Count to 3"}, {"role": "assistant", "tool_calls": []}],
        [{"role": "developer", "content": "Count to 3"}],
    ],
)
def test_other_forms_of_messages_are_read(messages: list[dict[str, object]]) -> None:
    """Content in parts, an assistant without content, no user at all."""
    assert whole(chat(messages=messages))["choices"][0]["message"]["content"] == "1, 2, 3"


def test_half_a_character_does_not_break_the_answer() -> None:
    r"""JSON may hold ``\ud800`` alone, which has no UTF-8 form."""
    body = rb'{"model": "\ud800", "messages": [{"role": "user", "content": "\ud800"}]}'

    assert whole(body)["model"] == "\ud800"
