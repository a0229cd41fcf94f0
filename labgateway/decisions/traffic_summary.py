"""Some requests in a few numbers."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import NamedTuple

from labgateway.decisions.exchange import Exchange


class Summary(NamedTuple):
    """How many, how many of them failed, how long answers took, tokens in and out.

    ``answered_median_s`` is in seconds, of the requests that a provider answered without error:
    what the gateway refuses by itself takes no time that says something about models.
    """

    requests: int
    errors: int
    answered_median_s: float | None
    input_tokens: int
    output_tokens: int


def summary(exchanges: Sequence[Exchange]) -> Summary:
    """The numbers; no median of no answers."""
    answered = [
        one.duration_s for one in exchanges if one.reason == "Upstream" and one.status < 400
    ]
    return Summary(
        len(exchanges),
        sum(one.status >= 400 or one.error is not None for one in exchanges),
        statistics.median(answered) if answered else None,
        sum(one.usage.input_tokens or 0 for one in exchanges),
        sum(one.usage.output_tokens or 0 for one in exchanges),
    )
