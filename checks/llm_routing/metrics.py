"""Step 4: the learner reads from the metrics what one request changed, and the tokens by model."""

from __future__ import annotations

from math import inf
from typing import Any

from checks.challenge import Request, Solution, Step
from checks.llm_routing.exchange_mistakes import bare_path
from checks.llm_routing.metric_delta import DELTA, count_and_sum
from checks.llm_routing.metric_numbers import nothing_counted
from checks.llm_routing.metric_questions import QUESTIONS
from checks.llm_routing.metric_readings import OUTPUT, readings
from checks.llm_routing.names import PATH
from checks.llm_routing.raised import or_raised
from checks.llm_routing.request import BODY, MODEL, PROMPT
from checks.llm_routing.tokens_by_model import BY_MODEL
from checks.open_questions import first_wrong
from checks.verdict import NotRight, NotYet, Passed, Unpassed, Verdict
from labgateway.memory.observation import Observation

TASK = (DELTA, BY_MODEL)


def check(seen: Observation) -> Verdict:
    """Judge what was read from the metrics; an exception since then comes first."""
    trouble = first_wrong(seen, (one for one in QUESTIONS if one.id in TASK)) or _open(seen)
    if trouble is None:
        return _passed(seen)
    latest = max((seen.answers[one].at for one in TASK if one in seen.answers), default=0.0)
    return or_raised(seen, trouble, latest)


def _open(seen: Observation) -> Unpassed | None:
    missing = [one for one in TASK if one not in seen.answers]
    if not missing:
        return None
    nothing = not any(one.tokens for one in readings(seen, inf))
    trouble = _wrong_port(seen) or (nothing_counted(seen) if nothing else None)
    return trouble or NotYet(
        f"Handed in from the metrics so far: {len(TASK) - len(missing)} of {len(TASK)} answers",
        "",
        "The numbers are there, and this step is about reading them.",
        f'Read `lab.metrics()`, then `answer("{missing[0]}", …)`',
    )


def _wrong_port(seen: Observation) -> NotRight | None:
    """Metrics were looked for where requests go."""
    last = seen.exchanges[-1] if seen.exchanges else None
    if last is None or bare_path(last) != "/metrics" or last.status != 404:
        return None
    return NotRight(
        "404: `/metrics` was asked of the port that requests go to",
        "",
        "Metrics have a port of their own, so that clients of the gateway cannot read them.",
        "Use `lab.metrics_url`",
    )


def _passed(seen: Observation) -> Passed:
    told = readings(seen, seen.answers[BY_MODEL].at)
    return Passed(
        "You read it from the metrics: what one request adds, and the tokens of each model",
        ("Metrics, log and response agree to the token",),
        evidence={
            "one more request": dict(
                zip(
                    ("_count", "_sum"), count_and_sum(seen.answers[DELTA].value) or (), strict=False
                )
            ),
            "output tokens by model": told[0].by_model("response_model", {OUTPUT}) if told else {},
        },
    )


def answers(seen: Observation) -> dict[str, Any]:
    """What is right for the last request and for all so far; nothing while there is none."""
    read = readings(seen, inf)
    asked = [one for one in seen.llm_exchanges() if one.usage.output_tokens is not None]
    if not asked or not read or not read[0].tokens:
        return {}
    return {
        DELTA: [1, asked[-1].usage.output_tokens],
        BY_MODEL: read[0].by_model("response_model", {OUTPUT}),
    }


HINTS = (
    (
        "`lab.metrics()` has a row for each line of the endpoint. Look at the rows whose `family`"
        " ends in `token_usage`: `name` says sum, count or bucket, `gen_ai_token_type` says whose."
    ),
    (
        "A counter only grows, from the moment the gateway started. So what one request changed is"
        " the difference of two readings: `_count` grows by one observation, `_sum` by its size. A"
        " total by model adds up the `_sum` rows that have the same model."
    ),
    """Choose rows, then group them:
read = lab.metrics()
rows = read[(read["name"] == "agentgateway_gen_ai_client_token_usage_____")]
rows = rows[rows["gen_ai_token_type"] == "____"]
answer("4.output", rows.groupby("gen_ai_____model")["value"].sum())
answer("4.delta", [____, ____])         # two readings, one request between them
""",
)

CELL = f"""\
import httpx


def output_tokens(ending):
    read = lab.metrics()
    named = read["name"] == "agentgateway_gen_ai_client_token_usage_" + ending
    return read[named & (read["gen_ai_token_type"] == "output")]


before = [output_tokens("count")["value"].sum(), output_tokens("sum")["value"].sum()]
question = "{PROMPT}"
reply = httpx.post(
    lab.gateway_url + "{PATH}",
    json={{"model": "{MODEL}", "messages": [{{"role": "user", "content": question}}]}},
    timeout=120,
)
after = [output_tokens("count")["value"].sum(), output_tokens("sum")["value"].sum()]

answer("4.delta", [after[0] - before[0], after[1] - before[1]])
answer("4.output", output_tokens("sum").groupby("gen_ai_response_model")["value"].sum())
"""

STEP = Step(
    4,
    "metrics",
    "Read the metrics",
    HINTS,
    Solution(
        "The solution groups by the model that answered. When would you group by"
        " `gen_ai_request_model` instead?",
        cell=CELL,
        request=Request(PATH, BODY),
        answers=answers,
    ),
    check,
    QUESTIONS,
)
