"""The spans of one streamed request, and others of its trace."""

from __future__ import annotations

from dataclasses import replace

from labgateway.decisions.spans import Span, spans_of
from tests.decisions.exchanged import STREAMED

OWN = spans_of(
    replace(
        STREAMED,
        parent_id="a" * 16,
        selected_ns=1_000_000,
        sent_ns=2_000_000,
        received_ns=840_000_000,
    )
)
ROOT = OWN[0]


def outside(span_id: str, parent_id: str | None, start_ms: int, service: str = "mine") -> Span:
    """A span that the learner's code sent, a second long."""
    start_ns = ROOT.start_ns + start_ms * 1_000_000
    end_ns = start_ns + 1_000_000_000
    ids = (ROOT.trace_id, span_id * 16, parent_id and parent_id * 16)
    return Span(*ids, f"span {span_id}", "CLIENT", start_ns, end_ns, service=service)
