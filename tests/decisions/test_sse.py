"""Server-sent events: read on the way through, passed on byte for byte."""

from __future__ import annotations

import itertools
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labgateway.decisions.chat import ChatAnswer, Usage
from labgateway.decisions.sse import EventStream, read_event

MODEL = "gpt-4o-mini-2024-07-18"


def data(payload: Any, end: str = "\n\n") -> bytes:
    """One event."""
    return f"data: {json.dumps(payload, ensure_ascii=False)}{end}".encode()


def chunk(content: str | None = None, **fields: Any) -> dict[str, Any]:
    """A chunk as OpenAI sends it."""
    delta = {} if content is None else {"content": content}
    return {"id": "chatcmpl-1", "model": MODEL, "choices": [{"index": 0, "delta": delta}], **fields}


def usage(input_tokens: int, output_tokens: int) -> dict[str, int]:
    """Counts as OpenAI names them."""
    return {"prompt_tokens": input_tokens, "completion_tokens": output_tokens}


USAGE_CHUNK = data({"id": "chatcmpl-1", "model": MODEL, "choices": [], "usage": usage(12, 3)})
DONE = b"data: [DONE]\n\n"
STREAM = b"".join(
    [
        b": keep-alive\n\n",
        data(chunk("", usage=None)),
        data(chunk("안녕")),
        data(chunk("🚀"), end="\r\n\r\n"),
        b"event: message\nid: 7\ndata:" + json.dumps(chunk("!")).encode() + b"\nretry: 3\n\n",
        data(chunk(None, usage=None)),
        USAGE_CHUNK,
        DONE,
    ]
)


def through(
    stream: bytes, *, drop_usage: bool, cuts: list[int] | None = None
) -> tuple[bytes, EventStream]:
    """(what the client got, the stream as it was read) for a stream cut into chunks."""
    events = EventStream(drop_usage=drop_usage)
    places = [0, *sorted(cut % (len(stream) + 1) for cut in cuts or []), len(stream)]
    passed = [events.feed(stream[a:b]) for a, b in itertools.pairwise(places)]
    return b"".join([*passed, events.finish()]), events


def test_a_stream_passes_unchanged_and_is_read() -> None:
    """Model, id, usage, the end, and that something was generated."""
    passed, events = through(STREAM, drop_usage=False)
    assert passed == STREAM
    assert events.answer == ChatAnswer(MODEL, "chatcmpl-1", Usage(12, 3))
    assert (events.done, events.started) == (True, True)


def test_a_usage_chunk_that_was_not_asked_for_is_dropped() -> None:
    """And nothing else; its counts are remembered all the same (F6)."""
    passed, events = through(STREAM, drop_usage=True)
    assert passed == STREAM.replace(USAGE_CHUNK, b"")
    assert events.answer.usage == Usage(12, 3)


EVENTS = st.lists(
    st.sampled_from(
        [
            *(
                data(chunk("안녕🚀"), end=end)
                for end in ("\n\n", "\r\n\r\n", "\r\r", "\n\r\n", "\r\n\n")
            ),
            b": comment\n\n",
            b"event: ping\n\n",
            b"data:[DONE]\n\n",
            b"\n\n",
            b"\r\n",
            b"data: {broken\n\n",
            b"data: \xff\xfe\n\n",
            b"data\n\n",
            b'data: {"usage":\ndata: {"prompt_tokens": 5}}\n\n',
            USAGE_CHUNK,
            USAGE_CHUNK.replace(b"\n", b"\r\n"),
            data({"choices": None, "usage": usage(1, 1)}),
            data(chunk("x", usage=usage(9, 9)))[:-2],
        ]
    ),
    max_size=8,
).map(b"".join)


@given(stream=EVENTS, cuts=st.lists(st.integers(0, 2000), max_size=40), drop=st.booleans())
def test_chunk_borders_change_nothing(stream: bytes, cuts: list[int], drop: bool) -> None:
    """Wherever the network cuts (F11, F12): the same reading, the same bytes."""
    whole, read_whole = through(stream, drop_usage=drop)
    passed, read = through(stream, drop_usage=drop, cuts=cuts)
    assert passed == whole
    assert (read.answer, read.done, read.started) == (
        read_whole.answer,
        read_whole.done,
        read_whole.started,
    )
    if not drop:
        assert passed == stream


def test_bytes_are_not_held_back_without_need() -> None:
    """Every chunk leaves as it comes, in the middle of an event too (F1)."""
    events = EventStream(drop_usage=False)
    assert [events.feed(STREAM[at : at + 7]) for at in range(0, len(STREAM), 7)] == [
        STREAM[at : at + 7] for at in range(0, len(STREAM), 7)
    ]
    assert events.finish() == b""


