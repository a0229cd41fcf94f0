"""The lab's widgets on a real gateway, driven as the page would: through their traits."""

from __future__ import annotations

from labgateway.decisions.spans import Span
from labgateway.lab.board import Board
from labgateway.lab.explorer import Explorer
from labgateway.memory.spans import known_spans
from tests.conftest import Running


def explorer(running: Running) -> Explorer:
    """The explorer of a gateway."""

    def spans(trace_id: str) -> list[Span]:
        return known_spans(running.gateway.log, running.gateway.spans, trace_id)

    return Explorer(running.gateway.log.recent, spans)


def board(running: Running) -> Board:
    """The board of a gateway."""
    return Board(running.gateway.log.recent)
