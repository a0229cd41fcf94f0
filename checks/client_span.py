"""A client's own span around a request, with the OpenTelemetry SDK."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator


@contextmanager
def tracing(otlp_endpoint: str) -> Iterator[Mapping[str, str]]:
    """A span while the block lasts; gives the headers that a request in it has to take along.

    The span has arrived at ``otlp_endpoint`` when the block is left.
    """
    provider = TracerProvider(resource=Resource({"service.name": "solution"}))
    exporter = OTLPSpanExporter(endpoint=f"{otlp_endpoint}/v1/traces")
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    headers: dict[str, str] = {}
    try:
        with provider.get_tracer(__name__).start_as_current_span("ask", kind=SpanKind.CLIENT):
            TraceContextTextMapPropagator().inject(headers)
            yield headers
    finally:
        provider.shutdown()
