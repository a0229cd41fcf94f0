"""Step 2: a chat completion through the route of step 1, answered by a model."""

from __future__ import annotations

from datetime import datetime
from math import inf

from checks.challenge import Request, Solution, Step
from checks.llm_routing.answered_notes import passed
from checks.llm_routing.exchange_mistakes import (
    answered,
    blank_in,
    goes_to_example,
    goes_to_openai,
    is_shown,
    went_wrong,
)
from checks.llm_routing.models import MODELS
from checks.llm_routing.names import LOCAL_PATH, PATH
from checks.llm_routing.obstacle import in_the_way
from checks.llm_routing.raised import (
    READING,
    UNWAITING,
    answered_elsewhere,
    broken_by_answer,
    code_raised,
    exception_name,
)
from checks.llm_routing.reply import REPLY, not_the_reply, was_handed_in
from checks.llm_routing.request_questions import QUESTIONS
from checks.verdict import NotYet, Unpassed, Verdict
from labgateway.decisions.exchange import Exchange
from labgateway.memory.doings import Raised as Exc
from labgateway.memory.observation import Observation

SLUG = "llm-routing/2"
_SOON_S = 5.0  # between the end of an answer and the exception of a client that had left


def check(seen: Observation) -> Verdict:
    """Judge the exchanges since the step began; one that is right is enough.

    An exception of the learner's cell counts while nothing right came, or when it is the attempt to
    read the very answer.
    """
    recent = [one for one in seen.exchanges if one.started >= seen.reset_at.get(SLUG, 0.0)]
    asked = [one for one in recent if not is_shown(one)]
    right = [one for one in asked if _is_right(one)]
    raised = seen.raised
    if right:
        if raised is not None and _could_not_read(raised, asked[-1], only=len(right) == 1):
            return code_raised(raised)
        own = [one for one in right if one.started > _began(seen) or was_handed_in(seen, one)]
        return not_the_reply(seen) or (passed(seen, own[-1]) if own else _not_of_this_step(seen))
    last = _telling(asked)
    if raised is None and last is not None and _is_older_than_local(last, recent):
        return _nothing_sent(seen, recent)
    if raised is not None and (last is None or raised.at >= last.started):
        return _raised(seen, raised, last)
    if last is not None and not _met_in_step_1(seen, last):
        return went_wrong(seen, last)
    return _nothing_sent(seen, recent)


def _met_in_step_1(seen: Observation, exchange: Exchange) -> bool:
    """Whether a failure is the one that step 1 shows on purpose, to somebody not further on."""
    shown = exchange.status in {404, 500} and exchange.reason != "Upstream"
    return shown and goes_to_openai(exchange) and _began(seen) == inf


def _began(seen: Observation) -> float:
    """When the learner was first seen at this step (Unix time): at an answer, or at a reset.

    Who answers nothing at all works in a terminal, where any request is one of this step.
    """
    answers = [one.began for name, one in seen.answers.items() if name.startswith("2.")]
    return seen.reset_at.get(SLUG) or min(answers, default=inf if seen.answers else 0.0)


def _not_of_this_step(seen: Observation) -> NotYet:
    first = "Send" if MODELS in seen.answers else f'Give `answer("{MODELS}", …)`, send'
    return NotYet(
        f"A model answered through `{PATH}`, and that was before you began this step",
        "",
        "Step 1 ended with such a request; here it is one of your own, whose models you predict.",
        f'{first} your request, then hand it in: `answer("{REPLY}", …)`',
    )


def _telling(asked: list[Exchange]) -> Exchange | None:
    """The request that says most: the last one on the right path, else the last one."""
    along = [one for one in asked if goes_to_openai(one)]
    return next(iter([*along[-1:], *asked[-1:]]), None)


def _is_older_than_local(exchange: Exchange, recent: list[Exchange]) -> bool:
    """Whether the learner has since asked the worked example, with success."""
    return any(
        goes_to_example(one) and answered(one) and one.started > exchange.started for one in recent
    )


def _is_right(exchange: Exchange) -> bool:
    whole = answered(exchange) and blank_in(exchange) is None
    return goes_to_openai(exchange) and whole and exchange.credential == "secret"