def test_whole_events_leave_at_once_when_usage_is_dropped() -> None:
    """Only the unfinished rest waits."""
    events = EventStream(drop_usage=True)
    first, second = data(chunk("a")), data(chunk("b"))
    assert events.feed(first + second[:10]) == first
    assert events.feed(second[10:]) == second


@pytest.mark.parametrize(
    "payload",
    [
        chunk("last words", usage=usage(12, 3)),
        chunk(None, usage=usage(12, 3)),
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": usage(12, 3)},
        {"usage": usage(12, 3)},
    ],
)
def test_usage_on_another_chunk_is_read_and_the_chunk_stays(payload: dict[str, Any]) -> None:
    """It carries content or the finish reason (F7), or is nothing we know."""
    passed, events = through(data(payload), drop_usage=True)
    assert passed == data(payload)
    assert events.answer.usage == Usage(12, 3)


@pytest.mark.parametrize(
    "payload",
    [
        {"choices": [], "prompt_filter_results": [{}]},
        {"choices": None},
        {"choices": [], "usage": None},
        {"choices": "odd"},
        {"choices": [None]},
        {"choices": [{"delta": None}]},
        {"choices": [{}]},
        {},
        {"error": {"message": "overloaded"}},
    ],
)
def test_chunks_without_choices_or_usage_pass(payload: dict[str, Any]) -> None:
    """Azure's first chunk, and shapes that broke other gateways (F9)."""
    passed, events = through(data(payload), drop_usage=True)
    assert passed == data(payload)
    assert (events.answer, events.started) == (ChatAnswer(), False)


@pytest.mark.parametrize("choices", [[], None])
def test_a_usage_chunk_is_one_without_choices(choices: Any) -> None:
    """An empty list or null."""
    assert through(data({"choices": choices, "usage": usage(1, 2)}), drop_usage=True)[0] == b""


def test_a_later_usage_replaces_an_earlier_one() -> None:
    """Cumulative counts are not added up (F8); an empty one says nothing."""
    counts = [usage(10, 1), usage(10, 50), {}, usage(10, 100)]
    stream = b"".join(data({"choices": [], "usage": one}) for one in counts)
    assert through(stream, drop_usage=False)[1].answer.usage == Usage(10, 100)


def test_the_last_event_may_lack_its_empty_line() -> None:
    """It is read, and passed or dropped like any other (F7)."""
    cut = USAGE_CHUNK.rstrip()
    passed, events = through(data(chunk("a")) + cut, drop_usage=False)
    assert passed == data(chunk("a")) + cut
    assert events.answer.usage == Usage(12, 3)
    assert through(data(chunk("a")) + cut, drop_usage=True)[0] == data(chunk("a"))


@pytest.mark.parametrize(
    ("delta", "started"),
    [
        ({"role": "assistant", "content": ""}, False),
        ({"role": "assistant", "content": "", "refusal": None}, False),
        ({}, False),
        ({"content": " "}, True),
        ({"tool_calls": [{"index": 0}]}, True),
        ({"reasoning_content": "hm"}, True),
        ({"role": "assistant", "content": "Hi"}, True),
    ],
)
def test_the_first_token_is_the_first_thing_generated(delta: dict[str, Any], started: bool) -> None:
    """A role alone is none."""
    stream = data({"choices": [{"index": 0, "delta": delta}]})
    assert through(stream, drop_usage=False)[1].started is started


def test_done_is_no_payload() -> None:
    """With or without a space."""
    assert (read_event(DONE).done, read_event(b"data:[DONE]\r\n\r\n").done) == (True, True)
    assert read_event(b": [DONE]\n\n").done is False


def test_an_event_fed_byte_by_byte_takes_linear_time() -> None:
    """Half a megabyte in one event, which a search from the start each time would not survive."""
    events = EventStream(drop_usage=True)
    event = data(chunk("x" * 500_000))
    before = time.perf_counter()
    passed = b"".join(events.feed(event[at : at + 1]) for at in range(len(event)))
    assert time.perf_counter() - before < 20
    assert passed == event
    assert events.started


def test_what_is_held_is_bounded() -> None:
    """An event without an end is passed on unread, and the events after it are read again (F41)."""
    events = EventStream(drop_usage=True)
    flood = b"data: " + b"x" * 3_000_000
    passed = b"".join(events.feed(flood[at : at + 65536]) for at in range(0, len(flood), 65536))
    assert len(passed) > 1_900_000
    passed += events.feed(b"\n\n" + USAGE_CHUNK) + events.finish()
    assert passed == flood + b"\n\n"
    assert events.answer.usage == Usage(12, 3)


@pytest.mark.parametrize("nested", [b"[" * 100_000, b'{"a":' * 100_000])
def test_an_event_nested_too_deeply_is_passed_on_unread(nested: bytes) -> None:
    """Rather than ending the stream."""
    event = b"data: " + nested + b"\n\n"
    assert through(event, drop_usage=True)[0] == event
