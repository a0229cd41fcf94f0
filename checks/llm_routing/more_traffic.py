"""Step 7: three requests at the same time, and what log, metrics and traces say of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checks.challenge import Question, Request, Solution, Step
from checks.llm_routing.burst import WANTED, ended, in_bursts, number_of, own, right_burst
from checks.llm_routing.burst_mistakes import what_is_missing
from checks.llm_routing.burst_predictions import PREDICTIONS
from checks.llm_routing.counted import COUNT, judge_count
from checks.llm_routing.handed_in import kept
from checks.llm_routing.names import PATH
from checks.llm_routing.raised import or_raised
from checks.llm_routing.recalled import RECALLED
from checks.llm_routing.request import MODEL
from checks.verdict import Passed, Verdict
from labgateway.decisions.exchange import Exchange
from labgateway.memory.observation import Observation


def check(seen: Observation) -> Verdict:
    """Judge the requests since the step began; an exception after the last of them comes first."""
    burst = right_burst(seen)
    if burst is not None:
        return _passed(seen, burst)
    latest = max((ended(one) for one in own(seen)), default=0.0)
    return or_raised(seen, what_is_missing(seen), latest)


def _passed(seen: Observation, burst: list[Exchange]) -> Passed:
    return Passed(
        "Three requests were under way at the same time, and all were answered",
        tuple(_remarks(seen, burst)),
        evidence=_evidence(burst),
    )


def _remarks(seen: Observation, burst: list[Exchange]) -> Iterator[str]:
    if any(one.bodies is None for one in burst):
        yield (
            "Whether they asked to count to 1, 2 and 3 could not be judged: prompts are kept only"
            " in a block under `with lab.bodies_logged():`"
        )
    else:
        yield "Their prompts count to 1, 2 and 3"
    if in_bursts(seen) > len(WANTED):
        yield f"You sent {in_bursts(seen)} such requests so far, and the counters have them all"
    yield (
        "They may end in another order each time, so match them by prompt or trace id, not by"
        " position"
    )
    yield (
        "The p95 of three durations says little more than the longest one; it takes some fifty"
        " requests to mean something"
    )
    if seen.place.bodies:
        yield "Prompts and answers are still being kept; `lab.log_bodies(False)` ends that"


def _evidence(burst: list[Exchange]) -> dict[str, Any]:
    began = min(one.started for one in burst)
    return {
        f"Count to {number_of(one) or '?'}": (
            f"{one.started - began:.3f} to {ended(one) - began:.3f} s,"
            f" {one.usage.input_tokens} tokens in, {one.usage.output_tokens} out,"
            f" trace {one.trace_id}"
        )
        for one in sorted(burst, key=ended)
    }


def _body(number: int) -> dict[str, Any]:
    messages = [{"role": "user", "content": f"Count to {number}"}]
    return {"model": MODEL, "messages": messages, "stop": "\n"}


def _answers(seen: Observation) -> dict[str, Any]:
    burst = right_burst(seen)
    return {} if burst is None else {COUNT: len(burst)}


QUESTIONS = (
    *PREDICTIONS,
    Question(
        COUNT,
        "By how much did `agentgateway_requests_total` rise through your three requests?",
        until="A number: the counter after, less the counter before",
        judge=judge_count,
        kept=kept,
        hints=(
            (
                "`before` was read before your three requests. The counter now, less that, is asked"
                " for."
            ),
            """One subtraction:
answer("7.count", requests_total() - ____)
""",
        ),
    ),
    *RECALLED,
)

HINTS = (
    (
        "The shell's `&` sends a request without waiting, and `wait` waits for all. Python has both"
        " in `asyncio`: a call of an `async` function that is not awaited yet, and one function"
        " that awaits several."
    ),
    (
        "`await` in a loop waits for one answer before the next request goes out. Make the three"
        " calls first, without `await`, and hand all of them to `asyncio.gather`, which is awaited"
        " once. A notebook runs an event loop already, so `await` stands in the cell as it is."
    ),
    """Both tasks, with what is left to fill in:
async def ask(client, number):
    prompt = f"Count to {____}"
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": prompt}]}
    return await client.post(url, json=body)

async with httpx.AsyncClient(timeout=120) as client:
    replies = await asyncio.____(*[ask(client, number) for number in range(____, ____)])
""",
)

CELL = f"""\
import asyncio
import httpx

async def ask(client, number):
    messages = [{{"role": "user", "content": f"Count to {{number}}"}}]
    body = {{"model": "{MODEL}", "messages": messages, "stop": "\\n"}}
    return await client.post(lab.gateway_url + "{PATH}", json=body)

with lab.bodies_logged():
    async with httpx.AsyncClient(timeout=120) as client:
        replies = await asyncio.gather(*[ask(client, number) for number in (1, 2, 3)])

[reply.json()["choices"][0]["message"]["content"] for reply in replies]
"""

STEP = Step(
    7,
    "more-traffic",
    "Send requests at the same time",
    HINTS,
    Solution(
        "The list holds three calls of `ask`, and none has run when `gather` gets them. What would"
        " change if `await` stood in front of each?",
        cell=CELL,
        together=tuple(Request(PATH, _body(number)) for number in sorted(WANTED)),
        answers=_answers,
    ),
    check,
    QUESTIONS,
)
