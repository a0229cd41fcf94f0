"""What is said of a number from the metrics, whichever it is."""

from __future__ import annotations

from checks.llm_routing.handed_in import whole
from checks.verdict import NotRight, NotYet
from labgateway.memory.observation import Observation

SLUG = "llm-routing/4"
NOTHING_SINCE = NotYet(
    "No request was answered between your beginning of the step again and your answer",
    "",
    "What was counted before belongs to the first time.",
    "Read the metrics, send a request that is answered, read them again",
)
_A_DATE = 1e9  # no counter of a lab gets there, and every Unix time is beyond it


def nothing_counted(seen: Observation) -> NotYet:
    """The endpoint has no series of tokens."""
    older = bool(seen.llm_exchanges())
    return NotYet(
        "The metrics have no series about tokens yet",
        "",
        "The log has older requests, but counters begin at 0 each time the gateway starts."
        if older
        else "Until a model has answered there are only the lines with HELP and TYPE.",
        "Send a request that is answered, then read the metrics",
    )


def a_date(*values: float) -> NotRight | None:
    """A Unix time where a count was expected."""
    value = max(values, default=0.0)
    if value < _A_DATE:
        return None
    return NotRight(
        f"`{whole(value)}` is a Unix time, not a count",
        "",
        "Some exporters add a sample `_created`, which says since when they count.",
        "Use `_count` or `_sum`",
    )
