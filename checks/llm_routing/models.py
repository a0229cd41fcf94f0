"""The three models of an exchange, and what a learner takes them for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checks.llm_routing.exchange_mistakes import goes_to_openai
from checks.llm_routing.names import quoted
from checks.llm_routing.predicted import compared_with, told_by, tried_out
from checks.spelling import entries
from checks.verdict import Kept, NotRight, Passed, Verdict
from labgateway.decisions.exchange import Exchange
from labgateway.memory.observation import Observation

ROLES = ("asked for", "sent", "used")
CLUES = (
    "Look at the body that you sent",
    "Look at your backend: does it name a model?",
    "Look at `model` in the answer",
)
_WHOLE_NAME = "It is how the name begins; whoever answers says it in full, with size or date."
MODELS = "2.models"


def judge_models(seen: Observation, value: Any) -> Verdict:
    """Compare three names with what was recorded of an answered request since the answer."""
    given = _names(value)
    if len(given) != len(ROLES):
        return NotRight(
            f"The answer to 2.models takes three names, and got {len(given)}",
            next_step="Give three in a list, in the order asked for, sent, used",
        )
    sent = _tried(seen, given)
    found = compared_with(seen, MODELS, sent) if sent else None
    if found is None:
        names = ", ".join(quoted(one) for one in given)
        return Kept(
            f"Your answer to 2.models is kept: {names}",
            "",
            "",
            "Now send a request through `/openai`; the check compares the two",
        )
    recorded = (found.original_model or "", found.request_model or "", found.response_model or "")
    for position, (one, other) in enumerate(zip(given, recorded, strict=True)):
        if not same_model(one, other):
            return _differs(one, recorded, position)
    return Passed(
        "Asked for, sent, used: all three are as recorded",
        ("The client asks, the backend may replace, and the provider says what answered",),
    )


def compared(seen: Observation) -> str:
    """Which request the three names were compared with."""
    sent = _tried(seen, _names(seen.answers[MODELS].value)) if MODELS in seen.answers else []
    found = compared_with(seen, MODELS, sent) if sent else None
    if found is None:
        return ""
    asked = f"for {quoted(found.original_model)}" if found.original_model else "without a model"
    return told_by(seen, MODELS, sent, asked)


def _tried(seen: Observation, given: Sequence[str]) -> list[Exchange]:
    """The answered requests since the prediction; those for the model it names, if there are."""
    sent = [one for one in tried_out(seen, MODELS) if goes_to_openai(one) and one.response_model]
    wanted = [one for one in sent if given and same_model(given[0], one.original_model or "")]
    return wanted or sent


def _names(value: Any) -> list[str]:
    return [str(one) for one in entries(value)]


def same_model(given: str, used: str) -> bool:
    """Whether two names are the same, upper or lower case; the beginning of one is another."""
    return given.casefold() == used.casefold() != ""


def half_a_name(given: str, used: str) -> str:
    """A sentence on a name that is only how the right one begins; "" for any other."""
    begins = bool(given) and used.casefold().startswith(given.casefold())
    return _WHOLE_NAME if begins else ""


def _differs(given: str, recorded: tuple[str, ...], position: int) -> NotRight:
    elsewhere = [ROLES[i] for i, name in enumerate(recorded) if i != position and name == given]
    return NotRight(
        f"{quoted(given)} is not the model that was {ROLES[position]}",
        "",
        (half_a_name(given, recorded[position]) if ROLES[position] == "used" else "")
        or (f"It is the one that was {' and '.join(elsewhere)}." if elsewhere else ""),
        CLUES[position],
    )
