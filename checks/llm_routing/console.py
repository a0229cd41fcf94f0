"""Step 6: the same trace in a second view, and what only that view can answer."""

from __future__ import annotations

from math import inf
from typing import Any

from checks.challenge import Choice, Question, Request, Solution, Step
from checks.llm_routing.exchange_mistakes import is_shown, went_wrong
from checks.llm_routing.handed_in import kept
from checks.llm_routing.names import PATH
from checks.llm_routing.obstacle import in_the_way
from checks.llm_routing.predicted import tried_out
from checks.llm_routing.raised import or_raised
from checks.llm_routing.relation import AFFECTED, WAY, affected, judge_affected, judge_way, way
from checks.llm_routing.request import BODY, MODEL, PROMPT
from checks.llm_routing.seen_trace import SLUG, TRACE, found_request, judge_trace, own_requests
from checks.verdict import Kept, NotYet, Passed, Unpassed, Verdict
from labgateway.memory.observation import Observation


def check(seen: Observation) -> Verdict:
    """Judge the trace that was found and the way that was read off it; exceptions come first."""
    trouble = _nothing_asked(seen) or _answer(seen, TRACE) or _answer(seen, WAY)
    if trouble is None:
        return _passed(seen)
    return or_raised(seen, trouble, _latest(seen))


def _nothing_asked(seen: Observation) -> Unpassed | None:
    if TRACE in seen.answers:
        return None
    tried = [one for one in seen.exchanges if one.started >= _began(seen) and not is_shown(one)]
    if tried and not any(one in tried for one in own_requests(seen)):
        return went_wrong(seen, tried[-1])
    if own_requests(seen):
        return None
    trouble = in_the_way(seen)
    if trouble is not None:
        return NotYet(
            "Step 6 needs a request through the route of step 1, and that is not finished",
            "",
            f"{trouble.saw}.",
            "Finish step 1 (`check(1)` says what to do), or take the solutions so far:"
            " `from checks import skip_to`, then `skip_to(6)`",
        )
    return NotYet(
        f"There is no request through `{PATH}` to look at",
        next_step="Send one, then look for its trace in the console",
    )


def _began(seen: Observation) -> float:
    """When the learner was first seen at this step (Unix time): at an answer, or at a reset."""
    given = [one.began for name, one in seen.answers.items() if name.startswith("6.")]
    return seen.reset_at.get(SLUG) or min(given, default=inf)


def _answer(seen: Observation, question: str) -> Unpassed | None:
    if question not in seen.answers:
        says = {TRACE: "the trace id that the console shows", WAY: "what your request met"}
        return NotYet(
            f"Nothing is handed in for {question}: {says[question]}",
            "",
            "",
            f'Run `lab.console()` and look there, then `answer("{question}", …)`',
        )
    judge = {TRACE: judge_trace, WAY: judge_way}[question]
    said = judge(seen, seen.answers[question].value)
    if isinstance(said, Kept):
        return NotYet(said.saw, said.where, said.why, said.next_step)
    return said if isinstance(said, Unpassed) else None


def _latest(seen: Observation) -> float:
    asked = [one.started for one in own_requests(seen)]
    given = [seen.answers[one].at for one in (TRACE, WAY) if one in seen.answers]
    return max([*asked, *given], default=0.0)


def _passed(seen: Observation) -> Passed:
    exchange, met = found_request(seen), way(seen)
    assert exchange is not None
    assert met is not None
    route, backend, secret = met
    same = sum(one.trace_id == exchange.trace_id for one in seen.exchanges)
    return Passed(
        "One trace, seen in two views, and the way that its request took",
        (f"It met the route `{route}`, the backend `{backend}`, and the key from `{secret}`",),
        evidence={"trace": exchange.trace_id, "requests with this trace": same},
    )


def _answers(seen: Observation) -> dict[str, Any]:
    asked = own_requests(seen)
    met = way(seen)
    if not asked or met is None:
        return {}
    return {TRACE: asked[-1].trace_id, WAY: list(met), AFFECTED: affected(seen)}


PREDICT = "6.predict"


def _counted(seen: Observation) -> str | None:
    """How often a request counts, once one was sent."""
    sent = tried_out(seen, PREDICT)
    return "1" if any(one in sent for one in own_requests(seen)) else None


