"""Traces on their way out: who is sampled, and what OpenTelemetry's SDK gets of an exchange.

The SDK is loaded when spans are exported, or sampled in another way than by default; without it
a request costs nothing here. With it, a request costs its place in a queue.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.trace_context import TraceContext
from labgateway.memory.metrics import Losses
from labgateway.shapes.settings import TRACES_SAMPLER, Settings
from labgateway.words.errors import LabError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor

    from labgateway.edges.span_backlog import SpanBacklog
    from labgateway.edges.span_pipeline import SpanPipeline


class Tracing:
    """The gateway's own tracer, never the process's. ``start()`` and ``close()``, each once.

    ``losses`` counts the spans that reach no collector, ``idle_s`` says how many seconds the
    gateway has been idle so far.
    """

    def __init__(self, settings: Settings, losses: Losses, idle_s: Callable[[], float]) -> None:
        self._export_queue = settings.span_queue if settings.otlp_export else None
        self._samples_otherwise = settings.traces_sampler != TRACES_SAMPLER
        self._losses = losses
        self._idle_s = idle_s
        self._pipeline: SpanPipeline | None = None
        self._backlog: SpanBacklog | None = None
        self._loading = threading.Lock()

    def start(self) -> None:
        """Begin to export, when the environment asks for it.

        Errors: ``LabError`` when the SDK does not take its variables.
        """
        if self._export_queue is not None:
            self._listen()
        elif self._samples_otherwise:
            self._load()

    def add_processor(self, processor: SpanProcessor) -> None:
        """Give the spans of every sampled request from now on to an SDK span processor too.

        It is called soon after a request, on a thread that makes spans while the gateway is idle.
        """
        self._load().add(processor)
        self._listen()

    def sampled(self, trace: TraceContext) -> bool:
        """Whether a trace is sampled; by default each is, unless its client says no."""
        if self._samples_otherwise and self._pipeline is not None:
            return self._pipeline.sampled(trace)
        return trace.sampled

    def emit(self, exchange: Exchange) -> None:
        """Have the spans of a sampled request made soon, if anybody gets them."""
        backlog = self._backlog
        if backlog is not None and exchange.sampled:
            backlog.add(exchange)

    @property
    def notices(self) -> tuple[str, ...]:
        """What is wrong, as sentences."""
        found = []
        if self._losses.spans_undelivered:
            found.append(
                f"{self._losses.spans_undelivered} spans could not be delivered; see whether a"
                " collector listens where OTEL_EXPORTER_OTLP_ENDPOINT says (OTLP over HTTP)"
            )
        if self._losses.spans_without_room:
            found.append(
                f"{self._losses.spans_without_room} spans were not exported: more waited than there"
                " is room for, as requests, which come first, left no time or the collector takes"
                " nothing; lab.traces() has the last ones"
            )
        if self._backlog is not None and self._backlog.raised is not None:
            found.append(self._backlog.raised)
        return tuple(found)

    def close(self) -> None:
        """Deliver what waits, for some seconds at most, and end."""
        if self._backlog is not None:
            self._backlog.close()
        elif self._pipeline is not None:
            self._pipeline.close()

    def _load(self) -> SpanPipeline:
        from labgateway.edges.span_pipeline import SpanPipeline  # noqa: PLC0415 - the SDK takes 0.2 s

        with self._loading:
            if self._pipeline is None:
                try:
                    self._pipeline = SpanPipeline(self._losses, self._export_queue)
                except ValueError as error:
                    raise LabError(
                        f"OpenTelemetry's SDK refuses a value of its OTEL_… variables: {error}"
                    ) from error
            return self._pipeline

    def _listen(self) -> None:
        from labgateway.edges.span_backlog import SpanBacklog  # noqa: PLC0415 - as the SDK

        pipeline = self._load()
        with self._loading:
            if self._backlog is None:
                self._backlog = SpanBacklog(pipeline, self._losses, self._idle_s)
