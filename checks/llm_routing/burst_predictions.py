"""What is predicted of three requests at the same time, and what was measured."""

from __future__ import annotations

from checks.challenge import Choice, Question
from checks.llm_routing.burst import ended, right_burst
from checks.llm_routing.counted import varying
from checks.llm_routing.predicted import tried_out
from labgateway.decisions.exchange import Exchange
from labgateway.memory.observation import Observation

TOTAL, VARIES = "7.total", "7.varies"
_BY = "your last three requests at the same time"
_UNTIL = "Now send your three requests; the check compares the two"


def _burst(seen: Observation, question: str) -> list[Exchange]:
    """The last right burst, if all of it was sent after the prediction."""
    sent = tried_out(seen, question)
    burst = right_burst(seen) or []
    return burst if all(one in sent for one in burst) else []


def _total(seen: Observation) -> str | None:
    """What the time until all were answered came nearest to; None before there is a burst."""
    burst = _burst(seen, TOTAL)
    if not burst:
        return None
    took_s = [one.duration_s for one in burst]
    total_s = max(ended(one) for one in burst) - min(one.started for one in burst)
    sizes_s = {"longest": max(took_s), "sum": sum(took_s), "first": min(took_s)}
    return min(sizes_s, key=lambda name: abs(sizes_s[name] - total_s))


def _varies(seen: Observation) -> str | None:
    burst = _burst(seen, VARIES)
    return varying(burst) if burst else None


PREDICTIONS = (
    Question(
        TOTAL,
        "Three requests are sent at the same time, and each is timed from its sending to its"
        " answer. How long until all are answered: the sum of the three times, the longest of"
        " them, or the first?",
        (
            Choice(
                "sum",
                "Their waits went on at the same time, and a sum counts that time once for each."
                " Where a model has two places, the third request waits inside its provider call:"
                " that makes the longest longer.",
                "This time they hardly overlapped, so little of the waiting was shared.",
            ),
            Choice(
                "longest",
                "This time they hardly overlapped, so little of the waiting was shared.",
                "They wait at the same time, so the last to be answered decides. It may be longer"
                " than alone, when they share one model.",
                also=("max", "maximum"),
            ),
            Choice(
                "first",
                "After the first one, two are still under way, and you want all three.",
                "This time all three ended in one moment.",
            ),
        ),
        right=_total,
        until=_UNTIL,
        prediction=True,
        compared=lambda _seen: _BY,
    ),
    Question(
        VARIES,
        "Of the three requests, which token count differs: input, output, both or neither?",
        (
            Choice(
                "input",
                "The prompts differ in one digit, and each digit is one token: the same number of"
                " tokens, with another one among them.",
                "Your prompts had different lengths in tokens, and the answers the same.",
            ),
            Choice(
                "output",
                "This time all answers came to the same number of tokens.",
                "The published text says that token counts vary because the prompts do; it is the"
                " answers that vary, the prompts are equally long.",
            ),
            Choice(
                "both",
                "One of the two is the same for all three: read the two columns again.",
                "Prompts and answers both had different lengths in tokens.",
                also=("input and output",),
            ),
            Choice(
                "neither",
                "Longer counting takes more tokens to write down, so at least one column has"
                " different numbers.",
                "Prompts and answers were equally long, three times.",
                also=("none",),
            ),
        ),
        right=_varies,
        until=_UNTIL,
        prediction=True,
        compared=lambda _seen: _BY,
    ),
)
