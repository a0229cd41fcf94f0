"""Spans as bars: who called whom, when, for how long, and whose time it was."""

from __future__ import annotations

from dataclasses import replace

from labgateway.decisions.spans import Span, spans_of
from labgateway.lab.waterfall import bars, related
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


def test_bars_stand_below_their_parents_in_order_of_time() -> None:
    """With the moment of the first token below the provider call."""
    rows = bars((*OWN, outside("a", None, -100))).rows

    assert [(one.depth, one.name, one.whose) for one in rows] == [
        (0, "span a", "mine"),
        (1, "POST", "gateway"),
        (2, "route", "gateway"),
        (2, "chat gpt-4o-mini", "provider"),
        (3, "first_token", "provider"),
        (2, "response", "gateway"),
    ]
    call = rows[3]
    assert (call.start_ms, call.duration_ms) == (102.0, 838.0)
    assert (call.start, call.length) == (0.102, 0.838)
    assert (rows[4].start_ms, rows[4].duration_ms) == (262.0, None)
    assert all(0 <= one.start <= one.start + one.length <= 1 for one in rows)


def test_a_span_that_failed_says_so_in_words() -> None:
    """Not by its colour."""
    assert bars((replace(ROOT, status="ERROR"),)).rows[0].name == "POST (error)"


def test_of_a_trace_only_what_is_above_and_below_belongs_to_a_request() -> None:
    """Another request under the same span does not."""
    above, top = outside("a", "b", -10), outside("b", None, -20)
    below = replace(outside("c", None, 10), parent_id=OWN[2].span_id)
    deeper, sibling = outside("d", "c", 11), outside("e", "a", 5)

    found = related(OWN, (sibling, deeper, below, above, top, *OWN))

    assert {one.name for one in found} == {"span a", "span b", "span c", "span d"}


def test_ids_that_go_in_a_circle_end() -> None:
    """They come from outside, where anything can be written."""
    circle = (outside("a", "b", -10), outside("b", "a", -20))
    assert len(related(OWN, circle)) == 2
    assert len(bars(circle).rows) == 2
    own_circle = (replace(ROOT, parent_id=ROOT.span_id),)
    assert len(bars(own_circle).rows) == 1
    assert bars((replace(ROOT, end_ns=ROOT.start_ns),)).rows[0].length == 0
    assert bars([outside("a", None, 0, service="")]).rows[0].whose == "client"
