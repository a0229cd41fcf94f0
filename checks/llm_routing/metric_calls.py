"""How many requests reached a model, as a learner read it from the metrics."""

from __future__ import annotations

from collections import Counter
from typing import Any

from checks.llm_routing.handed_in import whole
from checks.llm_routing.metric_numbers import a_date, nothing_counted
from checks.llm_routing.metric_readings import OUTPUT, Reading, readings
from checks.llm_routing.own_line import given_at
from checks.spelling import number
from checks.verdict import NotRight, Passed, Verdict
from labgateway.memory.observation import Observation

CALLS = "4.calls"


def judge_calls(seen: Observation, value: Any) -> Verdict:
    """How many requests reached a model."""
    given = number(value[0] if isinstance(value, list) and len(value) == 1 else value)
    if given is None:
        return NotRight("The answer to 4.calls is not one number", next_step="Hand in a count")
    found = readings(seen, given_at(seen, CALLS))
    if any(given in _calls(one) for one in found):
        return Passed(
            "So many requests reached a model",
            ("Requests that no route took are in `requests_total` too, with another `protocol`",),
        )
    if not any(one.tokens for one in found):
        return nothing_counted(seen)
    return _calls_differ(seen, given, found[0])


def _calls(reading: Reading) -> set[float]:
    llm = {status: n for (protocol, status), n in reading.requests.items() if protocol == "llm"}
    return {sum(llm.values()), llm.get("200", 0.0), reading.total(OUTPUT, "count")}


def _by_route(seen: Observation) -> set[int]:
    """How many requests of each route reached a model, until the answer."""
    until = given_at(seen, CALLS)
    asked = [one.route for one in seen.llm_exchanges() if one.started <= until]
    return set(Counter(asked).values())


def _calls_differ(seen: Observation, given: float, reading: Reading) -> NotRight:
    stray = sum(n for (protocol, _), n in reading.requests.items() if protocol != "llm")
    counted = sum(reading.total(one, "count") for one in reading.types)
    date = a_date(given)
    if date is not None:
        return date
    if given == sum(reading.requests.values()):
        return NotRight(
            f"`{whole(given)}` counts every request, {whole(stray)} of which reached no model",
            "",
            "A 404 is a request to the gateway, and nobody asked a model.",
            "Look at the label that tells the two apart: `protocol`, or `status`",
        )
    if given == counted:
        return NotRight(
            f"`{whole(given)}` counts each request once for every type of token",
            next_step="Choose one `gen_ai_token_type`, or use `requests_total`",
        )
    if given in _by_route(seen):
        return NotRight(
            f"`{whole(given)}` counts the requests of one route only",
            "",
            "Each route has a row of its own, and all of them lead to a model.",
            "Add up the values of `agentgateway_requests_total` for one `protocol`",
        )
    return NotRight(
        f"`{whole(given)}` is not the number of requests that reached a model",
        next_step="Add up the values of `agentgateway_requests_total` for one `protocol`",
    )
