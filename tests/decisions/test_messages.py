"""What was said, as OpenTelemetry's messages: whole answers, streams, and what was cut."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labgateway.decisions.messages import input_messages, output_messages


def asked(*messages: object) -> Any:
    """The messages of a request, as spans have them."""
    return read(input_messages(json.dumps({"model": "gpt-4o", "messages": messages})))


def answered(*choices: object) -> Any:
    """The messages of an answer, as spans have them."""
    return read(output_messages(json.dumps({"choices": choices})))


def streamed(*choices: object, end: str = "\n\n") -> str:
    """A stream of events, each with one choice."""
    events = [f"data: {json.dumps({'choices': [one]})}" for one in choices]
    return end.join([*events, "data: [DONE]", ""])


def read(text: str | None) -> Any:
    """The value of the JSON text."""
    return None if text is None else json.loads(text)


def text(content: str) -> dict[str, str]:
    """A part that is text."""
    return {"type": "text", "content": content}


CALL = {"id": "call_1", "type": "function", "function": {"name": "now", "arguments": '{"a": 1}'}}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"role": "user", "content": "hi"}, {"role": "user", "parts": [text("hi")]}),
        ({"role": "system", "content": ""}, {"role": "system", "parts": []}),
        ({"role": "user"}, {"role": "user", "parts": []}),
        ({"content": 5}, {"role": "", "parts": []}),
        (
            {"role": "tool", "tool_call_id": "call_1", "content": "noon"},
            {
                "role": "tool",
                "parts": [{"type": "tool_call_response", "id": "call_1", "response": "noon"}],
            },
        ),
        (
            {"role": "assistant", "content": None, "tool_calls": [CALL, "odd", {"id": "call_2"}]},
            {
                "role": "assistant",
                "parts": [
                    {"type": "tool_call", "id": "call_1", "name": "now", "arguments": {"a": 1}},
                    {"type": "tool_call", "id": "call_2", "name": "", "arguments": None},
                ],
            },
        ),
        (
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "what is this"},
                    {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
                    {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
                    {"type": "later", "later": 1},
                    "odd",
                ],
            },
            {
                "role": "user",
                "parts": [
                    text("what is this"),
                    {"type": "uri", "modality": "image", "uri": "https://example.com/a.png"},
                    {
                        "type": "blob",
                        "modality": "image",
                        "mime_type": "image/png",
                        "content": "AAAA",
                    },
                    {
                        "type": "blob",
                        "modality": "audio",
                        "mime_type": "audio/wav",
                        "content": "AAAA",
                    },
                    {"type": "later", "later": 1},
                ],
            },
        ),
    ],
)
def test_messages_of_a_request(message: dict[str, Any], expected: dict[str, Any]) -> None:
    """Parts of the kinds that the schema knows; what it does not know stays as it is."""
    assert asked(message) == [expected]


@pytest.mark.parametrize(
    ("choice", "parts", "reason"),
    [
        ({"message": {"content": "hi"}, "finish_reason": "stop"}, [text("hi")], "stop"),
        ({"message": {"content": "hi"}, "finish_reason": "length"}, [text("hi")], "length"),
        ({"message": {"content": "hi"}}, [text("hi")], "error"),
        ({"message": {"refusal": "no"}, "finish_reason": "stop"}, [text("no")], "stop"),
        (
            {
                "message": {"reasoning_content": "so", "content": "hi"},
                "finish_reason": "content_filter",
            },
            [{"type": "reasoning", "content": "so"}, text("hi")],
            "content_filter",
        ),
        (
            {"message": {"tool_calls": [CALL]}, "finish_reason": "tool_calls"},
            [{"type": "tool_call", "id": "call_1", "name": "now", "arguments": {"a": 1}}],
            "tool_call",
        ),
    ],
)
def test_messages_of_an_answer(
    choice: dict[str, Any], parts: list[dict[str, Any]], reason: str
) -> None:
    """One a choice; OpenAI's tool_calls is the convention's tool_call."""
    assert answered(choice) == [{"role": "assistant", "parts": parts, "finish_reason": reason}]


@pytest.mark.parametrize("end", ["\n\n", "\r\n\r\n"])
def test_a_stream_is_put_together(end: str) -> None:
    """By choice; pieces of text, of reasoning and of a tool call's arguments are joined."""
    begun = {"index": 0, "id": "call_1", "function": {"name": "now", "arguments": '{"a"'}}
    body = streamed(
        {"index": 0, "delta": {"role": "assistant", "content": ""}},
        {"index": 1, "delta": {"role": "assistant", "tool_calls": [begun]}},
        {"index": 0, "delta": {"reasoning_content": "let me "}},
        {"index": 0, "delta": {"reasoning_content": "see"}},
        {"index": 0, "delta": {"content": "안녕"}},
        {"index": 1, "delta": {"tool_calls": [{"index": 0, "function": {"arguments": ": 1}"}}]}},
        {"index": 0, "delta": {"content": " 🚀"}, "finish_reason": None},
        {"index": 0, "delta": {}, "finish_reason": "stop"},
        {"index": 1, "delta": {}, "finish_reason": "tool_calls"},
        end=end,
    )
    assert read(output_messages(body)) == [
        {
            "role": "assistant",
            "parts": [{"type": "reasoning", "content": "let me see"}, text("안녕 🚀")],
            "finish_reason": "stop",
        },
        {
            "role": "assistant",
            "parts": [{"type": "tool_call", "id": "call_1", "name": "now", "arguments": {"a": 1}}],
            "finish_reason": "tool_call",
        },
    ]


def test_what_came_before_the_cut_is_there() -> None:
    """A body is kept up to a length; its beginning can be read."""
    body = json.dumps({"messages": [{"role": "user", "content": "first"}, {"role": "x"}]})
    cut = body[: body.index("first") + 3]
    assert read(input_messages(cut)) == [{"role": "user", "parts": [text("fir")]}]
    answer = '{"id": "1", "choices": [{"message": {"content": "The answ'
    said = [{"role": "assistant", "parts": [text("The answ")], "finish_reason": "error"}]
    assert read(output_messages(answer)) == said
    events = streamed({"delta": {"content": "The"}}, {"delta": {"content": " answer"}})
    said[0]["parts"] = [text("The")]
    assert read(output_messages(events[: events.index(" answer")])) == said


@pytest.mark.parametrize(
    "body",
    [
        *(None, "", "not json", "[]", "5", "null", "{}", '{"choices": 5}', "[" * 100_000),
        *('{"choices": []}', '{"choices": [{"message": 5}]}', '{"error": {"message": "no"}}'),
        *('{"messages": 5}', '{"messages": []}', "data: 5\n\n", "data: {}\n\n", ": ping\n\n"),
        'data: {"choices": [5]}\n\n',
    ],
)
def test_a_body_without_messages_has_none(body: str | None) -> None:
    """Errors of providers, and whatever else."""
    assert input_messages(body) is None
    assert output_messages(body) is None


NAMES = st.sampled_from(
    [
        *("choices", "messages", "message", "delta", "content", "tool_calls", "function", "index"),
        *("arguments", "type", "image_url", "url", "text", "role", "finish_reason"),
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


@given(JSON, st.integers(0, 200))
def test_whatever_was_said_is_json_or_nothing(value: Any, cut: int) -> None:
    """Also cut, also as an event."""
    body = json.dumps(value)[:cut]
    for one in (body, f'{{"messages": {body}', f'{{"choices": {body}', f"data: {body}\n\n"):
        for written in (input_messages(one), output_messages(one)):
            assert written is None or isinstance(json.loads(written), list)
