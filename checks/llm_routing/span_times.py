"""Which span took longest: a learner's reading of a trace."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from checks.challenge import plain
from checks.llm_routing.handed_in import kept
from checks.llm_routing.names import quoted
from checks.llm_routing.own_trace import STAGES, five_stages, own, stages
from checks.verdict import Kept, NotRight, Passed, Verdict
from labgateway.decisions.exchange import Exchange
from labgateway.decisions.spans import Span
from labgateway.memory.observation import Observation

LONGEST = "5.longest"
_ADDED = re.compile(r"^the\s+|\s+span$|\s*\([^)]*\)$")
_HEX = re.compile(r"[0-9a-f]+")
_TRACE_DIGITS, _SPAN_DIGITS = 32, 16
_ALIASES = {
    "route": ("route", "routing", "backend routing"),
    "chat": ("chat", "provider", "provider call", "openai api call", "call"),
    "response": ("response", "response processing"),
    "POST": ("post", "root", "server", "ingress", "gateway", "gateway ingress"),
}


def kept_span(value: object) -> object:
    """A name, or name and id of a row, a dict or a span."""
    if hasattr(value, "name") and hasattr(value, "span_id"):
        value = {"name": value.name, "span_id": value.span_id}
    made = kept(value)
    made = made[0] if isinstance(made, list) and len(made) == 1 else made
    if isinstance(made, dict):
        return {name: plain(made[name]) for name in ("name", "span", "span_id") if name in made}
    return made


def trace_read(seen: Observation, question: str) -> Exchange | None:
    """The request whose trace an answer is about: the last whole one before it, else the last."""
    answer = seen.answers.get(question)
    for found in (five_stages(seen), own(seen)):
        whole = [one for one in found if len(stages(one)) == STAGES]
        before = [one for one in whole if answer is None or one.started <= answer.at]
        if before or whole:
            return (before or whole)[-1]
    return None


def longest_child(exchange: Exchange) -> Span:
    """The gateway's longest span besides its root."""
    return max(stages(exchange)[1:], key=lambda one: one.duration_s)


def judge_longest(seen: Observation, value: Any) -> Verdict:
    """Compare a span's name with the one that took longest, those left out that hold others."""
    exchange = trace_read(seen, LONGEST)
    given = _as_name(value)
    if given is None:
        return NotRight(
            "The answer to 5.longest is not the name of a span",
            next_step="Hand in the name as the waterfall has it on the left",
        )
    if exchange is None:
        return kept_until(LONGEST, given)
    found = _named(seen, exchange, given)
    if found is None:
        return _of_another_trace(seen, given) or _no_such_span(given)
    return _compared(exchange, found)


def _compared(exchange: Exchange, found: Span) -> Verdict:
    longest = longest_child(exchange)
    evidence = {one.name: f"{one.duration_s * 1e3:.3f} ms" for one in stages(exchange)}
    if found.span_id == longest.span_id:
        return Passed(
            f"`{found.name.split()[0]}` took longest of the spans that hold no others",
            ("Where most of the time goes is where to look when a request is slow",),
            evidence=evidence,
        )
    if found.span_id not in {one.span_id for one in stages(exchange)[1:]}:
        return _holds_others(found, evidence)
    return NotRight(
        f"{quoted(found.name)} took less time than another span",
        "",
        "The bars of a waterfall are drawn to scale.",
        "Compare their lengths, or the durations in `lab.spans(trace_id)`",
        evidence=evidence,
    )


def _holds_others(found: Span, evidence: Mapping[str, str]) -> NotRight:
    return NotRight(
        f"{quoted(found.name)} holds other spans",
        "",
        "A parent lasts at least as long as what is inside it, so it says nothing about where the"
        " time went.",
        "Leave out every span that has others under it, then compare",
        evidence=evidence,
    )


def _named(seen: Observation, exchange: Exchange, given: str) -> Span | None:
    """The span of the trace that a name, a stage's name or an id means."""
    for one in stages(exchange):
        if given in {one.name.casefold(), one.span_id, *_ALIASES.get(one.name.split()[0], ())}:
            return one
    theirs = [one for one in seen.spans if one.trace_id == exchange.trace_id]
    return next((one for one in theirs if given in {one.name.casefold(), one.span_id}), None)


def _of_another_trace(seen: Observation, given: str) -> NotRight | None:
    if not any(given == one.name.casefold() for each in seen.exchanges for one in stages(each)):
        return None
    return NotRight(
        f"{quoted(given)} is a span of another trace",
        "",
        "Asked is the trace that began in your own code.",
        "Look at `lab.trace(trace_id)` for the request inside your span",
    )


def _no_such_span(given: str) -> NotRight:
    if len(given) == _TRACE_DIGITS and _HEX.fullmatch(given):
        return NotRight(
            "32 hex digits are a trace id, which all spans of the trace share",
            next_step="Hand in the name of one span",
        )
    if len(given) == _SPAN_DIGITS and _HEX.fullmatch(given):
        return NotRight(
            "Your last trace has no span with that id",
            next_step="Hand in the span's name; ids differ from trace to trace",
        )
    return NotRight(
        f"Your last trace has no span called {quoted(given)}",
        next_step="Names are on the left of the waterfall: copy the one you mean",
    )


def kept_until(question: str, given: str) -> Kept:
    """An answer about a trace that is not there yet."""
    return Kept(
        f"Your answer to {question} is kept: {quoted(given)}",
        "",
        "",
        "It is judged once a request through `/openai` is answered; the check comes back to it",
    )


def _as_name(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("name") or value.get("span") or value.get("span_id")
    if not isinstance(value, str):
        return None
    bare = _ADDED.sub("", value.strip(" \t\n\"'`").casefold())
    return bare or None
