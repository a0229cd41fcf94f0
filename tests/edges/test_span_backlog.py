"""Exchanges that wait for their spans: bounded, counted, and none forgotten at the end."""

from __future__ import annotations

from dataclasses import replace

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from labgateway.decisions.exchange import BODY_CHARACTERS, Bodies, Exchange
from labgateway.decisions.spans import span_count
from labgateway.edges.span_backlog import WAITING, WAITING_BODY_CHARACTERS, SpanBacklog
from labgateway.edges.span_pipeline import SpanPipeline
from labgateway.memory.metrics import Losses
from tests.decisions.test_spans import ANSWERED, REFUSED
from tests.edges.waiting import eventually

SAID = "x" * BODY_CHARACTERS
SPOKEN = replace(ANSWERED, bodies=Bodies(SAID, SAID, SAID))


def never_idle() -> float:
    """A gateway that has no time to spare."""
    return 0.0


class Filled:
    """A backlog of a busy gateway, with an exporter that keeps what it gets."""

    def __init__(self) -> None:
        self.losses = Losses()
        self.kept = InMemorySpanExporter()
        pipeline = SpanPipeline(self.losses, None)
        pipeline.add(SimpleSpanProcessor(self.kept))
        self.backlog = SpanBacklog(pipeline, self.losses, never_idle)

    def with_(self, exchange: Exchange, count: int) -> Filled:
        """Give it the same one so many times."""
        for _ in range(count):
            self.backlog.add(exchange)
        return self

    @property
    def made(self) -> int:
        """How many spans there are so far."""
        return len(self.kept.get_finished_spans())


@pytest.mark.parametrize("exchange", [ANSWERED, REFUSED], ids=["answered", "refused"])
def test_more_than_there_is_room_for_is_counted(exchange: Exchange) -> None:
    """By spans; all others are made before the end."""
    filled = Filled().with_(exchange, WAITING + 500)
    filled.backlog.close()
    assert filled.losses.spans_without_room > 0
    spans = (WAITING + 500) * span_count(exchange)
    assert filled.made + filled.losses.spans_without_room == spans


def test_long_bodies_have_a_bound_of_their_own() -> None:
    """Fewer requests wait, so that memory stays what it is."""
    fit = WAITING_BODY_CHARACTERS // SPOKEN.body_characters
    filled = Filled().with_(SPOKEN, 2 * fit)
    filled.backlog.close()
    assert 0 < filled.losses.spans_without_room <= fit * 4
    assert filled.made + filled.losses.spans_without_room == 2 * fit * 4


def test_a_busy_gateway_exports_too() -> None:
    """A little at a time, without being asked to end."""
    filled = Filled().with_(ANSWERED, 20)
    assert eventually(lambda: filled.made > 0)
    filled.backlog.close()
    assert filled.made == 80


def test_there_is_room_again_for_what_comes_later() -> None:
    """What was made no longer counts, bodies neither."""
    filled = Filled().with_(SPOKEN, 3)
    assert eventually(lambda: filled.made == 12)
    fit = WAITING_BODY_CHARACTERS // SPOKEN.body_characters
    filled.with_(SPOKEN, fit).backlog.close()
    assert filled.losses.spans_without_room == 0
    assert filled.made == (3 + fit) * 4
