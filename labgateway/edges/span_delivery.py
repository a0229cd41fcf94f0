"""Spans to a collector: in the background, in a bounded queue, counted when they are lost."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Iterator, Sequence

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from labgateway.memory.metrics import Losses

_LOGGERS = ("opentelemetry.", "urllib3.", "requests.")


class Delivery(SpanExporter):
    """The SDK's exporter, which counts, and whose trouble is not printed under some cell.

    ``taken`` and ``delivered`` are spans, ``spent_s`` is processor time.
    """

    def __init__(self, losses: Losses) -> None:
        self._exporter = OTLPSpanExporter()
        self._hush = Hush()
        self._losses = losses
        self.taken = 0
        self.delivered = 0
        self.spent_s = 0.0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch; it is counted as lost when the collector did not take it."""
        self.taken += len(spans)
        began_s = time.thread_time()
        with self._hush.here():
            try:
                result = self._exporter.export(spans)
            except Exception:  # noqa: BLE001 - whatever it is, the SDK would only log it
                result = SpanExportResult.FAILURE
        if result is SpanExportResult.SUCCESS:
            self.delivered += len(spans)
        else:
            self._losses.spans_undelivered += len(spans)
        self.spent_s += time.thread_time() - began_s
        return result

    def shutdown(self) -> None:
        """Interrupt what is still being tried."""
        with self._hush.here():
            self._exporter.shutdown()

    def close(self) -> None:
        """Let the loggers be as they were."""
        self._hush.close()


class DeliveryQueue(BatchSpanProcessor):
    """The SDK's batches, with a queue of so many ``spans`` that says what it has room for.

    The SDK would drop silently what it has no room for.
    """

    def __init__(self, delivery: Delivery, spans: int) -> None:
        super().__init__(delivery, max_queue_size=spans)
        self._delivery = delivery
        self._spans = spans
        self._accepted = 0

    @property
    def room(self) -> int:
        """How many spans more can wait in it."""
        return self._spans - (self._accepted - self._delivery.taken)

    def on_end(self, span: ReadableSpan) -> None:
        """Queue it, as the SDK does with the sampled ones."""
        self._accepted += span.context.trace_flags.sampled
        super().on_end(span)


class Hush(logging.Filter):
    """Keeps what the exporter's libraries log on some threads from being printed."""

    def __init__(self) -> None:
        super().__init__()
        self._threads: set[int] = set()
        known = logging.root.manager.loggerDict
        self._loggers = [logging.getLogger(one) for one in known if one.startswith(_LOGGERS)]
        for one in self._loggers:
            one.addFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is none of ours."""
        return record.thread not in self._threads

    @contextlib.contextmanager
    def here(self) -> Iterator[None]:
        """While the block runs, this thread is hushed."""
        thread = threading.get_ident()
        self._threads.add(thread)
        try:
            yield
        finally:
            self._threads.discard(thread)

    def close(self) -> None:
        """Let the loggers be as they were."""
        for one in self._loggers:
            one.removeFilter(self)
