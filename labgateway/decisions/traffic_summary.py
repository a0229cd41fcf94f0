"""Some requests in a few numbers."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import NamedTuple

from labgateway.decisions.exchange import Exchange


class Summary(NamedTuple):
    """How many, how many of them failed, the median duration in seconds, tokens in and out."""

    requests: int
    errors: int
    median_s: float | None
    input_tokens: int
    output_tokens: int


def summary(exchanges: Sequence[Exchange]) -> Summary:
    """The numbers; no median of no requests."""
    return Summary(
        len(exchanges),
        sum(one.status >= 400 or one.error is not None for one in exchanges),
        statistics.median(one.duration_s for one in exchanges) if exchanges else None,
        sum(one.usage.input_tokens or 0 for one in exchanges),
        sum(one.usage.output_tokens or 0 for one in exchanges),
    )
