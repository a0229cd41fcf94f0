"""Step 2: a chat completion through the route of step 1, answered by a model."""

from __future__ import annotations

from datetime import datetime

from checks.challenge import Choice, Question, Request, Solution, Step
from checks.llm_routing.answered_notes import passed
from checks.llm_routing.exchange_mistakes import (
    answered,
    bare_path,
    blank_in,
    goes_to_openai,
    went_wrong,
)
from checks.llm_routing.models import judge_models
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
from checks.llm_routing.reply import fake, handed_in_blank, judge_reply, kept_reply
from checks.verdict import NotYet, Unpassed, Verdict
from labgateway.decisions.exchange import Exchange
from labgateway.memory.observation import Observation
from labgateway.memory.progress import Raised as Exc

SLUG = "llm-routing/2"
_SOON_S = 5.0  # between the end of an answer and the exception of a client that had left


def check(seen: Observation) -> Verdict:
    """Judge the exchanges since the step was reset; one that is right is enough.

    An exception of the learner's cell counts while nothing right came, or when it is the attempt to
    read the very answer.
    """
    recent = [one for one in seen.exchanges if one.started >= seen.reset_at.get(SLUG, 0.0)]
    asked = [one for one in recent if not _is_local(one)]
    right = [one for one in asked if _is_right(one)]
    raised = seen.raised
    if right:
        if raised is not None and _could_not_read(raised, asked[-1], only=len(right) == 1):
            return code_raised(raised)
        return handed_in_blank(seen) or fake(seen, right) or passed(seen, right[-1])
    last = _telling(asked)
    if raised is None and last is not None and _is_older_than_local(last, recent):
        return _nothing_sent(seen, recent)
    if raised is not None and (last is None or raised.at >= last.started):
        return _raised(seen, raised, last)
    if last is not None:
        return went_wrong(seen, last)
    return _nothing_sent(seen, recent)


def _telling(asked: list[Exchange]) -> Exchange | None:
    """The request that says most: the last one on the right path, else the last one."""
    along = [one for one in asked if goes_to_openai(one)]
    return next(iter([*along[-1:], *asked[-1:]]), None)


def _is_older_than_local(exchange: Exchange, recent: list[Exchange]) -> bool:
    """Whether the learner has since asked the worked example, with success."""
    return any(
        goes_to_example(one) and answered(one) and one.started > exchange.started for one in recent
    )


def _is_local(exchange: Exchange) -> bool:
    """The worked example, and what a browser asks for by itself."""
    return goes_to_example(exchange) or bare_path(exchange) == "/favicon.ico"


def goes_to_example(exchange: Exchange) -> bool:
    """Whether the path is the worked example's."""
    return f"{bare_path(exchange)}/".startswith(f"{LOCAL_PATH}/")


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
        "The gateway has seen no request yet",
        "",
        "An answer that came straight from a provider did not pass through here.",
        f"Send one to `lab.gateway_url` with the path `{PATH}`, then check",
        evidence=evidence,
    )


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

QUESTIONS = (
    Question(
        "2.key",
        "Who adds the API key to the request that reaches OpenAI?",
        (
            Choice(
                "client",
                "Look at the request you sent: it holds no key. That is the point of a gateway: no"
                " client needs one.",
            ),
            Choice(
                "gateway",
                right="It reads the Secret that the backend names, and sets the Authorization"
                " header on the way out.",
            ),
            Choice(
                "provider",
                "The provider only checks the key that it is given, and answers 401 without one.",
            ),
        ),
        right=lambda _seen: "gateway",
    ),
    Question(
        "2.models",
        "Which model did you ask for, which one was sent, and which one was used? Three names in"
        " this order.",
        until="Three names in a list, in the order asked for, sent, used",
        judge=judge_models,
    ),
    Question(
        "2.reply",
        "The answer you got: a dict, httpx's response or the SDK's object. Its id is looked up in"
        " the gateway's log.",
        until="Hand in the response of your request as it came",
        judge=judge_reply,
        kept=kept_reply,
        optional=True,
    ),
)

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
    ),
    check,
    QUESTIONS,
)
