"""Spans of a request: one root, a child for each stage that came, attributes by their names."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labgateway.decisions.chat import Usage
from labgateway.decisions.exchange import Bodies, Exchange
from labgateway.decisions.spans import MOST_SPANS, Span, SpanEvent, span_count, spans_of
from tests.decisions import exchanged

START = 1767225600_250000000
REFUSED = replace(
    exchanged.REFUSED, parent_id="b7ad6b7169203331", client_span_id="53995c3f42cd8ad8"
)
ANSWERED = replace(
    exchanged.ANSWERED,
    parent_id=REFUSED.parent_id,
    client_span_id=REFUSED.client_span_id,
    path_match="/openai/*",
    endpoint="api.openai.com:443",
    request_model="gpt-4o",
    response_model="gpt-4o-2024-08-06",
    response_id="chatcmpl-1",
    finish_reasons=("stop",),
    usage=Usage(12, 34, 5, 8),
    parameters=(("temperature", 0), ("max_tokens", 40.0)),
    selected_ns=300_000,
    sent_ns=500_000,
    headers_ns=200_000_000,
    received_ns=841_000_000,
)
STREAMED = replace(ANSWERED, stream=True, first_token_ns=180_500_000)


def by_name(exchange: Exchange) -> dict[str, Span]:
    """The spans of an exchange by the first word of their names."""
    return {one.name.split()[0]: one for one in spans_of(exchange)}


@given(st.tuples(*[st.none() | st.integers(0, 900)] * 3))
def test_spans_are_counted_without_being_made(marks: tuple[int | None, ...]) -> None:
    """Whichever stages a request reached."""
    selected, sent, received = marks
    reached = replace(REFUSED, selected_ns=selected, sent_ns=sent, received_ns=received)
    assert span_count(reached) == len(spans_of(reached)) <= MOST_SPANS


def test_an_answered_request_has_a_span_for_each_stage() -> None:
    """Names, kinds, parents and times; the provider's parent is the call, the call's the root."""
    root, route, call, response = spans_of(ANSWERED)
    assert [(one.name, one.kind) for one in (root, route, call, response)] == [
        ("POST /openai/*", "SERVER"),
        ("route", "INTERNAL"),
        ("chat gpt-4o", "CLIENT"),
        ("response", "INTERNAL"),
    ]
    assert (root.span_id, root.parent_id) == (ANSWERED.span_id, ANSWERED.parent_id)
    assert call.span_id == ANSWERED.client_span_id
    assert [one.parent_id for one in (route, call, response)] == [root.span_id] * 3
    assert [
        (one.start_ns - START, one.end_ns - START) for one in (root, route, call, response)
    ] == [
        (0, 842_000_000),
        (0, 300_000),
        (500_000, 841_000_000),
        (841_000_000, 842_000_000),
    ]
    assert {one.service for one in (root, route, call, response)} == {"agentgateway"}
    assert root.duration_s == 0.842


def test_the_root_says_what_the_access_log_says() -> None:
    """Agentgateway's keys without the log's envelope and the error, then HTTP's conventions."""
    assert dict(by_name(ANSWERED)["POST"].attributes) == {
        "gateway": "agentgateway-system/agentgateway",
        "listener": "http",
        "route": "agentgateway-system/openai",
        "endpoint": "api.openai.com:443",
        "src.addr": "127.0.0.1:51234",
        "http.method": "POST",
        "http.host": "localhost",
        "http.path": "/openai",
        "http.version": "HTTP/1.1",
        "http.status": 200,
        "trace.id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "span.id": "00f067aa0ba902b7",
        "protocol": "llm",
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.usage.input_tokens": 12,
        "gen_ai.usage.cache_read.input_tokens": 5,
        "gen_ai.usage.output_tokens": 34,
        "gen_ai.usage.reasoning_tokens": 8,
        "gen_ai.request.temperature": 0,
        "gen_ai.request.max_tokens": 40,
        "duration": "842ms",
        "labgateway.original_model": "gpt-4o-mini",
        "http.request.method": "POST",
        "http.route": "/openai/*",
        "http.response.status_code": 200,
        "url.scheme": "http",
        "url.path": "/openai",
        "network.protocol.version": "1.1",
        "server.address": "localhost",
        "server.port": 8080,
        "client.address": "127.0.0.1",
        "client.port": 51234,
    }


def test_the_call_says_what_genai_conventions_ask_for() -> None:
    """v1.41.1, and nothing of it that is unknown; numbers have the type that it demands."""
    attributes = by_name(ANSWERED)["chat"].attributes
    assert dict(attributes) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.request.temperature": 0.0,
        "gen_ai.request.max_tokens": 40,
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.response.id": "chatcmpl-1",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": 12,
        "gen_ai.usage.cache_read.input_tokens": 5,
        "gen_ai.usage.output_tokens": 34,
        "gen_ai.usage.reasoning.output_tokens": 8,
        "server.address": "api.openai.com",
        "server.port": 443,
    }
    assert type(attributes["gen_ai.request.temperature"]) is float
    assert type(attributes["gen_ai.request.max_tokens"]) is int


def test_a_stream_says_when_its_first_token_came() -> None:
    """As an event, and in seconds since the request was sent, which is not since it came."""
    call = by_name(STREAMED)["chat"]
    assert call.events == (SpanEvent("first_token", START + 180_500_000),)
    assert call.attributes["gen_ai.response.time_to_first_chunk"] == 0.18
    assert call.attributes["gen_ai.request.stream"] is True


