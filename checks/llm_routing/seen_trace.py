"""The trace that a learner found in the console: whether it is one of their own requests."""

from __future__ import annotations

import re
from typing import Any

from checks.llm_routing.exchange_mistakes import answered, goes_to_openai
from checks.llm_routing.names import BACKEND, PATH, ROUTE, quoted
from checks.spelling import entries
from checks.verdict import NotRight, NotYet, Passed, Verdict
from labgateway.decisions.exchange import Exchange
from labgateway.memory.observation import Observation

SLUG = "llm-routing/6"
TRACE = "6.trace"
_TRACE_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_BEGINNING = re.compile(r"[0-9a-f]{8,31}")  # the console's table shows eight
_TOO_SHORT = re.compile(r"[0-9a-f]{1,7}")
_SPAN_DIGITS = 16
_SPAN_ID = re.compile(r"[0-9a-f]{16}")
_ADDRESS = re.compile(r"https?://|localhost|127\.0\.0\.1|:\d{4,5}\b|/ui/")
_COPY = "Open *Tracing* in the console, find your request, and copy its trace id"


def own_requests(seen: Observation) -> list[Exchange]:
    """Answered requests along the learner's route since the step began, oldest first."""
    since = seen.reset_at.get(SLUG, 0.0)
    return [
        one
        for one in seen.exchanges
        if one.started >= since and goes_to_openai(one) and answered(one)
    ]


def found_request(seen: Observation) -> Exchange | None:
    """The request whose trace was handed in; None when it is not one that the step asks for."""
    answer = seen.answers.get(TRACE)
    given = _id_in(seen, answer.value) if answer is not None else None
    return next((one for one in own_requests(seen) if one.trace_id == given), None)


def judge_trace(seen: Observation, value: Any) -> Verdict:
    """Compare a trace id, alone or in the address of its page, with what was recorded."""
    given = _id_in(seen, value)
    if given is None:
        return _no_trace_id(seen, str(value).strip())
    exchange = next((one for one in seen.exchanges if one.trace_id == given), None)
    if exchange is None:
        return NotRight(
            "No request of this lab has that trace id",
            "",
            "A trace id has 32 hex digits, and each request has one of its own.",
            _COPY,
        )
    return _own(seen, exchange)


def _own(seen: Observation, exchange: Exchange) -> Verdict:
    evidence = {"trace": exchange.trace_id, "path": exchange.path, "status": exchange.status}
    if exchange in own_requests(seen):
        return Passed(
            "The trace that you found in the console is the one that the gateway recorded",
            ("Both views read one record, so opening the second one sent nothing",),
            evidence=evidence,
        )
    if not goes_to_openai(exchange):
        return NotRight(
            f"That request went along {quoted(exchange.path)}",
            next_step=f"Choose one that went along your own route, `{PATH}`",
            evidence=evidence,
        )
    if not answered(exchange):
        return NotRight(
            f"That request ended with {exchange.status}, so no model answered it",
            "",
            exchange.error or "",
            "Choose one with status 200",
            evidence=evidence,
        )
    return NotYet(
        "That request is from before you began the step again",
        next_step=f"Send a new one through `{PATH}`, then look for its trace",
        evidence=evidence,
    )


def _no_trace_id(seen: Observation, given: str) -> Verdict:
    bare = given.rpartition("/")[2]
    beginning = _beginning(given)
    if beginning is not None and len(beginning) < _SPAN_DIGITS:
        return _only_the_beginning(beginning, len(_begin_with(seen, beginning)))
    if _TOO_SHORT.fullmatch(given.casefold()):
        return NotRight(
            f"{quoted(given)} is too little of a trace id to tell it from others",
            next_step="Hand in eight digits, as the console's table shows them, or all 32",
        )
    if any(given == one.response_id for one in seen.exchanges):
        return NotRight(
            "That is the id which the provider gave its answer",
            "",
            "The gateway gives each request an id of its own, which the console shows.",
            _COPY,
        )
    if _SPAN_ID.fullmatch(given.casefold()):
        return NotRight(
            "16 hex digits are a span id: one operation within a trace",
            next_step="Hand in the id of the whole trace, which has 32",
        )
    if bare in {BACKEND.name, ROUTE.name}:
        which = "backend" if bare == BACKEND.name else "route"
        return NotRight(
            f"`{bare}` is the {which}, which many requests share",
            next_step=_COPY,
        )
    if _ADDRESS.search(given):
        return NotYet(
            "An address says where you looked, and not what you found there",
            "",
            "A typed address is your own computer's, and on Binder or a hub the lab is on another;"
            " `lab.console()` knows the right one.",
            _COPY,
        )
    return NotYet(
        f"{quoted(given)} is not a trace id",
        "",
        "A picture or a description cannot be compared; the id can.",
        _COPY,
    )


def _only_the_beginning(given: str, count: int) -> NotRight:
    begin = "requests of this lab begin" if count > 1 else "no request of this lab begins"
    return NotRight(
        f"{quoted(given)} is the beginning of a trace id: {f'{count} ' if count > 1 else ''}{begin}"
        " with it",
        next_step="Hand in all 32 digits; the page of the trace has them",
    )


def _id_in(seen: Observation, value: Any) -> str | None:
    """The one trace id in a text, or the one that begins as the console's table shows it."""
    if isinstance(value, list | dict) and len(value) == 1:
        value = entries(value)[0]
    if not isinstance(value, str):
        return None
    found = set(_TRACE_ID.findall(value.casefold()))
    beginning = _beginning(value)
    if beginning is not None:
        found |= _begin_with(seen, beginning)
    return found.pop() if len(found) == 1 else None


def _beginning(text: str) -> str | None:
    """A text that can be the first digits of a trace id, with or without the dots after it."""
    bare = text.strip().strip("\"'`").rstrip("….").casefold()
    return bare if _BEGINNING.fullmatch(bare) else None


def _begin_with(seen: Observation, beginning: str) -> set[str]:
    return {one.trace_id for one in seen.exchanges if one.trace_id.startswith(beginning)}
