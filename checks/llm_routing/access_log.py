"""Step 3: the learner reads trace id, models and tokens from the line of their own request."""

from __future__ import annotations

from typing import Any

from checks.challenge import Request, Solution, Step
from checks.llm_routing.line_fields import MODELS, TOKENS
from checks.llm_routing.line_questions import QUESTIONS
from checks.llm_routing.names import PATH
from checks.llm_routing.own_line import TRACE, line_of_answer, nothing_to_read, own
from checks.llm_routing.raised import or_raised
from checks.llm_routing.request import BODY, MODEL, PROMPT
from checks.open_questions import first_wrong
from checks.verdict import NotYet, Passed, Verdict
from labgateway.decisions.exchange import Exchange
from labgateway.memory.observation import Observation

TASK = (TRACE, MODELS, TOKENS)


def check(seen: Observation) -> Verdict:
    """Judge what was handed in from the line; an exception since then comes first."""
    trouble = (
        _nothing(seen)
        or first_wrong(seen, (one for one in QUESTIONS if one.id in TASK))
        or _open(seen)
    )
    if trouble is None:
        line = line_of_answer(seen, TOKENS)
        assert line is not None
        return _passed(seen, line)
    latest = max((seen.answers[one].at for one in TASK if one in seen.answers), default=0.0)
    return or_raised(seen, trouble, latest)


def _nothing(seen: Observation) -> NotYet | None:
    return None if own(seen) else nothing_to_read(seen)


def _open(seen: Observation) -> NotYet | None:
    missing = [one for one in TASK if one not in seen.answers]
    if not missing:
        return None
    return NotYet(
        f"Handed in from your line so far: {len(TASK) - len(missing)} of {len(TASK)} answers",
        "",
        "The log is written whether anybody reads it or not; this step is about reading it.",
        f'Look at the last line of `lab.logs()`, then `answer("{missing[0]}", …)`',
    )


def _passed(seen: Observation, line: Exchange) -> Passed:
    more = ["The trace id leads from this line to the trace of the same request"]
    if seen.place.bodies:
        more.append("Prompts and answers are still being kept; `lab.log_bodies(False)` ends that")
    return Passed(
        "You read your own line: trace id, models and tokens are as the gateway recorded them",
        tuple(more),
        evidence={
            "trace.id": line.trace_id,
            "gen_ai.request.model": line.request_model,
            "gen_ai.response.model": line.response_model,
            "gen_ai.usage.input_tokens": line.usage.input_tokens,
            "gen_ai.usage.output_tokens": line.usage.output_tokens,
        },
    )


def answers(seen: Observation) -> dict[str, Any]:
    """What is right for the last line; nothing while there is none."""
    lines = own(seen)
    if not lines:
        return {}
    line = lines[-1]
    return {
        TRACE: line.trace_id,
        MODELS: [line.request_model, line.response_model],
        TOKENS: [line.usage.input_tokens, line.usage.output_tokens],
    }


HINTS = (
    (
        "Every request has a line, and right after you sent one, yours is the last:"
        " `lab.logs().iloc[-1].dropna()` shows all its fields. The response has the line's trace"
        " id in its header `x-trace-id`."
    ),
    (
        "A field's name says what it is about, from left to right: `gen_ai` the model, `request`"
        " what was sent to it, `response` what it answered, `usage` what was counted. A trace id"
        " names the whole way of a request (32 hex digits), a span id one operation on it (16)."
    ),
    """Take the values out of the line by the names of their fields:
line = lab.logs().iloc[-1]        # right after your request
answer("3.trace", line["____"])
answer("3.models", [line["gen_ai.____.model"], line["gen_ai.____.model"]])
answer("3.tokens", [line["gen_ai.usage.____"], line["gen_ai.usage.____"]])
""",
)

CELL = f"""\
import httpx

question = "{PROMPT}"
reply = httpx.post(
    lab.gateway_url + "{PATH}",
    json={{"model": "{MODEL}", "messages": [{{"role": "user", "content": question}}]}},
    timeout=120,
)
line = lab.logs().set_index("trace.id", drop=False).loc[reply.headers["x-trace-id"]]

answer("3.trace", line["trace.id"])
answer("3.models", [line["gen_ai.request.model"], line["gen_ai.response.model"]])
answer("3.tokens", [line["gen_ai.usage.input_tokens"], line["gen_ai.usage.output_tokens"]])
"""

STEP = Step(
    3,
    "access-logs",
    "Read the access log",
    HINTS,
    Solution(
        "The solution finds its line by trace id, the notebook takes the last one. When do the two"
        " give different lines?",
        cell=CELL,
        request=Request(PATH, BODY),
        answers=answers,
    ),
    check,
    QUESTIONS,
)
