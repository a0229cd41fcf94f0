"""What a request cost, worked out from its tokens and two prices."""

from __future__ import annotations

from math import isclose
from typing import Any

from checks.llm_routing.exchange_mistakes import goes_to_openai
from checks.llm_routing.own_line import given_at
from checks.spelling import number
from checks.verdict import NotRight, NotYet, Passed, Verdict
from labgateway.memory.observation import Observation

COST = "4.cost"
PRICES = (0.15, 0.60)  # dollars a million tokens, input and output; made up, of the usual order
_MILLION = 1e6
_SIZES = (100, 1000, _MILLION)  # in cents, by the thousand, not divided at all
_NEAR = 0.001  # four figures are what most answers have


def judge_cost(seen: Observation, value: Any) -> Verdict:
    """Whether it is what the last request cost, of the learner's own route or of all."""
    given = number(value)
    if given is None:
        return NotRight("The answer to 4.cost is not a number", next_step="Hand in dollars")
    used = [
        (goes_to_openai(one), (one.usage.input_tokens, one.usage.output_tokens))
        for one in seen.llm_exchanges()
        if one.started <= given_at(seen, COST)
        and one.usage.input_tokens is not None
        and one.usage.output_tokens is not None
    ]
    tokens = [*[one for own, one in used if own][-1:], *[one for _, one in used[-1:]]]
    if not tokens:
        return NotYet(
            "No request has used tokens yet", "", "", "Send one that is answered, then answer again"
        )
    read, written = PRICES
    if any(_is(given, i * read + o * written) for i, o in tokens):
        return Passed("That is what it cost", ("Written tokens usually make up most of the price",))
    return _differs(given, tokens)


def _differs(given: float, tokens: list[tuple[int, int]]) -> NotRight:
    read, written = PRICES
    if any(_is(given, i * written + o * read) for i, o in tokens):
        return NotRight(
            "You multiplied crosswise: the input tokens by the price of output tokens",
            "",
            "Written tokens are the dearer ones.",
            "Input tokens times their price, plus output tokens times theirs",
        )
    right = [(i * read + o * written) / _MILLION for i, o in tokens]
    if any(isclose(given / size, one, rel_tol=_NEAR) for size in _SIZES for one in right):
        return NotRight(
            "The digits are right and the size is not",
            "",
            "The prices are dollars for a million tokens.",
            "Divide by a million, and hand in dollars",
        )
    if any(given == round(one, digits) for digits in range(2, 6) for one in right):
        return NotRight(
            "That is rounded, and too much of it is gone",
            next_step="Hand the number in as Python gives it",
        )
    if any(_is(given, (i + o) * price) for i, o in tokens for price in PRICES):
        return NotRight(
            "You gave all tokens the same price",
            next_step="Input tokens times their price, plus output tokens times theirs",
        )
    return NotRight(
        "Your last request did not cost that much",
        next_step="Input tokens times their price, plus output tokens times theirs; do not round",
    )


def _is(given: float, millionths: float) -> bool:
    return isclose(given, millionths / _MILLION, rel_tol=_NEAR)
