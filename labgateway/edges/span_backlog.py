"""Exchanges whose spans are still to be made, and the thread that makes them when there is time.

One interpreter runs one thread at a time: what exporting takes, requests wait for. So a request
only leaves its exchange here, and exporting has a budget.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.export_budget import allowance_s
from labgateway.decisions.spans import span_count, spans_of
from labgateway.edges.span_pipeline import SpanPipeline
from labgateway.memory.metrics import Losses

TICK_S = 0.1
WAITING = 2048
WAITING_BODY_CHARACTERS = 8_000_000
ROOM_AGAIN_S = 0.01


class SpanBacklog:
    """Bounded; what it has no room for is counted in ``losses``.

    ``idle_s`` says how long the gateway has been idle so far. ``raised`` is what a span processor
    raised last, as a sentence.
    """

    def __init__(self, pipeline: SpanPipeline, losses: Losses, idle_s: Callable[[], float]) -> None:
        self._pipeline = pipeline
        self._losses = losses
        self._idle_s = idle_s
        self._waiting: deque[Exchange] = deque()
        self._characters = 0
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._given_up = threading.Event()
        self.raised: str | None = None
        self._thread = threading.Thread(target=self._run, name="spans", daemon=True)
        self._thread.start()

    def add(self, exchange: Exchange) -> None:
        """Have its spans made soon."""
        characters = exchange.body_characters
        with self._lock:
            if (
                len(self._waiting) < WAITING
                and self._characters + characters <= WAITING_BODY_CHARACTERS
            ):
                self._waiting.append(exchange)
                self._characters += characters
            else:
                self._losses.spans_without_room += span_count(exchange)

    def close(self) -> None:
        """Make all spans that are left and deliver them, unless nobody takes them."""
        self._ending.set()
        self._pipeline.close(self._thread)
        self._given_up.set()

    def _run(self) -> None:
        left_s, before = 0.0, self._clocks()
        while not self._ending.wait(TICK_S):
            now = self._clocks()
            left_s = allowance_s(left_s, *(b - a for a, b in zip(before, now, strict=True)))
            self._work(until_s=time.thread_time() + left_s)
            before = now
        while self._waiting and not self._given_up.is_set():
            self._work(until_s=float("inf"))
            if self._waiting:
                self._given_up.wait(ROOM_AGAIN_S)

    def _clocks(self) -> tuple[float, float, float]:
        """(time, time in which the gateway was idle, processor time of exporting), in seconds."""
        exporting_s = time.thread_time() + self._pipeline.exporting_s
        return time.perf_counter(), self._idle_s(), exporting_s

    def _work(self, until_s: float) -> None:
        """Make spans while there are exchanges, room for spans, and processor time left."""
        while self._waiting and self._pipeline.has_room and time.thread_time() < until_s:
            with self._lock:
                exchange = self._waiting.popleft()
                self._characters -= exchange.body_characters
            try:
                self._pipeline.emit(spans_of(exchange))
            except Exception as error:  # noqa: BLE001 - a learner's processor may raise anything
                self.raised = f"a span processor raised {type(error).__name__}: {error}"
