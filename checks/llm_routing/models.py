"""The three models of an exchange, and what a learner takes them for."""

from __future__ import annotations

from typing import Any

from checks.llm_routing.exchange_mistakes import goes_to_openai
from checks.llm_routing.names import quoted
from checks.llm_routing.predicted import tried_out
from checks.verdict import NotRight, NotYet, Passed, Verdict
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
    """Compare three names with what was recorded of the last answered request since the answer."""
    given = [str(one).strip() for one in value] if isinstance(value, list | tuple) else []
    if len(given) != len(ROLES):
        return NotRight(
            "The answer to 2.models is not a list of three names",
            next_step="Give three, in the order asked for, sent, used",
        )
    sent = [one for one in tried_out(seen, MODELS) if goes_to_openai(one)]
    answered = [one for one in sent if one.response_model]
    if not answered:
        names = ", ".join(quoted(one) for one in given)
        return NotYet(
            f"Your answer to 2.models is kept: {names}",
            "",
            "",
            "Now send a request through `/openai`; the check compares the two",
        )
    last = answered[-1]
    recorded = (last.original_model or "", last.request_model or "", last.response_model or "")
    for position, (one, other) in enumerate(zip(given, recorded, strict=True)):
        if not same_model(one, other):
            return _differs(one, recorded, position)
    return Passed(
        "Asked for, sent, used: all three are as recorded",
        ("The client asks, the backend may replace, and the provider says what answered",),
    )


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
