"""Spans through OpenTelemetry's SDK: resource, sampler, limits and processors apply to them."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from importlib.metadata import version

from opentelemetry.context import Context
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    TraceState,
    set_span_in_context,
)
from opentelemetry.trace import Span as SDKSpan
from opentelemetry.trace import Status as SDKStatus

from labgateway.decisions.spans import MOST_SPANS, SERVICE, Span
from labgateway.decisions.trace_context import TraceContext
from labgateway.edges.span_delivery import Delivery, DeliveryQueue
from labgateway.memory.metrics import Losses

FLUSH_S = 5.0
STALLED_S = 0.5
GIVE_UP_S = 0.1


class SpanPipeline:
    """A TracerProvider of the gateway's own, and the exporter when spans are exported.

    ``export_queue`` is then how many spans wait for it at most.
    """

    def __init__(self, losses: Losses, export_queue: int | None) -> None:
        self._ids = _GivenIds()
        self._provider = TracerProvider(
            resource=_resource(),
            id_generator=self._ids,
            # The gateway stops it; at the interpreter's end nobody may wait for a collector.
            shutdown_on_exit=False,
        )
        self._tracer = self._provider.get_tracer(SERVICE, version("labgateway"))
        self._emitted = 0
        self._delivery: Delivery | None = None
        self._queue: DeliveryQueue | None = None
        if export_queue is not None:
            self._delivery = Delivery(losses)
            self._queue = DeliveryQueue(self._delivery, export_queue)
            self.add(self._queue)

    @property
    def has_room(self) -> bool:
        """Whether the spans of one more request can wait for the collector."""
        return self._queue is None or self._queue.room >= MOST_SPANS

    @property
    def exporting_s(self) -> float:
        """Processor time that sending batches took so far, in seconds."""
        return 0.0 if self._delivery is None else self._delivery.spent_s

    def add(self, processor: SpanProcessor) -> None:
        """One more that gets every span."""
        self._provider.add_span_processor(processor)

    def sampled(self, trace: TraceContext) -> bool:
        """What the sampler says of a trace at its beginning."""
        flags = int(trace.flags, 16)
        context = _remote(trace.trace_id, trace.parent_id, flags, trace.tracestate)
        trace_id = int(trace.trace_id, 16)
        result = self._provider.sampler.should_sample(
            context, trace_id, SERVICE, SpanKind.SERVER, {}
        )
        return result.decision is Decision.RECORD_AND_SAMPLE

    def emit(self, spans: Sequence[Span]) -> None:
        """The spans of one request, the root first, each ended after those under it."""
        root, *stages = spans
        self._emitted += 1
        above = _remote(root.trace_id, root.parent_id, TraceFlags.SAMPLED, None)
        started = self._start(root, above)
        context = set_span_in_context(started, Context())
        for one in stages:
            _end(self._start(one, context), one)
        _end(started, root)

    def close(self, emitting: threading.Thread | None = None) -> None:
        """Deliver what waits and what a thread still emits.

        When the collector takes nothing for a while, the rest is left behind.
        """

        def end() -> None:
            if emitting is not None:
                emitting.join()
            self._provider.shutdown()

        ending = threading.Thread(target=end, name="spans end", daemon=True)
        ending.start()
        until, seen, done = time.monotonic() + FLUSH_S, None, self._progress()
        while ending.is_alive() and seen != done and time.monotonic() < until:
            ending.join(STALLED_S)
            seen, done = done, self._progress()
        if self._delivery is not None:
            if ending.is_alive():
                self._delivery.shutdown()
                ending.join(GIVE_UP_S)
            self._delivery.close()

    def _progress(self) -> tuple[int, int]:
        return self._emitted, 0 if self._delivery is None else self._delivery.delivered

    def _start(self, span: Span, context: Context) -> SDKSpan:
        self._ids.next = (int(span.trace_id, 16), int(span.span_id, 16))
        return self._tracer.start_span(
            span.name,
            context,
            SpanKind[span.kind],
            dict(span.attributes),
            start_time=span.start_ns,
        )


def _end(started: SDKSpan, span: Span) -> None:
    for event in span.events:
        started.add_event(event.name, dict(event.attributes), event.time_ns)
    if span.status == "ERROR":
        started.set_status(SDKStatus(StatusCode.ERROR, span.description or None))
    started.end(span.end_ns)


def _remote(trace_id: str, parent_id: str | None, flags: int, tracestate: str | None) -> Context:
    """The context that a client's span makes; an empty one when there is none."""
    if parent_id is None:
        return Context()
    state = TraceState.from_header([tracestate] if tracestate else [])
    parent = SpanContext(
        int(trace_id, 16),
        int(parent_id, 16),
        is_remote=True,
        trace_flags=TraceFlags(flags),
        trace_state=state,
    )
    return set_span_in_context(NonRecordingSpan(parent), Context())


def _resource() -> Resource:
    """Who sends the spans: the gateway, unless the environment names it otherwise."""
    ours = {"service.name": SERVICE, "service.version": version("labgateway")}
    return Resource.create(ours).merge(OTELResourceDetector().detect())


class _GivenIds(IdGenerator):
    """The ids that were chosen when the request came in."""

    next = (0, 0)

    def generate_trace_id(self) -> int:
        return self.next[0]

    def generate_span_id(self) -> int:
        return self.next[1]
