"""Output tokens by model, as a learner added them up from the metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from checks.llm_routing.metric_numbers import a_date, nothing_counted
from checks.llm_routing.metric_readings import INPUT, OUTPUT, Reading, readings
from checks.llm_routing.names import listed
from checks.llm_routing.own_line import given_at
from checks.spelling import number
from checks.verdict import NotRight, Passed, Verdict
from labgateway.decisions.metric_families import TOKEN_USAGE
from labgateway.memory.observation import Observation

BY_MODEL = "4.output"
_RESPONSE_MODEL = "gen_ai_response_model"
_ROW = 2  # a name and a number
_SIDES = ("response_model", "request_model")


def judge_by_model(seen: Observation, value: Any) -> Verdict:
    """Output tokens by model, since the gateway started."""
    found = readings(seen, given_at(seen, BY_MODEL))
    if not any(one.tokens for one in found):
        return nothing_counted(seen)
    given = _by_name(value)
    if given is None:
        given = _alone(value, found[0])
    if given is None:
        return NotRight(
            "The answer to 4.output does not say which model has which number",
            next_step="Hand in a dict, or the Series that `groupby(…)` on a model's label gives",
        )
    if any(_is(given, one.by_model(_SIDES[0], {OUTPUT})) for one in found):
        return Passed(
            "Output tokens by model, as the requests' usage adds up",
            ("It is the sum since the gateway started; the log has it for each request",),
        )
    return _by_model_differs(seen, given, found[0])


def _by_model_differs(seen: Observation, given: dict[str, float], reading: Reading) -> NotRight:
    date = a_date(*given.values())
    if date is not None:
        return date
    if _is(given, reading.by_model(_SIDES[1], {OUTPUT})):
        return NotRight(
            "Your numbers are by the model that was sent, `gen_ai_request_model`",
            "",
            "The bill is for the model that answered.",
            "Group by `gen_ai_response_model`",
        )
    for mistake, saw, next_step in _MISTAKES:
        if any(_is(given, mistake(seen, reading, side)) for side in _SIDES):
            return NotRight(saw, next_step=next_step)
    known = {name.casefold() for name in reading.by_model(_SIDES[0], {OUTPUT})}
    strange = [name for name in given if name.casefold() not in known]
    if strange:
        return NotRight(
            f"No series of output tokens has {listed(strange)} as the model that answered",
            next_step="Group by `gen_ai_response_model`, and take its names as they stand there",
        )
    return NotRight(
        "Not every model has its number, or a number is another one",
        "",
        "It is the value of `_sum`, added up over the rows of a model.",
        "Filter by name and by `gen_ai_token_type` first, then group",
    )


Mistake = Callable[[Observation, Reading, str], Mapping[str, float]]
_MISTAKES: tuple[tuple[Mistake, str, str], ...] = (
    (
        lambda _seen, reading, side: reading.by_model(side, {INPUT, OUTPUT}),
        "Your numbers are input and output tokens added up",
        'Keep the rows with `gen_ai_token_type` = "output"',
    ),
    (
        lambda _seen, reading, side: reading.by_model(side, reading.types),
        "Your numbers mix all types of tokens",
        'Keep the rows with `gen_ai_token_type` = "output"',
    ),
    (
        lambda _seen, reading, side: reading.by_model(side, {INPUT}),
        "These are the input tokens",
        'Keep the rows with `gen_ai_token_type` = "output"',
    ),
    (
        lambda _seen, reading, side: reading.by_model(side, {OUTPUT}, "count"),
        "These are counts of requests, not of tokens",
        "Keep the rows whose name ends in `_sum`",
    ),
    (
        lambda seen, _reading, side: _added(seen, side, {OUTPUT}, ("_bucket",)),
        "You added up buckets, which are cumulative: each request is in many of them",
        "Keep the rows whose name ends in `_sum`",
    ),
    (
        lambda seen, _reading, side: _added(seen, side, {OUTPUT}),
        "You added up all rows of output tokens: buckets, `_count` and `_sum`",
        "Keep the rows whose name ends in `_sum`",
    ),
    (
        lambda seen, reading, side: _added(seen, side, reading.types),
        "You added up all rows of the family: every type of token, buckets, `_count` and `_sum`",
        'Keep the rows of one name, `…_sum`, and with `gen_ai_token_type` = "output"',
    ),
)


def _added(
    seen: Observation,
    side: str,
    types: set[str],
    suffixes: tuple[str, ...] = ("_bucket", "_sum", "_count"),
) -> dict[str, float]:
    """Samples added up by model, as a learner who forgets the name does it."""
    found: dict[str, float] = {}
    for one in seen.samples:
        labels = one.labels
        if (
            one.family == TOKEN_USAGE
            and one.name.endswith(suffixes)
            and labels["gen_ai_token_type"] in types
        ):
            model = labels[f"gen_ai_{side}"]
            found[model] = found.get(model, 0.0) + one.value
    return found


def _is(given: Mapping[str, float], wanted: Mapping[str, float]) -> bool:
    by_name = {name.casefold(): value for name, value in wanted.items()}
    return bool(by_name) and {name.casefold(): one for name, one in given.items()} == by_name


def _by_name(value: Any) -> dict[str, float] | None:
    """Model → number, from a dict or from rows of one name and one number each."""
    if isinstance(value, list) and len(value) == _ROW and isinstance(value[0], str):
        value = [value]
    if isinstance(value, list) and value and all(_is_row(one) for one in value):
        value = dict(value)
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        value = dict(_row(one) for one in value)
    if not isinstance(value, dict) or not value:
        return None
    found = {name: number(one) for name, one in value.items()}
    return (
        {name: one for name, one in found.items() if one is not None}
        if all(one is not None for one in found.values())
        else None
    )


def _is_row(value: object) -> bool:
    return isinstance(value, list) and len(value) == _ROW and isinstance(value[0], str)


def _row(row: dict[str, Any]) -> tuple[str, object]:
    if {_RESPONSE_MODEL, "value"} <= set(row):  # a row of the frame, as it is
        return str(row[_RESPONSE_MODEL]), row["value"]
    names = [one for one in row.values() if isinstance(one, str)]
    values = [one for one in row.values() if not isinstance(one, str)]
    return (names[0] if names else ""), (values[-1] if values else None)


def _alone(value: Any, reading: Reading) -> dict[str, float] | None:
    """One number will do while there is one model."""
    given = number(value)
    models = list(reading.by_model(_SIDES[0], {OUTPUT}))
    return {models[0]: given} if given is not None and len(models) == 1 else None