def _could_not_read(raised: Exc, exchange: Exchange, *, only: bool) -> bool:
    """A stream that was taken for one JSON value, or the only answer, for which nobody waited."""
    if raised.at < exchange.started:
        return False
    if exception_name(raised) in UNWAITING:
        ended = exchange.started + exchange.duration_s
        return only and abs(raised.at - ended) < _SOON_S
    return exchange.stream and exception_name(raised) in {"JSONDecodeError", "ResponseNotRead"}


def _raised(seen: Observation, raised: Exc, last: Exchange | None) -> Unpassed:
    if last is not None and exception_name(raised) in READING and not answered(last):
        wrong = went_wrong(seen, last)
        return broken_by_answer(raised, wrong.saw, wrong.next_step)
    if last is None and not any(goes_to_example(one) for one in seen.exchanges):
        return answered_elsewhere(raised) or code_raised(raised)
    return code_raised(raised)


def _nothing_sent(seen: Observation, recent: list[Exchange]) -> NotYet:
    trouble = in_the_way(seen)
    if trouble is not None:
        return NotYet(
            "Step 2 needs the route and the backend of step 1, and that is not finished",
            "",
            f"{trouble.saw}.",
            "Finish step 1 (`check(1)` says what to do), or take its solution:"
            " `from checks import skip_to`, then `skip_to(2)`",
        )
    since = seen.reset_at.get(SLUG, seen.place.started)
    evidence = {"no request since": f"{datetime.fromtimestamp(since).astimezone():%H:%M}"}
    if any(goes_to_example(one) for one in recent):
        return NotYet(
            f"The gateway saw your request to `{LOCAL_PATH}`, and none to `{PATH}`",
            "",
            "",
            f"Send the same kind of request along your own route: `{PATH}`",
            evidence=evidence,
        )
    return NotYet(
        _none_seen(seen, recent),
        "",
        "An answer that came straight from a provider did not pass through here.",
        f"Send one to `lab.gateway_url` with the path `{PATH}`, then check",
        evidence=evidence,
    )


def _none_seen(seen: Observation, recent: list[Exchange]) -> str:
    if any(goes_to_openai(one) for one in recent):
        return f"You have not begun this step: the last request to `{PATH}` is one of step 1"
    began_again = SLUG in seen.reset_at and any(not is_shown(one) for one in seen.exchanges)
    when = "since you began the step again" if began_again else "yet"
    to = f" to `{PATH}`" if recent else ""
    return f"The gateway has seen no request{to} {when}"


HINTS = (
    (
        "The cell above sends a request to `/local`. Only two things in it have to change: the path"
        " and the model."
    ),
    (
        "The client talks to the gateway as if it were OpenAI: a POST with a JSON body of `model`"
        " and `messages`. The path selects the route. No key is needed: the Secret has it."
    ),
    """Two blanks, and what goes into each:
path = "/____"        # what your route in step 1 takes
model = "____"        # a model of OpenAI's, by name
reply = httpx.post(
    f"{lab.gateway_url}{path}", json={"model": model, "messages": messages}, timeout=120
)
""",
)

MODEL = "gpt-4o-mini"
PROMPT = "What is an AI gateway and why do enterprises need one? Answer in 2 sentences."
BODY = {"model": MODEL, "messages": [{"role": "user", "content": PROMPT}]}

CELL = f"""\
import httpx

question = "{PROMPT}"
reply = httpx.post(
    lab.gateway_url + "{PATH}",
    json={{"model": "{MODEL}", "messages": [{{"role": "user", "content": question}}]}},
    timeout=120,
)
reply.json()
"""


def _answers(seen: Observation) -> dict[str, object]:
    """The last answer, handed in as it came."""
    right = [one for one in seen.exchanges if _is_right(one)]
    if not right:
        return {}
    return {REPLY: {"id": right[-1].response_id, "model": right[-1].response_model}}


STEP = Step(
    2,
    "request",
    "Send a request through the gateway",
    HINTS,
    Solution(
        "The request went out with a key, and the cell holds none. Where did it come from, and what"
        " would have to change if the key were replaced tomorrow?",
        cell=CELL,
        request=Request(PATH, BODY),
        answers=_answers,
    ),
    check,
    QUESTIONS,
)
