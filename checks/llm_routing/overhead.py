"""What of a request's time was the gateway's own: root less provider call."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from checks.llm_routing.own_trace import STAGES, client_span, stages
from checks.llm_routing.span_times import kept_until, trace_read
from checks.spelling import number
from checks.verdict import NotRight, Passed, Verdict
from labgateway.decisions.exchange import Exchange
from labgateway.memory.observation import Observation

OVERHEAD = "5.overhead"
_NEAR = 0.05  # rounded to two figures, or to whole milliseconds where that changes little
_UNIT_MS = {"s": 1e3, "u": 1e-3, "µ": 1e-3, "μ": 1e-3}
_WITH_UNIT = re.compile(r"([\d.,]+)\s*(s|sec|seconds?|[uµμ]s)")
_NEAR_MISTAKE = 0.02
_LEAST_MS = 0.005  # what is printed has two digits behind the point


def judge_overhead(seen: Observation, value: Any) -> Verdict:
    """Compare milliseconds with the root's less those of the provider call."""
    given = _milliseconds(value[0] if isinstance(value, list) and len(value) == 1 else value)
    if given is None:
        return NotRight(
            "The answer to 5.overhead is not a number",
            next_step="Hand in milliseconds, without the unit",
        )
    exchange = trace_read(seen, OVERHEAD)
    if exchange is None:
        return kept_until(OVERHEAD, str(given))
    took = _took(seen, exchange)
    evidence = {"root": f"{took.root:.3f} ms", "provider call": f"{took.call:.3f} ms"}
    right = took.root - took.call
    if _is(given, right, _NEAR):
        return Passed(
            "Root minus provider call: that is what the gateway took itself",
            ("All the rest of the waiting was for the model",),
            evidence=evidence,
        )
    close = [one for one in _MISTAKES if _is(given, one.made_of(took), _NEAR_MISTAKE)]
    if not close and any(_is(given, one, _NEAR_MISTAKE) for one in _others(seen, exchange)):
        return NotRight(
            "That is what the gateway took of another request",
            "",
            "Each trace has times of its own.",
            "Take both spans from the last trace that began in your own code",
            evidence=evidence,
        )
    said = min(close, key=lambda one: abs(given - one.made_of(took)), default=_OTHER)
    return NotRight(said.saw, "", said.why, said.next_step, evidence=evidence)


def _others(seen: Observation, exchange: Exchange) -> Iterator[float]:
    """The overhead in other traces, where it is large enough to be told from this one."""
    for one in seen.exchanges:
        if one.trace_id != exchange.trace_id and len(stages(one)) == STAGES:
            took = _took(seen, one)
            yield took.root - took.call


def _milliseconds(value: Any) -> float | None:
    """A number; with a unit behind it, in that unit."""
    named = _WITH_UNIT.fullmatch(value.strip()) if isinstance(value, str) else None
    if named is None:
        return number(value)
    given = number(named[1])
    return None if given is None else given * _UNIT_MS[named[2][0]]


def _is(given: float, target: float, near: float) -> bool:
    return abs(given - target) <= max(near * abs(target), min(_LEAST_MS, abs(target) / 2))


class _Took(NamedTuple):
    """Milliseconds of the root, the provider call, the other two children, the client's span.

    The last is 0 when there is none.
    """

    root: float
    call: float
    others: float
    whole: float


class _Mistake(NamedTuple):
    """A number that is another one, and what is said of it."""

    made_of: Callable[[_Took], float]
    saw: str
    why: str
    next_step: str


def _took(seen: Observation, exchange: Exchange) -> _Took:
    root, *rest = stages(exchange)
    call_ms = sum(one.duration_s for one in rest if one.kind == "CLIENT") * 1e3
    others_ms = sum(one.duration_s for one in rest if one.kind != "CLIENT") * 1e3
    client = client_span(seen, exchange)
    return _Took(
        root.duration_s * 1e3, call_ms, others_ms, client.duration_s * 1e3 if client else 0.0
    )


_AGAIN = f'Work it out once more, then `answer("{OVERHEAD}", …)` again'
_SECONDS = "A span's `duration_s` is in seconds, and a second has a thousand milliseconds."
_TWICE = "It counts the provider call twice: a child's time is inside its parent's."
_OTHER = _Mistake(
    lambda _took: 0.0,
    "That is not the time that the gateway itself took",
    "The root lasts as long as the gateway had the request, the provider call as long as it waited"
    " for the model.",
    "Take both from one trace, the last one, and take one from the other; two figures are enough",
)
_MISTAKES = (
    _Mistake(
        lambda _took: 0.0,
        "0: the gateway is fast, and it does not work in no time",
        "Its share shows only when a millisecond is not rounded away.",
        "Keep two figures behind the point",
    ),
    _Mistake(
        lambda took: (took.root - took.call) / 1e3,
        "That is the right time in seconds",
        _SECONDS,
        "Hand in milliseconds",
    ),
    _Mistake(
        lambda took: took.others,
        "That is `route` and `response` added up",
        "What the gateway does between its children is in none of them: it rewrites the body, puts"
        " the key in, takes a connection.",
        "Take the provider call from the root, and all of it is in what is left",
    ),
    _Mistake(
        lambda took: took.others / 1e3,
        "That is `route` and `response` added up, in seconds",
        f"{_SECONDS} What lies between the children belongs to the gateway as well.",
        "Take the provider call from the root, in milliseconds",
    ),
    _Mistake(
        lambda took: took.root + took.call,
        "That is root and provider call added",
        _TWICE,
        _AGAIN,
    ),
    _Mistake(
        lambda took: (took.root + took.call) / 1e3,
        "That is root and provider call added, in seconds",
        _TWICE,
        _AGAIN,
    ),
    _Mistake(
        lambda took: took.call - took.root,
        "A negative time: you took the root from the provider call",
        "The root is the longer one, since the call is inside it.",
        _AGAIN,
    ),
    _Mistake(
        lambda took: took.root,
        "That is the whole root span",
        "Most of it is waiting for the model, which is not the gateway's doing.",
        "Take the provider call from it",
    ),
    _Mistake(
        lambda took: took.whole,
        "That is your own span, from your client's first moment to its last",
        "The gateway had the request for a part of it, and waited for the model in most of that.",
        "Take the gateway's root span, `POST …`, less the provider call",
    ),
    _Mistake(
        lambda took: took.call,
        "That is the provider call alone",
        "It is the part that is not the gateway's.",
        "Take it from the root span",
    ),
    _Mistake(
        lambda took: took.whole - took.call,
        "That is your own span less the provider call",
        "It holds your client's time and the way to the gateway as well.",
        "Take the gateway's root span, `POST …`, in place of yours",
    ),
    _Mistake(
        lambda took: 100 * (took.root - took.call) / took.root,
        "That is the gateway's share in per cent",
        "",
        "Hand in the milliseconds",
    ),
)
