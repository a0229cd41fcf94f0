"""Spans as bars: who called whom, when, for how long, and whose time it was."""

from __future__ import annotations

from dataclasses import replace

from labgateway.decisions.waterfall import waterfall
from tests.decisions.traced import OWN, ROOT, outside


def test_bars_stand_below_their_parents_in_order_of_time() -> None:
    """With the moment of the first token below the provider call."""
    rows = waterfall((*OWN, outside("a", None, -100)))

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
    assert waterfall((replace(ROOT, status="ERROR"),))[0].name == "POST (error)"


def test_a_span_without_length_has_a_bar_without_length() -> None:
    """And of no spans there are no bars."""
    assert waterfall((replace(ROOT, end_ns=ROOT.start_ns),))[0].length == 0
    assert waterfall(()) == ()
