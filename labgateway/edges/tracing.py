"""Traces on their way out: who is sampled, and what OpenTelemetry's SDK gets of an exchange.

The SDK is loaded when spans are exported, or sampled in another way than by default; without it
a request costs nothing here.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.spans import spans_of
from labgateway.decisions.trace_context import TraceContext
from labgateway.shapes.settings import TRACES_SAMPLER, Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor

    from labgateway.edges.span_pipeline import SpanPipeline


class Tracing:
    """The gateway's own tracer, never the process's. ``start()`` and ``close()``, each once."""

    def __init__(self, settings: Settings) -> None:
        self._export = settings.otlp_export
        self._samples_otherwise = settings.traces_sampler != TRACES_SAMPLER
        self._pipeline: SpanPipeline | None = None
        self._loading = threading.Lock()
        self._raised: str | None = None

    def start(self) -> None:
        """Begin to export, when the environment asks for it."""
        if self._export or self._samples_otherwise:
            self._load()

    def add_processor(self, processor: SpanProcessor) -> None:
        """Give the spans of every sampled request from now on to an SDK span processor too.

        It is called on the gateway's thread before the client has its last byte.
        """
        self._load().add(processor)

    def sampled(self, trace: TraceContext) -> bool:
        """Whether a trace is sampled; by default each is, unless its client says no."""
        pipeline = self._pipeline
        return trace.sampled if pipeline is None else pipeline.sampled(trace)

    def emit(self, exchange: Exchange) -> None:
        """Hand the spans of a sampled request on; what a processor raises does not stop traffic."""
        pipeline = self._pipeline
        if pipeline is None or not pipeline.listening or not exchange.sampled:
            return
        try:
            pipeline.emit(spans_of(exchange))
        except Exception as error:  # noqa: BLE001 - a learner's processor may raise anything
            self._raised = f"a span processor raised {type(error).__name__}: {error}"

    @property
    def lost(self) -> int:
        """How many spans could not be delivered."""
        return 0 if self._pipeline is None else self._pipeline.lost

    @property
    def notice(self) -> str | None:
        """What is wrong, as a sentence; None when nothing is."""
        if self.lost:
            return (
                f"{self.lost} spans could not be delivered; see whether a collector listens where"
                " OTEL_EXPORTER_OTLP_ENDPOINT says (OTLP over HTTP)"
            )
        return self._raised

    def close(self) -> None:
        """Deliver what waits, for less than a second, and end."""
        if self._pipeline is not None:
            self._pipeline.close()

    def _load(self) -> SpanPipeline:
        from labgateway.edges.span_pipeline import SpanPipeline  # noqa: PLC0415 - the SDK takes 0.2 s

        with self._loading:
            if self._pipeline is None:
                self._pipeline = SpanPipeline(export=self._export)
            return self._pipeline
