"""Spans through OpenTelemetry's SDK: the same as the pure ones, sampled as the SDK samples."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.spans import Span, spans_of
from labgateway.decisions.trace_context import TraceContext, continue_trace
from labgateway.edges.tracing import Tracing
from labgateway.memory.metrics import Losses
from labgateway.shapes.settings import Settings
from labgateway.words.errors import LabError
from tests.conftest import BACKEND, ROUTE, Running, gateway_in
from tests.decisions.test_spans import ANSWERED, REFUSED, STREAMED
from tests.edges.waiting import eventually

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
IDS = ("a" * 32, "b" * 16, "c" * 16)
STARTED = TraceContext(*IDS)
FAILED = replace(STREAMED, status=503, reason="UpstreamFailure", error="broke off")


@contextmanager
def tracing(**settings: object) -> Iterator[Tracing]:
    """A tracer of its own, closed at the end of the block."""
    chosen = Settings(Path(), **settings)  # type: ignore[arg-type]
    started = Tracing(chosen, Losses(), time.monotonic)
    started.start()
    try:
        yield started
    finally:
        started.close()


def from_client(flags: str) -> TraceContext:
    """A trace that a client has begun."""
    return continue_trace([f"00-{TRACE}-{PARENT}-{flags}"], IDS)


def emitted(*exchanges: Exchange, **settings: object) -> Sequence[ReadableSpan]:
    """What an exporter of the SDK gets of exchanges."""
    kept = InMemorySpanExporter()
    with tracing(**settings) as started:
        started.add_processor(SimpleSpanProcessor(kept))
        for one in exchanges:
            started.emit(one)
    return kept.get_finished_spans()


def as_ours(span: ReadableSpan) -> Span:
    """The SDK's span as a fact of ours."""
    fact = json.loads(span.to_json())
    return Span(
        fact["context"]["trace_id"].removeprefix("0x"),
        fact["context"]["span_id"].removeprefix("0x"),
        fact["parent_id"] and fact["parent_id"].removeprefix("0x"),
        span.name,
        span.kind.name,  # type: ignore[arg-type]
        span.start_time or 0,
        span.end_time or 0,
        span.status.status_code.name,  # type: ignore[arg-type]
        span.status.description or "",
        dict(span.attributes or {}),  # type: ignore[arg-type]
        tuple(
            replace(spans_of(STREAMED)[2].events[0], name=one.name, time_ns=one.timestamp)
            for one in span.events
        ),
        str(span.resource.attributes["service.name"]),
    )


def ask_with(running: Running, headers: list[tuple[str, str]]) -> None:
    """A chat completion with these headers, some of them maybe twice."""
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}]}
    answer = httpx.post(f"{running.url}/openai", json=body, headers=headers, trust_env=False)
    assert answer.status_code == 200


@pytest.mark.parametrize("exchange", [ANSWERED, STREAMED, REFUSED, FAILED])
def test_the_sdk_emits_the_spans_that_were_decided(exchange: Exchange) -> None:
    """Ids of the ingress, true times, attributes, events and status: nothing is lost or added."""
    found = {one.span_id: one for one in map(as_ours, emitted(exchange))}
    assert found == {one.span_id: one for one in spans_of(exchange)}


def test_a_span_ends_after_those_under_it() -> None:
    """So that whoever watches spans end has the whole when the root ends."""
    assert [one.name for one in emitted(ANSWERED)] == [
        *("route", "chat gpt-4o", "response", "POST /openai/*")
    ]


def test_the_resource_names_the_gateway_unless_the_environment_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """OTEL_SERVICE_NAME before OTEL_RESOURCE_ATTRIBUTES, as the SDK reads them."""
    ours = emitted(ANSWERED)[0].resource.attributes
    assert ours["service.name"] == "agentgateway"
    assert ours["telemetry.sdk.language"] == "python"
    assert ours["service.version"]
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=other,deployment.environment=lab")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "mine")
    named = emitted(ANSWERED)[0].resource.attributes
    assert (named["service.name"], named["deployment.environment"]) == ("mine", "lab")


@pytest.mark.parametrize(
    ("sampler", "new", "sampled_parent", "unsampled_parent"),
    [
        ("parentbased_always_on", True, True, False),
        ("parentbased_always_off", False, True, False),
        ("always_on", True, True, True),
        ("always_off", False, False, False),
        ("traceidratio", False, False, False),
    ],
)
def test_traces_are_sampled_as_the_sdk_samples(
    monkeypatch: pytest.MonkeyPatch,
    sampler: str,
    new: bool,
    sampled_parent: bool,
    unsampled_parent: bool,
) -> None:
    """OTEL_TRACES_SAMPLER; by default the client decides, and a trace of our own is sampled."""
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", sampler)
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0")
    with tracing(traces_sampler=sampler) as started:
        assert started.sampled(STARTED) is new
        assert started.sampled(from_client("01")) is sampled_parent
        assert started.sampled(from_client("00")) is unsampled_parent
    kept = emitted(*[ANSWERED] * sampled_parent, traces_sampler=sampler)
    assert len(kept) == 4 * sampled_parent