QUESTIONS = (
    Question(
        PREDICT,
        "You send one request and look at it in two views. How many does the gateway count?",
        (
            Choice("0", "The gateway counts what passes through it, looked at or not."),
            Choice("1", right="A view reads what was recorded; looking sends nothing."),
            Choice(
                "2",
                "Each view shows the request once, and it is the same one: the trace id tells.",
            ),
        ),
        right=_counted,
        until="Now send your request; the check compares the two",
        prediction=True,
        compared=lambda _seen: "the request you sent after it",
    ),
    Question(
        TRACE,
        "The trace id of your request, as the console's *Tracing* shows it.",
        until="32 hex digits, copied from the console",
        judge=judge_trace,
        kept=kept,
        hints=(
            (
                "Under *Tracing* the newest request is the first row, and its row begins with the "
                "trace id."
            ),
            """The response has the same id in a header, to compare with:
reply.headers["x-trace-id"]
answer("6.trace", "____")           # as the console shows it
""",
        ),
    ),
    Question(
        WAY,
        "What your request met: the route, the backend, and the Secret of the backend's policy.",
        until="Three names in a list, in this order: route, backend, Secret",
        judge=judge_way,
        kept=kept,
        hints=(
            (
                "The page of your trace names what the request met, each a link: the route leads to"
                " the backend, and the backend's page shows its policy `auth`."
            ),
            """Three names, in the order of the request's way:
answer("6.way", ["openai", "____", "____"])      # route, backend, Secret
""",
        ),
    ),
    Question(
        AFFECTED,
        "The key in `openai-secret` is exchanged tomorrow. The requests of which routes does that"
        " affect?",
        until="Names of routes in a list",
        judge=judge_affected,
        kept=kept,
        hints=(
            (
                "Open each backend from *Backends*: its page shows the Secret that its policy"
                " names. Note those that name this one, then look which routes lead to them."
            ),
            """Only names of routes, also when it is one:
answer("6.affected", ["____"])
""",
        ),
    ),
    Question(
        "6.general",
        "You want one dashboard that shows the gateway, a database and three web servers side by"
        " side. What do you build it with: the console, the log, or a general tool such as"
        " Grafana?",
        (
            Choice(
                "console",
                "The console knows routes, backends and policies of this gateway, and nothing of"
                " databases.",
            ),
            Choice(
                "log",
                "A log is lines of text, and each program writes its own kind of lines: nothing in"
                " it draws them side by side.",
            ),
            Choice(
                "general",
                right="Metrics and traces have the same form whichever program they come from, so"
                " one tool can draw them all. The console can explain a route because it knows one"
                " program only.",
                also=("Grafana",),
            ),
        ),
        right=lambda _seen: "general",
    ),
)

HINTS = (
    (
        "Requests are under *Tracing* in the console, newest first, resources under *Routes* and"
        " *Backends*. The row of yours leads to everything that it met."
    ),
    (
        "A trace id stands for one request, wherever it is shown. The route chose the backend; the"
        " backend has the policy `auth`, and that names the Secret. Follow this chain from your"
        " request's row, one link after the other."
    ),
    """Copied from the console, or from the response to compare:
answer("6.trace", reply.headers["____"])
answer("6.way", ["openai", "____", "____"])      # route, backend, Secret
""",
)

CELL = f"""\
import httpx
from checks import answer

body = {{"model": "{MODEL}", "messages": [{{"role": "user", "content": "{PROMPT}"}}]}}
reply = httpx.post(lab.gateway_url + "{PATH}", json=body, timeout=120)

lab.console()  # Tracing has the request; its row leads to route, backend and policy

answer("{TRACE}", reply.headers["x-trace-id"])
answer("{WAY}", ["openai", "openai-all-models", "openai-secret"])
"""

STEP = Step(
    6,
    "console",
    "See the same trace in a second view",
    HINTS,
    Solution(
        "Both views show the same trace id. Which of the three names could the response alone not"
        " have told you?",
        cell=CELL,
        request=Request(PATH, BODY),
        answers=_answers,
    ),
    check,
    QUESTIONS,
)