def test_a_request_without_a_route_has_the_root_alone() -> None:
    """Nothing is made up; 404 is the client's mistake and no error of the server's."""
    (root,) = spans_of(REFUSED)
    assert (root.name, root.status, root.description) == ("POST", "UNSET", "")
    assert root.attributes["http.response.status_code"] == 404
    assert root.attributes["reason"] == "NotFound"
    assert not {"error", "error.type", "http.route"} & set(root.attributes)


@pytest.mark.parametrize("method", ["BREW", "post", "PROPFIND"])
def test_a_method_that_nobody_knows_is_no_name(method: str) -> None:
    """Names of spans are few, whatever a client sends."""
    root = spans_of(replace(ANSWERED, method=method))[0]
    assert root.name == "HTTP /openai/*"
    assert root.attributes["http.request.method"] == "_OTHER"
    assert root.attributes["http.request.method_original"] == method


@pytest.mark.parametrize(
    ("changes", "root", "call", "error_type"),
    [
        ({}, "UNSET", "UNSET", None),
        ({"status": 429}, "UNSET", "ERROR", "429"),
        ({"status": 500}, "ERROR", "ERROR", "500"),
        (
            {"status": 503, "reason": "UpstreamFailure", "error": "x"},
            *["ERROR"] * 2,
            "UpstreamFailure",
        ),
        (
            {"status": 504, "reason": "Timeout", "error": "request timeout"},
            *["ERROR"] * 2,
            "Timeout",
        ),
        ({"reason": "UpstreamFailure", "error": "broke off"}, *["ERROR"] * 2, "UpstreamFailure"),
        (
            {"status": 499, "reason": "Internal", "error": "client went away"},
            "UNSET",
            "UNSET",
            None,
        ),
    ],
)
def test_status_follows_the_http_conventions(
    changes: dict[str, Any], root: str, call: str, error_type: str | None
) -> None:
    """A stream that broke is an error at 200 (F13); whoever goes away made none."""
    spans = by_name(replace(ANSWERED, **changes))
    assert (spans["POST"].status, spans["chat"].status) == (root, call)
    assert spans["chat"].attributes.get("error.type") == error_type
    assert spans["POST"].attributes.get("error.type") == (error_type if root == "ERROR" else None)
    described = changes.get("error", "") if call == "ERROR" else ""
    assert spans["chat"].description == described


def test_a_call_that_was_never_answered_lasts_to_the_end() -> None:
    """And there is nothing to pass back."""
    spans = by_name(replace(STREAMED, received_ns=None, usage=Usage()))
    assert "response" not in spans
    assert spans["chat"].end_ns == START + 842_000_000
    assert not any("usage" in name for name in spans["chat"].attributes)


def test_what_was_said_is_there_only_while_bodies_are_kept() -> None:
    """As messages of the conventions, on the call alone."""
    said = Bodies(
        request='{"messages": [{"role": "user", "content": "client canary"}]}',
        sent='{"messages": [{"role": "user", "content": "canary"}]}',
        response='{"choices": [{"message": {"content": "canary"}, "finish_reason": "stop"}]}',
    )
    spans = by_name(replace(ANSWERED, bodies=said))
    texts = spans["chat"].attributes
    part = {"type": "text", "content": "canary"}
    assert json.loads(str(texts["gen_ai.input.messages"])) == [{"role": "user", "parts": [part]}]
    assert json.loads(str(texts["gen_ai.output.messages"])) == [
        {"role": "assistant", "parts": [part], "finish_reason": "stop"}
    ]
    assert "canary" not in repr(spans["POST"])
    assert "canary" not in repr(spans_of(ANSWERED))


MARK = st.none() | st.integers(0, 2**40)
EXCHANGES = st.builds(
    replace,
    st.just(ANSWERED),
    started=st.floats(0, 4e9),
    status=st.integers(100, 599),
    error=st.none() | st.text(max_size=5),
    endpoint=st.none() | st.text(max_size=9),
    source=st.text(max_size=9),
    bind=st.none() | st.text(max_size=9),
    client_span_id=st.none() | st.just("53995c3f42cd8ad8"),
    request_model=st.none() | st.text(max_size=9),
    ended_ns=st.integers(0, 2**40),
    **dict.fromkeys(["selected_ns", "sent_ns", "first_token_ns", "received_ns"], MARK),
)


@given(EXCHANGES)
def test_children_lie_within_the_one_root(exchange: Exchange) -> None:
    """Whatever the marks; each id once, and the same every time."""
    spans = spans_of(exchange)
    root, *children = spans
    assert [one.kind for one in spans].count("SERVER") == 1
    assert {one.parent_id for one in children} <= {root.span_id}
    assert len({one.span_id for one in spans}) == len(spans)
    assert all(len(one.span_id) == 16 and int(one.span_id, 16) for one in spans)
    for one in spans:
        assert one.trace_id == exchange.trace_id
        assert root.start_ns <= one.start_ns <= one.end_ns <= root.end_ns
        assert all(root.start_ns <= event.time_ns <= root.end_ns for event in one.events)
        assert None not in one.attributes.values()
    assert spans_of(exchange) == spans