def test_of_an_unsampled_request_no_span_is_made() -> None:
    """Whatever processors there are."""
    assert emitted(replace(ANSWERED, sampled=False)) == ()


class Raising(SpanProcessor):
    """A learner's mistake."""

    def on_end(self, span: ReadableSpan) -> None:
        """Raise."""
        raise ValueError(span.name)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "5000", "max_export_batch_size must be less"),
        ("OTEL_BSP_SCHEDULE_DELAY", "0", "schedule_delay_millis must be positive"),
    ],
)
def test_what_the_sdk_does_not_take_is_said_at_the_start(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    """In its own words, before anything is served."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(LabError, match=f"its OTEL_… variables: {said}"), tracing(otlp_export=True):
        pass


def test_the_queue_is_as_long_as_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch may then be larger than by default."""
    monkeypatch.setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "5000")
    with tracing(otlp_export=True, span_queue=5000) as started:
        assert started.notices == ()


def test_a_processor_that_raises_stops_no_traffic(routed: Running) -> None:
    """The client has its answer; what was raised is a notice."""
    routed.gateway.tracing.add_processor(Raising())
    assert routed.ask().status_code == 200
    raised = ("a span processor raised ValueError: route",)
    assert eventually(lambda: routed.gateway.observe().place.notices == raised)
    assert routed.ask().status_code == 200


def test_the_provider_s_parent_is_the_call(routed: Running) -> None:
    """The client's trace goes on, its state too; the call's span is the provider's parent (F17)."""
    kept = InMemorySpanExporter()
    routed.gateway.tracing.add_processor(SimpleSpanProcessor(kept))
    headers = [("traceparent", f"00-{TRACE}-{PARENT}-01"), ("tracestate", "a=1")]
    ask_with(routed, [*headers, ("tracestate", "b=2")])
    request = routed.simulator.requests[-1]
    root, _route, call, _response = spans_of(routed.exchanges[-1])
    assert request.header(b"traceparent") == f"00-{TRACE}-{call.span_id}-01"
    assert request.header(b"tracestate") == "a=1,b=2"
    assert (root.trace_id, root.parent_id) == (TRACE, PARENT)
    assert eventually(lambda: len(kept.get_finished_spans()) == 4)
    assert {one.span_id for one in map(as_ours, kept.get_finished_spans())} >= {call.span_id}


@pytest.mark.parametrize(
    "given", ["", "broken", f"00-{TRACE}-{'0' * 16}-01", f"ff-{TRACE}-{PARENT}-01"]
)
def test_without_a_valid_parent_the_provider_sees_a_new_trace(routed: Running, given: str) -> None:
    """And no state of another one."""
    ask_with(routed, [("traceparent", given), ("tracestate", "a=1")])
    request = routed.simulator.requests[-1]
    exchange = routed.exchanges[-1]
    assert exchange.trace_id != TRACE
    assert request.header(b"traceparent") == f"00-{exchange.trace_id}-{exchange.client_span_id}-01"
    assert request.header(b"tracestate") is None


def test_a_client_that_does_not_sample_is_followed(routed: Running) -> None:
    """The flag goes on to the provider, the request is remembered, the lab shows no spans of it."""
    ask_with(routed, [("traceparent", f"00-{TRACE}-{PARENT}-00")])
    assert (routed.simulator.requests[-1].header(b"traceparent") or "").endswith("-00")
    assert routed.exchanges[-1].sampled is False


def test_always_off_is_what_the_provider_hears(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sampler decides when the request comes in, so that all who follow can agree."""
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    with gateway_in(tmp_path / "home", traces_sampler="always_off") as running:
        running.apply(f"{ROUTE}---{BACKEND}")
        ask_with(running, [("traceparent", f"00-{TRACE}-{PARENT}-01")])
        assert (running.simulator.requests[-1].header(b"traceparent") or "").endswith("-00")


SILENT = """
import sys, labgateway
lab = labgateway.start()
print(sorted(one for one in sys.modules if one.startswith(("opentelemetry.sdk",
    "opentelemetry.exporter", "opentelemetry.proto", "google.protobuf"))))
lab.stop()
"""


def test_the_sdk_is_not_loaded_for_those_who_do_not_export(tmp_path: Path) -> None:
    """It takes time and memory; the API alone is FastAPI's."""
    found = subprocess.run(
        [sys.executable, "-c", SILENT],
        env={"LABGATEWAY_HOME": str(tmp_path), "LABGATEWAY_PROVIDER": "simulator"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout == "[]\n"
