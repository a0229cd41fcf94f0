"""One request as a fact: its journal line and its access-log line."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labgateway.decisions.access_log import (
    LOG_NAMES,
    from_json,
    json_line,
    log_record,
    text_line,
    to_json,
)
from labgateway.decisions.chat import Usage
from labgateway.decisions.exchange import Bodies, Exchange
from tests.decisions import exchanged

REFUSED = dataclasses.replace(exchanged.REFUSED, bind=None)
ANSWERED = dataclasses.replace(
    exchanged.STREAMED,
    bind=None,
    route_rule="chat",
    endpoint="api.openai.com:443",
    request_model="gpt-4o",
    response_model="gpt-4o-2024-08-06",
    usage=Usage(12, 34, 0, None),
    response_bytes=0,
    credential="secret",
    client_authorization=True,
    fields=("model", "messages"),
    roles=("user",),
    first_token_ns=180_600_000,
    parameters=(("max_tokens", 40), ("temperature", 0.5), ("seed", 7)),
)
SPOKEN = dataclasses.replace(ANSWERED, bodies=Bodies('{"a": "ä"}', '{"b": 1}', "data: 1\n\n"))


def test_an_answered_request_logs_what_agentgateway_logs() -> None:
    """Names and order are agentgateway v1.4.1's; our own field comes last."""
    assert list(log_record(ANSWERED).items()) == [
        ("level", "info"),
        ("time", "2026-01-01T00:00:00.250000Z"),
        ("scope", "request"),
        ("gateway", "agentgateway-system/agentgateway"),
        ("listener", "http"),
        ("route_rule", "chat"),
        ("route", "agentgateway-system/openai"),
        ("endpoint", "api.openai.com:443"),
        ("src.addr", "127.0.0.1:51234"),
        ("http.method", "POST"),
        ("http.host", "localhost"),
        ("http.path", "/openai"),
        ("http.version", "HTTP/1.1"),
        ("http.status", 200),
        ("trace.id", "4bf92f3577b34da6a3ce929d0e0e4736"),
        ("span.id", "00f067aa0ba902b7"),
        ("protocol", "llm"),
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.provider.name", "openai"),
        ("gen_ai.request.model", "gpt-4o"),
        ("gen_ai.response.model", "gpt-4o-2024-08-06"),
        ("gen_ai.usage.input_tokens", 12),
        ("gen_ai.usage.cache_read.input_tokens", 0),
        ("gen_ai.usage.output_tokens", 34),
        ("agw.ai.time_to_first_token", "181ms"),
        ("agw.ai.time_per_output_token", "19ms"),
        ("gen_ai.request.temperature", 0.5),
        ("gen_ai.request.max_tokens", 40),
        ("gen_ai.request.seed", 7),
        ("duration", "842ms"),
        ("labgateway.original_model", "gpt-4o-mini"),
    ]


def test_a_refused_request_logs_why_and_nothing_of_a_model() -> None:
    """What is not known is left out, not empty and not zero (F23)."""
    assert list(log_record(REFUSED).items()) == [
        ("level", "info"),
        ("time", "2026-01-01T00:00:00.250000Z"),
        ("scope", "request"),
        ("src.addr", "127.0.0.1:51234"),
        ("http.method", "POST"),
        ("http.host", "localhost"),
        ("http.path", "/nowhere"),
        ("http.version", "HTTP/1.1"),
        ("http.status", 404),
        ("trace.id", "4bf92f3577b34da6a3ce929d0e0e4736"),
        ("span.id", "00f067aa0ba902b7"),
        ("protocol", "http"),
        ("error", "route not found"),
        ("reason", "NotFound"),
        ("duration", "1ms"),
    ]


def test_bodies_come_last_and_only_when_they_were_kept() -> None:
    """The line shows the two that agentgateway shows; what was sent is in the journal."""
    assert list(log_record(SPOKEN).items())[-2:] == [
        ("request.body", '{"a": "ä"}'),
        ("response.body", "data: 1\n\n"),
    ]
    assert list(log_record(SPOKEN))[:-2] == list(log_record(ANSWERED))
    assert json.loads(to_json(SPOKEN))["labgateway"]["bodies"] == {"sent": '{"b": 1}'}


def test_the_line_is_json_or_text() -> None:
    """Text as agentgateway writes it: tabs around the level, an error in quotes."""
    assert json.loads(json_line(SPOKEN)) == log_record(SPOKEN)
    assert text_line(REFUSED) == (
        "2026-01-01T00:00:00.250000Z\tinfo\trequest src.addr=127.0.0.1:51234 http.method=POST"
        " http.host=localhost http.path=/nowhere http.version=HTTP/1.1 http.status=404"
        " trace.id=4bf92f3577b34da6a3ce929d0e0e4736 span.id=00f067aa0ba902b7 protocol=http"
        ' error="route not found" reason=NotFound duration=1ms'
    )
    assert 'response.body="data: 1\\n\\n"' in text_line(SPOKEN)


