"""Models and tokens as a learner read them from their line, compared with what was recorded."""

from __future__ import annotations

from typing import Any

from checks.llm_routing.handed_in import whole
from checks.llm_routing.models import half_a_name, same_model
from checks.llm_routing.names import quoted
from checks.llm_routing.own_line import given_at, line_of_answer, nothing_to_read
from checks.spelling import entries, number, numbers
from checks.verdict import NotRight, Passed, Verdict
from labgateway.decisions.exchange import Exchange
from labgateway.memory.observation import Observation

MODELS, TOKENS = "3.models", "3.tokens"
SIDES = ("request", "response")
KINDS = ("input", "output")
API_TOKENS = ("prompt_tokens", "completion_tokens")
_LOOK = "Look at your line once more"


def judge_models(seen: Observation, value: Any) -> Verdict:
    """Two names: of the model that was sent, and of the one that answered."""
    given = _pair(value, SIDES)
    line = line_of_answer(seen, MODELS)
    if given is None:
        return _no_pair(MODELS, "two names of models: request, response", value)
    if not all(isinstance(one, str) for one in given):
        return NotRight(f"Not all of the answer to {MODELS} is names", next_step=_LOOK)
    if line is None:
        return nothing_to_read(seen)
    names = [one.strip() for one in given]
    if any(one.startswith("gen_ai.") for one in names):
        return _field_names(MODELS)
    return _models_differ(names, line) or Passed(
        "Both models are as in your line",
        ("The request's model is what the gateway sent, the response's is who answered",),
    )


def judge_tokens(seen: Observation, value: Any) -> Verdict:
    """Two counts: tokens that the model read, and tokens that it wrote."""
    if isinstance(value, dict) and set(API_TOKENS) & set(value):
        return _api_names()
    given = _pair(value, KINDS)
    if given is None:
        return _no_pair(TOKENS, "two numbers: input, output", value)
    if any(one in API_TOKENS for one in given):
        return _api_names()
    if any(isinstance(one, str) and one.startswith("gen_ai.") for one in given):
        return _field_names(TOKENS)
    counts = numbers(given)
    if counts is None:
        return NotRight(f"Not all of the answer to {TOKENS} is numbers", next_step=_LOOK)
    if any(one != round(one) for one in counts):
        return NotRight(
            f"Not all of the answer to {TOKENS} is whole numbers",
            next_step="Tokens are counted one by one: write the digits with nothing between them",
        )
    line = line_of_answer(seen, TOKENS)
    if line is None:
        return nothing_to_read(seen)
    return _tokens_differ(seen, counts, line) or Passed(
        "Both counts are as in your line",
        ("The response's `usage` says the same, as `prompt_tokens` and `completion_tokens`",),
    )


def _pair(value: Any, names: tuple[str, ...]) -> list[Any] | None:
    """Two entries of a list or a text, or of a dict with just these names in its keys."""
    if isinstance(value, dict):
        items = value.items() if len(value) == len(names) else ()
        found = [one for name in names for key, one in items if name in key.casefold()]
    else:
        found = entries(value)
    whole_pair = len(found) == len(names) and not any(isinstance(one, dict | list) for one in found)
    return found if whole_pair else None


def _no_pair(question: str, wanted: str, value: Any) -> NotRight:
    if value == {}:
        saw = "What you handed in has none of the log's fields in it"
    elif isinstance(value, dict) or (isinstance(value, list) and _rows(value)):
        saw = "You handed in a whole line, or several"
    elif isinstance(value, list):
        saw = f"The answer to {question} has {len(value)} entries, not two"
    else:
        saw = f"The answer to {question} is one value, not two"
    return NotRight(saw, next_step=f"Hand in a list of {wanted}")


def _rows(value: list[Any]) -> bool:
    return any(isinstance(one, dict) for one in value)


def _field_names(question: str) -> NotRight:
    return NotRight(
        f"The answer to {question} has the name of a field, not its value",
        next_step="Take the value from your line: `line[…]` with the name in it",
    )


def _api_names() -> NotRight:
    return NotRight(
        "`prompt_tokens` and `completion_tokens` are fields of the response's body",
        "",
        "The log has OpenTelemetry's names, `gen_ai.usage.input_tokens` and `output_tokens`; the"
        " numbers are the same.",
        "Look the two fields up in your line, and compare with the response",
    )


def _models_differ(names: list[str], line: Exchange) -> NotRight | None:
    sent, used = line.request_model or "", line.response_model or ""
    right = [same_model(names[0], sent), same_model(names[1], used)]
    if all(right):
        return None
    if same_model(names[0], used) and same_model(names[1], sent):
        return NotRight(
            "You have the two models the wrong way round",
            "",
            "The request's model is what the provider was asked for, the response's is what"
            " answered.",
            'Exchange them, then `answer("3.models", …)` again',
        )
    side = right.index(False)
    name = names[side]
    if side == 0 and same_model(name, line.original_model or ""):
        return NotRight(
            f"{quoted(name)} is what your client asked for",
            "",
            "Your backend names another model, and the line's request model is the one sent on.",
            _LOOK,
        )
    return NotRight(
        f"{quoted(name)} is not the {SIDES[side]} model of your line",
        "",
        half_a_name(name, used) if side else "",
        f"Look for the field whose name ends in `{SIDES[side]}.model`",
    )


def _tokens_differ(seen: Observation, counts: list[float], line: Exchange) -> NotRight | None:
    recorded = [float(line.usage.input_tokens or 0), float(line.usage.output_tokens or 0)]
    if counts == recorded:
        return None
    if counts == recorded[::-1]:
        return NotRight(
            "You have input and output the wrong way round",
            "",
            "Input is what the model read, output is what it wrote.",
            'Exchange them, then `answer("3.tokens", …)` again',
        )
    side = 0 if counts[0] != recorded[0] else 1
    given = counts[side]
    total = _sum_over(seen, side, given)
    if total > 1:
        return NotRight(
            f"`{whole(given)}` is the sum over {total} requests",
            "",
            "Your line has the tokens of one.",
            "Take the row of your request, not the column",
        )
    if given == sum(recorded):
        return NotRight(
            f"`{whole(given)}` is input and output together",
            next_step=f"Look for the field whose name ends in `{KINDS[side]}_tokens`",
        )
    if _of_another(seen, side, given, line):
        return NotRight(
            f"`{whole(given)}` is the number of {KINDS[side]} tokens of another request",
            "",
            "Each line has the tokens of its own.",
            "Take the row that has the trace id of your request",
        )
    return NotRight(
        f"`{whole(given)}` is not the number of {KINDS[side]} tokens in your line",
        next_step=f"Look for the field whose name ends in `{KINDS[side]}_tokens`",
    )


def _of_another(seen: Observation, side: int, given: float, line: Exchange) -> bool:
    counted = [one.usage for one in seen.llm_exchanges() if one.trace_id != line.trace_id]
    return any((one.input_tokens, one.output_tokens)[side] == given for one in counted)


def _sum_over(seen: Observation, side: int, given: float) -> int:
    """Over how many of the last requests before the answer a number is the sum; 0 for none."""
    until = given_at(seen, TOKENS)
    total = 0.0
    asked = [one for one in seen.llm_exchanges() if one.started <= until]
    for count, one in enumerate(reversed(asked), start=1):
        total += (one.usage.input_tokens, one.usage.output_tokens)[side] or 0
        if number(given) == total:
            return count
    return 0
