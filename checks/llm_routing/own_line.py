"""The learner's own line of the access log, and what they read from it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import inf
from typing import Any

from checks.llm_routing.exchange_mistakes import answered, bare_path, blank_in, goes_to_openai
from checks.llm_routing.names import PATH, quoted
from checks.verdict import NotRight, NotYet, Passed, Unpassed, Verdict
from labgateway.decisions.exchange import Exchange
from labgateway.memory.observation import Observation

SLUG = "llm-routing/3"
TRACE = "3.trace"
_HEX = re.compile(r"[0-9a-f]+")
_TRACE_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_TRACE_DIGITS, _SPAN_DIGITS = 32, 16
_AGAIN = (
    f'Take it from the line of your last request to `{PATH}`, then `answer("{TRACE}", …)` again'
)


def given_at(seen: Observation, question: str) -> float:
    """When a question was answered (Unix time); later than everything when it was not."""
    answer = seen.answers.get(question)
    return answer.at if answer else inf


def own(seen: Observation, until: float = inf) -> list[Exchange]:
    """Answered requests through the learner's route, tokens counted, oldest first."""
    since = seen.reset_at.get(SLUG, 0.0)
    return [
        one
        for one in seen.exchanges
        if since <= one.started <= until
        and goes_to_openai(one)
        and answered(one)
        and blank_in(one) is None
        and None not in (one.usage.input_tokens, one.usage.output_tokens)
    ]


def line_of_answer(seen: Observation, question: str) -> Exchange | None:
    """The line that an answer is about: the one whose trace id was handed in, else the last."""
    answer = seen.answers.get(TRACE)
    if answer is not None and isinstance(judge_trace(seen, answer.value), Passed):
        named = _as_trace_id(answer.value)
        return next(one for one in own(seen) if one.trace_id == named)
    lines = own(seen, given_at(seen, question))
    return lines[-1] if lines else None


def nothing_to_read(seen: Observation) -> NotYet:
    """No answered request, so no line with tokens."""
    since = seen.reset_at.get(SLUG, 0.0)
    sent = [one for one in seen.exchanges if goes_to_openai(one)]
    asked = [one for one in sent if one.started >= since and not answered(one)]
    saw = f"The log has no line of a request to `{PATH}` yet"
    if sent and sent[-1].started < since:
        saw = f"The log has no line of a request to `{PATH}` since you began the step again"
    if asked:
        saw = (
            f"The line of your last request to `{PATH}` has status {asked[-1].status}, and nobody"
            " counted tokens for it"
        )
    return NotYet(
        saw,
        "",
        "A line has `gen_ai.*` only when a model answered.",
        "Send one as in step 2 (`check(2)` says what is in its way), then read its line",
    )


def judge_trace(seen: Observation, value: Any) -> Verdict:
    """Whether a trace id is that of the last own request before the answer."""
    given = _as_trace_id(value)
    if given is None:
        return NotRight(
            f"You handed in {_what_else(value)}",
            "",
            "A trace id is one text of 32 hex digits.",
            _AGAIN,
        )
    return _no_trace_id(seen, given) or _other_line(seen, given) or _right_trace()


def _right_trace() -> Passed:
    return Passed(
        "That is the trace id of your request",
        ("The response had it in `x-trace-id`, the trace has it in every span",),
    )


def _no_trace_id(seen: Observation, given: str) -> NotRight | None:
    """Not even the form of one."""
    if len(given) == _TRACE_DIGITS and _HEX.fullmatch(given):
        return None
    if len(given) == _SPAN_DIGITS and _HEX.fullmatch(given):
        return NotRight(
            "16 hex digits are a span id; a trace id has 32",
            "",
            "A span is one operation, a trace all the spans of one request.",
            _AGAIN,
        )
    if _TRACEPARENT.fullmatch(given):
        return NotRight(
            "That is a whole `traceparent`: version, trace id, span id and flags",
            next_step="Hand in its second part alone",
        )
    if any(given == (one.response_id or "").lower() for one in seen.exchanges):
        return NotRight(
            "That is the id which the provider gave its answer",
            "",
            "The gateway gives each request an id of its own, which is on all it records.",
            _AGAIN,
        )
    if given.startswith("trace"):
        return NotRight(
            f"{quoted(given)} is the name of the field; its value is asked for", next_step=_AGAIN
        )
    digits = "hex digits" if _HEX.fullmatch(given) else "characters"
    return NotRight(
        f"A trace id has 32 hex digits; yours has {len(given)} {digits}", "", "", _AGAIN
    )


def _other_line(seen: Observation, given: str) -> Unpassed | None:
    """The id of a line, but not of the one that was asked for."""
    line = next((one for one in seen.exchanges if one.trace_id == given), None)
    if line is None:
        return NotRight(
            "No line of the log has that trace id", "", "A single digit makes it another.", _AGAIN
        )
    if line.request_model is None:
        return NotRight(
            f"That line has status {line.status} and no `gen_ai.*`: no model was asked",
            next_step="Pick a line that has `gen_ai.request.model`",
        )
    if not goes_to_openai(line):
        return NotRight(
            f"That line is of a request to {quoted(bare_path(line))}",
            "",
            "Asked is the line of your own request.",
            _AGAIN,
        )
    lines = own(seen, given_at(seen, TRACE))
    if not any(one.trace_id == given for one in lines):
        told = "is from before you began the step again" if answered(line) else "was not answered"
        return NotRight(
            f"That line's request {told}; its status is {line.status}", next_step=_AGAIN
        )
    return None if lines[-1].trace_id == given else _older(lines, given)


def _older(lines: Sequence[Exchange], given: str) -> NotRight:
    after = len(lines) - 1 - next(i for i, one in enumerate(lines) if one.trace_id == given)
    times = [f"{one.started:.3f}" for one in lines[-after - 1 :]]
    return NotRight(
        f"That trace id belongs to an earlier request of yours; {_times(after)} after it",
        "",
        "The newest line is the last one.",
        _AGAIN,
        evidence={"requests since (Unix time)": times},
    )


def _times(count: int) -> str:
    return "one more came" if count == 1 else f"{count} more came"


def _what_else(value: object) -> str:
    if isinstance(value, list) and not all(isinstance(one, dict) for one in value[:1]):
        return f"{len(value)} values"
    return "a whole line, or several" if isinstance(value, dict | list) else "no text"


def _as_trace_id(value: Any) -> str | None:
    """The text that was given, in lower case; the one trace id in it, if it is not all.

    Of a list with one entry that entry.
    """
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, dict) and set(value) == {"trace.id"}:
        value = value["trace.id"]
    if not isinstance(value, str):
        return None
    text = value.strip().strip("\"'").lower()
    found = set() if _TRACEPARENT.fullmatch(text) else set(_TRACE_ID.findall(text))
    return found.pop() if len(found) == 1 else text
