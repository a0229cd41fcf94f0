"""What comes over OTLP: protobuf and JSON give the same spans, and nothing too long is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from labgateway.decisions.exchange import BODY_CHARACTERS
from labgateway.decisions.otlp import Received, UnreadableSpans, read_json, read_protobuf
from labgateway.decisions.spans import Span, SpanEvent

TRACE, SPAN, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", "b7ad6b7169203331"
START, END = 1767225600_000000000, 1767225601_000000000
# The protocol's own form: ids in hexadecimal, 64 bits as text or number, enums as numbers.
SENT: dict[str, Any] = {
    "traceId": TRACE.upper(),
    "spanId": SPAN,
    "parentSpanId": PARENT,
    "name": "ask the model",
    "kind": 3,
    "startTimeUnixNano": str(START),
    "endTimeUnixNano": END,
    "status": {"code": 2, "message": "it said no"},
    "attributes": [
        {"key": "text", "value": {"stringValue": "안녕"}},
        {"key": "count", "value": {"intValue": "7"}},
        {"key": "ratio", "value": {"doubleValue": 0.5}},
        {"key": "flag", "value": {"boolValue": True}},
        {"key": "nan", "value": {"doubleValue": "NaN"}},
        {
            "key": "list",
            "value": {"arrayValue": {"values": [{"stringValue": "a"}, {"intValue": 1}]}},
        },
        {
            "key": "map",
            "value": {"kvlistValue": {"values": [{"key": "k", "value": {"intValue": 1}}]}},
        },
        {"key": "nothing", "value": {}},
    ],
    "events": [{"name": "first", "timeUnixNano": START, "attributes": []}],
    "aFieldOfTheFuture": 1,
}
EXPECTED = Span(
    TRACE,
    SPAN,
    PARENT,
    "ask the model",
    "CLIENT",
    START,
    END,
    "ERROR",
    "it said no",
    {
        "text": "안녕",
        "count": 7,
        "ratio": 0.5,
        "flag": True,
        "nan": "nan",
        "list": ("a", "1"),
        "map": '{"kvlistValue": {"values": [{"key": "k", "value": {"intValue": "1"}}]}}',
        "nothing": "{}",
    },
    (SpanEvent("first", START),),
    "my notebook",
)


def request(*spans: object) -> dict[str, Any]:
    """An export request in JSON."""
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "my notebook"}}]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}]}


def read(*spans: object) -> Received:
    """What is read of an export request in JSON."""
    return read_json(json.dumps(request(*spans)).encode())


def test_a_span_in_json_is_read() -> None:
    """Fields that are not known are left out, as the protocol demands."""
    assert read(SENT) == Received((EXPECTED,), 0)


def test_a_span_in_protobuf_is_read() -> None:
    """With the SDK's own encoding of every field."""
    message = ExportTraceServiceRequest()
    group = message.resource_spans.add()
    group.resource.attributes.append(
        KeyValue(key="service.name", value=AnyValue(string_value="my notebook"))
    )
    group.scope_spans.add().spans.add(
        trace_id=bytes.fromhex(TRACE),
        span_id=bytes.fromhex(SPAN),
        name="ask the model",
        start_time_unix_nano=START,
        end_time_unix_nano=END,
    )
    (span,) = read_protobuf(message.SerializeToString()).spans
    assert span == Span(
        TRACE, SPAN, None, "ask the model", "INTERNAL", START, END, service="my notebook"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"traceId": "0" * 32},
        {"traceId": ""},
        {"traceId": TRACE[2:]},
        {"spanId": "0" * 16},
        {"spanId": SPAN + "00"},
        {"parentSpanId": "00"},
        {"startTimeUnixNano": 0},
        {"startTimeUnixNano": END + 1},
        {"endTimeUnixNano": 2**63},
    ],
)
def test_a_span_without_valid_ids_and_times_is_rejected(change: dict[str, object]) -> None:
    """And counted; the others are taken."""
    assert read({**SENT, **change}, SENT) == Received((EXPECTED,), 1)


@pytest.mark.parametrize("parent", ["", "0" * 16])
def test_a_root_has_no_parent(parent: str) -> None:
    """Some exporters write zeros."""
    assert read({**SENT, "parentSpanId": parent}).spans[0].parent_id is None


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[5]", b"5", b"not json", b"\xff", b"[" * 100_000, b'{"resourceSpans": 5}'),
        b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "xyz"}]}]}]}',
        b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"name": "\\ud800"}]}]}]}',
    ],
)
def test_what_is_no_export_request_is_refused(body: bytes) -> None:
    """In JSON."""
    with pytest.raises(UnreadableSpans):
        read_json(body)


def test_broken_protobuf_is_refused() -> None:
    """A field's length that runs out of the body."""
    with pytest.raises(UnreadableSpans):
        read_protobuf(b"\x0a\xff")


def test_of_what_is_too_long_the_beginning_is_kept() -> None:
    """So that 2,000 spans have a bound."""
    many = [{"key": f"k{n}", "value": {"stringValue": "x"}} for n in range(200)]
    long = [{"key": "k" * 999, "value": {"stringValue": "x" * 40_000}}]
    event = {"name": "e" * 999, "timeUnixNano": 2**64 - 1, "attributes": many}
    wide = {**SENT, "name": "n" * 999, "attributes": many, "events": [event] * 200}
    span, other = read(wide, {**SENT, "attributes": long}).spans
    assert (len(span.name), len(span.attributes), len(span.events)) == (256, 128, 128)
    kept = span.events[0]
    assert (len(kept.name), len(kept.attributes), kept.time_ns) == (256, 128, 2**63 - 1)
    assert dict(other.attributes) == {"k" * 256: "x" * BODY_CHARACTERS}


def test_what_looks_like_a_key_is_not_kept() -> None:
    """Instrumentations write headers into spans."""
    value = {"key": "header", "value": {"stringValue": "Bearer sk-canary123456"}}
    assert "canary" not in repr(read({**SENT, "attributes": [value]}).spans)
