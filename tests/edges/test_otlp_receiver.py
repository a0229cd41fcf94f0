"""Spans of the learner's own code, sent to the stats port by a standard exporter."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from google.rpc.status_pb2 import Status
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import inject
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from labgateway.decisions.spans import spans_of
from labgateway.edges.otlp_receiver import BODY_LIMIT_BYTES
from labgateway.memory.spans import known_spans
from tests.conftest import BACKEND, ROUTE, Running, gateway_in
from tests.decisions.test_otlp import EXPECTED, SENT, request

PROTOBUF = "application/x-protobuf"
BODY = json.dumps(request(SENT)).encode()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway for all of these tests."""
    with gateway_in(tmp_path_factory.mktemp("otlp") / "home") as running:
        running.apply(f"{ROUTE}---{BACKEND}")
        yield running


def endpoint(running: Running) -> str:
    """Where spans are sent."""
    return f"http://127.0.0.1:{running.gateway.running.stats_port}/v1/traces"


def post(running: Running, body: bytes, kind: str = "application/json", **headers: str) -> Any:
    """Send an export request as it is."""
    return httpx.post(
        endpoint(running),
        content=body,
        headers={"content-type": kind, **headers},
        trust_env=False,
        timeout=20,
    )


@pytest.mark.parametrize("compression", list(Compression))
def test_a_standard_exporter_brings_its_spans(shared: Running, compression: Compression) -> None:
    """The learner's span and the gateway's are one trace, seen from both sides."""
    provider = TracerProvider(resource=Resource.create({"service.name": "my notebook"}))
    exporter = OTLPSpanExporter(endpoint=endpoint(shared), compression=compression)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("notebook")
    with tracer.start_as_current_span("ask the model") as asking:
        headers: dict[str, str] = {}
        inject(headers)
        body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}]}
        httpx.post(f"{shared.url}/openai", json=body, headers=headers, trust_env=False)
    provider.shutdown()
    trace_id = f"{asking.get_span_context().trace_id:032x}"
    root, *stages = known_spans(shared.gateway.log, shared.gateway.spans, trace_id)
    assert (root.name, root.service, root.parent_id) == ("ask the model", "my notebook", None)
    assert stages == list(spans_of(shared.exchanges[-1]))
    assert stages[0].parent_id == root.span_id
    assert root in shared.gateway.observe().spans


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [("identity", bytes), ("gzip", gzip.compress), ("deflate", zlib.compress)],
)
def test_json_is_taken_too(shared: Running, encoding: str, encode: Any) -> None:
    """Compressed or not; the answer is in the form of the request."""
    answer = post(shared, encode(BODY), **{"content-encoding": encoding})
    assert (answer.status_code, answer.json()) == (200, {})
    assert EXPECTED in shared.gateway.spans.recent()


def test_what_is_rejected_is_counted_in_the_answer(shared: Running) -> None:
    """The protocol's partial success, in both forms."""
    spans = request({**SENT, "spanId": ""}, SENT)
    partial = post(shared, json.dumps(spans).encode()).json()["partialSuccess"]
    assert partial["rejectedSpans"] == "1"
    assert "needs an id" in partial["errorMessage"]
    message = ExportTraceServiceRequest()
    message.resource_spans.add().scope_spans.add().spans.add(name="no id")
    answer = post(shared, message.SerializeToString(), PROTOBUF)
    assert answer.headers["content-type"] == PROTOBUF
    assert ExportTraceServiceResponse.FromString(answer.content).partial_success.rejected_spans == 1


@pytest.mark.parametrize(
    ("body", "headers", "status", "why"),
    [
        (b"{", {}, 400, "not an ExportTraceServiceRequest in JSON"),
        (BODY, {"content-type": "text/plain"}, 415, "application/x-protobuf or application/json"),
        (BODY, {"content-encoding": "br"}, 415, "gzip, deflate or none"),
        (BODY, {"content-encoding": "gzip"}, 400, "not compressed as content-encoding says"),
        (gzip.compress(BODY)[:-9], {"content-encoding": "gzip"}, 400, "breaks off"),
        (b" " * (BODY_LIMIT_BYTES + 1), {}, 413, "exceeds the limit of 4194304 bytes"),
        (
            gzip.compress(b" " * (BODY_LIMIT_BYTES + 1)),
            {"content-encoding": "gzip"},
            413,
            "exceeds the limit of 4194304 bytes",
        ),
        (BODY, {"origin": "https://evil.example"}, 403, "authorization failed"),
        (BODY, {"host": "evil.example"}, 421, "misdirected request"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_a_reason(
    shared: Running, body: bytes, headers: dict[str, str], status: int, why: str
) -> None:
    """And remembered nowhere; a small body that grows is not let grow."""
    before = shared.gateway.spans.recent()
    answer = post(shared, body, **headers)
    assert answer.status_code == status
    assert why in answer.text
    assert shared.gateway.spans.recent() == before


def test_a_refusal_is_in_the_form_of_the_request(shared: Running) -> None:
    """A google.rpc.Status."""
    answer = post(shared, b"\x0a\xff", PROTOBUF)
    assert (answer.status_code, answer.headers["content-type"]) == (400, PROTOBUF)
    assert "not an ExportTraceServiceRequest" in Status.FromString(answer.content).message


def test_only_post_is_answered(shared: Running) -> None:
    """As the protocol has it."""
    assert httpx.get(endpoint(shared), trust_env=False).status_code == 405
