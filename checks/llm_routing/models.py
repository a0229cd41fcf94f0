"""The three models of an exchange, and what a learner takes them for."""

from __future__ import annotations

import re
from typing import Any

from checks.llm_routing.exchange_mistakes import goes_to_openai
from checks.llm_routing.names import quoted
from checks.verdict import NotRight, NotYet, Passed, Verdict
from labgateway.memory.observation import Observation

ROLES = ("asked for", "sent", "used")
CLUES = (
    "Look at the body that you sent",
    "Look at your backend: does it name a model?",
    "Look at `model` in the answer",
)
_LEFT_OUT = re.compile(r"(-\d+(\.\d+)?[mb])?(-instruct)?(-\d{4}(-?\d{2}){0,2})?")


def judge_models(seen: Observation, value: Any) -> Verdict:
    """Compare three names with what was recorded of the last answered request.

    A provider dates its models; the one that was used may be named without its date.
    """
    given = [str(one).strip() for one in value] if isinstance(value, list | tuple) else []
    if len(given) != len(ROLES):
        return NotRight(
            "The answer to 2.models is not a list of three names",
            next_step="Give three, in the order asked for, sent, used",
        )
    answered = [one for one in seen.llm_exchanges() if goes_to_openai(one) and one.response_model]
    if not answered:
        names = ", ".join(quoted(one) for one in given)
        return NotYet(
            f"Your answer to 2.models is kept: {names}",
            "",
            "",
            "It is judged once a request through `/openai` is answered; the check comes back to it",
        )
    last = answered[-1]
    recorded = (last.original_model or "", last.request_model or "", last.response_model or "")
    for position, (one, other) in enumerate(zip(given, recorded, strict=True)):
        if not _same(one, other, position):
            return _differs(one, recorded, position)
    return Passed(
        "Asked for, sent, used: all three are as recorded",
        ("The client asks, the backend may replace, and the provider says what answered",),
    )


def same_model(given: str, used: str) -> bool:
    """Whether a name means the model that answered: size, "Instruct" and date may be left out."""
    one, other = given.casefold(), used.casefold()
    rest = other.removeprefix(one)
    return bool(one) and other.startswith(one) and _LEFT_OUT.fullmatch(rest) is not None


def _same(given: str, recorded: str, position: int) -> bool:
    if ROLES[position] == "used":
        return same_model(given, recorded)
    return given.casefold() == recorded.casefold() != ""


def _differs(given: str, recorded: tuple[str, ...], position: int) -> NotRight:
    others = [name for i, name in enumerate(recorded) if i != position]
    return NotRight(
        f"{quoted(given)} is not the model that was {ROLES[position]}",
        "",
        "It is one of the other two." if given in others else "",
        CLUES[position],
    )
