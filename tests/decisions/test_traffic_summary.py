"""Some requests in a few numbers."""

from __future__ import annotations

from dataclasses import replace

from labgateway.decisions.traffic_summary import Summary, summary
from tests.decisions.exchanged import ANSWERED, REFUSED


def test_requests_are_counted() -> None:
    """An answer that was broken off is an error too."""
    broken = replace(ANSWERED, error="stream stalled", ended_ns=1_000_000_000)
    assert summary([ANSWERED, broken, REFUSED]) == Summary(3, 2, 0.842, 24, 68)
    assert summary([]) == Summary(0, 0, None, 0, 0)
