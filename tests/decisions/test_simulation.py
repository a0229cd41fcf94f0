"""The simulated provider's decisions: what it answers, what it refuses, how it misbehaves."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labgateway.decisions.simulated_answers import count_tokens
from labgateway.decisions.simulation import Behaviour, Reply, SimulatedRequest, reply

KEY = "sk-simulated-0123456789"
AUTHORIZED = (b"authorization", f"Bearer {KEY}".encode())


def asked(
    *, method: str = "POST", path: str = "/v1/chat/completions", body: bytes = b"", **headers: str
) -> SimulatedRequest:
    """A request with the right key; underscores in header names stand for hyphens."""
    extra = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    pairs = tuple({AUTHORIZED[0]: AUTHORIZED[1], **extra}.items())
    return SimulatedRequest(method, path, "", pairs, body)


def answered(request: SimulatedRequest, usual: Behaviour | None = None, serial: int = 1) -> Reply:
    """The reply at a fixed time."""
    return reply(request, KEY, usual or Behaviour(), serial, 1_700_000_000)


def chat(content: str = "Count to 3", **fields: object) -> bytes:
    """A body with one user message."""
    messages = [{"role": "user", "content": content}]
    return json.dumps({"model": "gpt-4o-mini", "messages": messages, **fields}).encode()


def whole(body: bytes, **headers: str) -> dict[str, Any]:
    """The decoded answer to a body."""
    payload: dict[str, Any] = json.loads(answered(asked(body=body, **headers)).parts[0])
    return payload


def events(body: bytes, **headers: str) -> list[dict[str, Any]]:
    """The decoded events of a stream, without its end."""
    parts = answered(asked(body=body, **headers)).parts
    assert parts[-1] == b"data: [DONE]\n\n"
    return [json.loads(part.removeprefix(b"data: ")) for part in parts[:-1]]


def error(reply: Reply) -> dict[str, Any]:
    """The error object of a refusal."""
    problem: dict[str, Any] = json.loads(reply.parts[0])["error"]
    assert list(problem) == ["message", "type", "param", "code"]
    return problem


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


def test_usage_can_be_kept_back() -> None:
    """As some compatible providers do, whole and streamed."""
    streamed = events(
        chat(stream=True, stream_options={"include_usage": True}), x_simulate="no-usage"
    )

    assert "usage" not in whole(chat(), x_simulate="no-usage")
    assert all(chunk["choices"] and "usage" not in chunk for chunk in streamed)


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
    fields: dict[str, object], param: str | None, code: str | None
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
