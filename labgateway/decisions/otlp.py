"""What comes over OTLP: an export request, as protobuf or JSON → spans.

Source: OpenTelemetry protocol 1.x (trace.proto; "JSON Protobuf Encoding"). Imported only when
something comes, because the protobuf modules take time and memory.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.json_format import ParseError as NotInJSON
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2

from labgateway.decisions.exchange import BODY_CHARACTERS
from labgateway.decisions.redaction import redact
from labgateway.decisions.spans import Kind, Span, SpanEvent, Status
from labgateway.words.errors import LabError
from labgateway.words.semconv import Attribute

KEPT_ATTRIBUTES = 128  # as the SDK's own limits
KEPT_EVENTS = 128
NAME_CHARACTERS = 256

_KINDS: dict[int, Kind] = {2: "SERVER", 3: "CLIENT", 4: "PRODUCER", 5: "CONSUMER"}
_STATUSES: dict[int, Status] = {1: "OK", 2: "ERROR"}
_IDS = ("traceId", "spanId", "parentSpanId")
_TIME_LIMIT_NS = 2**63  # later than a timestamp can be


class UnreadableSpans(LabError):
    """The body is not an OTLP export request."""


@dataclass(frozen=True)
class Received:
    """The spans of a request, and how many had no valid id or time."""

    spans: tuple[Span, ...]
    rejected: int


def read_protobuf(body: bytes) -> Received:
    """The spans of a request in protobuf. Errors: ``UnreadableSpans``."""
    try:
        return _received(ExportTraceServiceRequest.FromString(body))
    except DecodeError as error:
        raise UnreadableSpans("the body is not an ExportTraceServiceRequest") from error


def read_json(body: bytes) -> Received:
    """The spans of a request in JSON, where ids are hexadecimal. Errors: ``UnreadableSpans``."""
    try:
        payload = dict(json.loads(body, object_hook=_with_base64_ids))
        request = ParseDict(payload, ExportTraceServiceRequest(), ignore_unknown_fields=True)
    except (NotInJSON, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableSpans("the body is not an ExportTraceServiceRequest in JSON") from error
    return _received(request)


def _with_base64_ids(members: dict[str, Any]) -> dict[str, Any]:
    """OTLP writes ids in hexadecimal where protobuf's JSON has base64."""
    ids = {
        name: base64.b64encode(bytes.fromhex(members[name])).decode()
        for name in _IDS
        if isinstance(members.get(name), str)
    }
    return {**members, **ids}


def _received(request: ExportTraceServiceRequest) -> Received:
    spans, rejected = [], 0
    for resource in request.resource_spans:
        service = str(_attributes(resource.resource.attributes).get("service.name", ""))
        for one in (span for scope in resource.scope_spans for span in scope.spans):
            if _valid(one):
                spans.append(_span(one, service))
            else:
                rejected += 1
    return Received(tuple(spans), rejected)


def _valid(span: trace_pb2.Span) -> bool:
    ids = len(span.trace_id) == 16 and len(span.span_id) == 8
    parent = len(span.parent_span_id) in {0, 8}
    times = 0 < span.start_time_unix_nano <= span.end_time_unix_nano < _TIME_LIMIT_NS
    return ids and parent and times and any(span.trace_id) and any(span.span_id)


def _span(span: trace_pb2.Span, service: str) -> Span:
    return Span(
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex() if any(span.parent_span_id) else None,
        span.name[:NAME_CHARACTERS],
        _KINDS.get(span.kind, "INTERNAL"),
        span.start_time_unix_nano,
        span.end_time_unix_nano,
        _STATUSES.get(span.status.code, "UNSET"),
        _shown(span.status.message),
        _attributes(span.attributes),
        tuple(
            SpanEvent(
                one.name[:NAME_CHARACTERS],
                min(one.time_unix_nano, _TIME_LIMIT_NS - 1),
                _attributes(one.attributes),
            )
            for one in span.events[:KEPT_EVENTS]
        ),
        service[:NAME_CHARACTERS],
    )


def _attributes(pairs: Iterable[KeyValue]) -> dict[str, Attribute]:
    kept = list(pairs)[:KEPT_ATTRIBUTES]
    return {one.key[:NAME_CHARACTERS]: _value(one.value) for one in kept}


def _value(value: AnyValue) -> Attribute:
    """The value; a list as texts, what else has no plain form as JSON."""
    match value.WhichOneof("value"):
        case "string_value":
            return _shown(value.string_value)
        case "bool_value":
            return value.bool_value
        case "int_value":
            return value.int_value
        case "double_value":
            number = value.double_value
            return number if math.isfinite(number) else str(number)  # JSON has no NaN
        case "array_value":
            return tuple(str(_value(one)) for one in value.array_value.values[:KEPT_ATTRIBUTES])
        case _:
            return _shown(json.dumps(MessageToDict(value)))


def _shown(text: str) -> str:
    """The text, cut, without what looks like a key."""
    return redact(text[: 2 * BODY_CHARACTERS])[:BODY_CHARACTERS]