def test_durations_are_seconds() -> None:
    """The first token's is known for streams only."""
    assert (ANSWERED.duration_s, ANSWERED.time_to_first_token_s) == (0.842, 0.1806)
    assert REFUSED.time_to_first_token_s is None


TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=20)
COUNT = st.none() | st.integers(0, 2**53)
MAYBE = st.none() | TEXT
EXCHANGES = st.builds(
    Exchange,
    started=st.floats(0, 4e9),
    status=st.integers(100, 599),
    error=MAYBE,
    parent_id=MAYBE,
    client_span_id=MAYBE,
    gateway=MAYBE,
    listener=MAYBE,
    route=MAYBE,
    route_rule=MAYBE,
    path_match=MAYBE,
    backend=MAYBE,
    endpoint=MAYBE,
    provider=MAYBE,
    original_model=MAYBE,
    request_model=MAYBE,
    response_model=MAYBE,
    response_id=MAYBE,
    usage=st.builds(Usage, COUNT, COUNT, COUNT, COUNT),
    credential=MAYBE,
    fields=st.lists(TEXT, max_size=3).map(tuple),
    roles=st.lists(TEXT, max_size=3).map(tuple),
    **dict.fromkeys(
        ["trace_id", "span_id", "method", "host", "path", "http_version", "source", "reason"], TEXT
    ),
    sampled=st.booleans(),
    finish_reasons=st.lists(TEXT, max_size=2).map(tuple),
    parameters=st.lists(st.tuples(TEXT, st.floats(-2, 2)), max_size=2).map(tuple),
    bodies=st.none() | st.builds(Bodies, MAYBE, MAYBE, MAYBE),
    **dict.fromkeys(
        ["selected_ns", "sent_ns", "headers_ns", "first_token_ns", "received_ns"], COUNT
    ),
    **dict.fromkeys(["request_bytes", "response_bytes", "ended_ns"], st.integers(0, 2**53)),
)


@given(EXCHANGES)
def test_names_stand_in_one_order(exchange: Exchange) -> None:
    """Whichever are there, a line has them in the order of the list."""
    names = list(log_record(exchange))
    assert names == [name for name in LOG_NAMES if name in names]


@given(EXCHANGES)
def test_a_journal_line_is_one_line_and_gives_the_exchange_back(exchange: Exchange) -> None:
    """Whatever its texts hold; and it can be logged."""
    line = to_json(exchange)
    assert "\n" not in line
    assert "\r" not in line
    assert from_json(line) == exchange
    assert log_record(exchange)["scope"] == "request"


def test_a_field_of_a_later_version_is_no_obstacle() -> None:
    """It is left out."""
    line = json.dumps({**json.loads(to_json(ANSWERED)), "later": [1]})
    assert from_json(line) == ANSWERED


def test_a_field_of_an_earlier_version_may_be_missing() -> None:
    """When it has a default."""
    payload = json.loads(to_json(ANSWERED))
    del payload["labgateway"]["credential"]
    assert from_json(json.dumps(payload)) == dataclasses.replace(ANSWERED, credential=None)


@pytest.mark.parametrize(
    "change",
    [
        {"started": "yesterday"},
        {"started": None},
        {"http.status": "abc"},
        {"gen_ai.usage.input_tokens": "many"},
        {"bodies": 5},
        {"bodies": {"sent": 5}},
        {"usage": 5},
        {"usage": {"input_tokens": "many"}},
        {"fields": "model"},
        {"roles": [5]},
        {"http.path": 5},
        {"ended_ns": None},
    ],
)
def test_a_line_of_the_wrong_shape_is_no_exchange(change: dict[str, Any]) -> None:
    """Valid JSON, but nothing that could be shown later."""
    record = json.loads(to_json(SPOKEN))
    changed = {**record, **change, "labgateway": {**record["labgateway"], **change}}
    with pytest.raises(ValueError):
        from_json(json.dumps(changed))


@pytest.mark.parametrize(
    "line", ["", "{", "{}", "[]", "5", "null", '"text"', "[" * 100_000, '{"started": 1}']
)
def test_other_lines_are_no_exchange(line: str) -> None:
    """Torn, empty, nested too deeply."""
    with pytest.raises(ValueError):
        from_json(line)
