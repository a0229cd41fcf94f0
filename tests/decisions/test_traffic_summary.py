"""Some requests in a few numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.traffic_summary import Summary, summary
from tests.decisions.exchanged import ANSWERED, REFUSED


def test_requests_are_counted() -> None:
    """An answer that was broken off is an error too."""
    broken = replace(ANSWERED, reason="UpstreamFailure", error="stream stalled", ended_ns=1)
    assert summary([ANSWERED, broken, REFUSED]) == Summary(3, 2, 0.842, 24, 68)
    assert summary([]) == Summary(0, 0, None, 0, 0)


@pytest.mark.parametrize(
    "short",
    [
        REFUSED,
        replace(ANSWERED, status=429, ended_ns=1_000_000),
        replace(REFUSED, status=302, reason="DirectResponse", error=None),
        replace(ANSWERED, status=499, reason="Internal", error="client closed"),
    ],
)
def test_the_median_is_of_what_a_provider_answered(short: Exchange) -> None:
    """Refusals, errors and the gateway's own redirects take no model's time, however many."""
    longer = replace(ANSWERED, ended_ns=1_042_000_000)
    assert summary([short, ANSWERED, short, longer, short]).answered_median_s == 0.942
    assert summary([short]).answered_median_s is None
