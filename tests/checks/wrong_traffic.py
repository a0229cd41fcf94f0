"""Wrong answers to step 7, as data: what a learner does after step 1, and what the check says.

Numbers as in ``wrong_manifests``. Not among them: 7.16, for all kernels share one gateway; and how
many requests were begun and never sent (7.8), which nobody but the client can know.
"""

from __future__ import annotations

from checks.llm_routing.burst import WANTED
from tests.checks.learner import Learner
from tests.checks.texts import PINNED, ROUTE, UNPINNED
from tests.checks.wrong_lines import hands_in
from tests.checks.wrong_requests import NO_BACKEND, Act, Wrong, in_code, raised, sent

PROMPTS = tuple(f"Count to {number}" for number in sorted(WANTED))
ONE_BY_ONE = 0.7  # seconds from one request's beginning to the next's: each takes 0.6


def burst(*prompts: str, apart_s: float = 0.01, **facts: object) -> Act:
    """Requests that begin so far apart."""
    return lambda learner: learner.together(*prompts or PROMPTS, apart_s=apart_s, **facts)


def counted(id_: str, value: object, *says: str) -> Wrong:
    """A right burst after two requests of other steps, and this for the counter's rise."""
    return Wrong(id_, (sent(), sent("/local"), burst(), hands_in("7.count", value)), says)


def began_again(learner: Learner) -> None:
    """``reset(7)``."""
    learner.reset_at["llm-routing/7"] = learner.now + 60


BURSTS = (
    Wrong("C1", (), ("Step 7 needs the route", "HTTPRoute ✗", "`skip_to(7)`"), "not_yet", ""),
    Wrong("7.0", (), ("has come since the step began", "awaits it"), "not_yet"),
    Wrong("7.0e", (sent(), sent(), sent()), ("never three of them at the same time",), "not_yet"),
    Wrong("7.0b", (burst(), began_again), ("began the step again",), "not_yet"),
    Wrong("7.0c", (burst("____", "____"),), ("still has a blank",), "not_yet"),
    Wrong("7.0d", (burst(original_model="____"),), ("its model is `____`",), "not_yet"),
    Wrong(
        "7.1",
        (burst("Count to 0", "Count to 1", "Count to 2"),),
        ("count to 0, 1, 2; asked are 1, 2 and 3", "its last is not"),
    ),
    Wrong(
        "7.2", (burst(*["Count to {i}"] * 3),), ("`Count to {i}`, braces and all", "Put the `f`")
    ),
    Wrong("7.3", (burst(*["Count to 3"] * 3),), ("the same number more than once", "argument")),
    Wrong("7.3b", (burst(*["Say hello"] * 3),), ("`Say hello`", "Ask for `Count to 1`")),
    Wrong(
        "7.3d",
        (burst("Count from 1 to 1", "Count to 2", "Count to 3"),),
        ("A prompt reads `Count from 1 to 1`",),
    ),
    Wrong(
        "7.0f",
        (hands_in("7.total", "sum"), burst(path="/local", route="x/local")),
        ("at the same time along `/local`, and none along `/openai`",),
        "not_yet",
    ),
    Wrong("7.3c", (burst("Count to 1", "Count to 2", "Count to 5"),), ("1, 2, 5; asked",)),
    Wrong(
        "7.4",
        (burst(apart_s=ONE_BY_ONE),),
        ("one after the other", "do not overlap", "`asyncio.gather`"),
    ),
    Wrong("7.4b", (burst(apart_s=0.4),), ("At most two of the three", "one `asyncio.gather`")),
    Wrong(
        "7.4c",
        (hands_in("7.total", "sum"), burst(apart_s=ONE_BY_ONE, bodies=None)),
        ("one after the other",),
    ),
    Wrong("7.7", (burst("Count to 1"),), ("Of three requests 1 had been answered", "`await")),
    Wrong("7.8", (burst("Count to 1", "Count to 2"),), ("2 had been answered", "`.result()`")),
    Wrong(
        "7.7b",
        (burst(status=499, error="client went away"),),
        ("3 were given up by the client", "inside the `async with`"),
    ),
    Wrong("7.9", (burst(status=429),), ("3 were not answered: 429", "Wait a little")),
    Wrong(
        "7.9b",
        (burst(status=400),),
        ("were not answered: 400",),
    ),
    Wrong(
        "7.9c",
        (hands_in("7.total", "sum"), NO_BACKEND),
        ("Your last request was not answered: 500", "AgentgatewayBackend ✗"),
        text=ROUTE,
    ),
    Wrong("7.9d", (burst(response_model=None, status=500),), ("were not answered: the last",)),
)

EXCEPTIONS = (
    in_code(
        "7.5",
        "RuntimeError",
        "asyncio.run() cannot be called from a running event loop",
        "already runs",
        "`await main()`",
    ),
    in_code(
        "7.5b", "RuntimeError", "Cannot send a request, as the client has been closed.", "left"
    ),
    in_code("7.5c", "TypeError", "unhashable type: 'list'", "`*` before", code="gather([a, b])"),
    in_code(
        "7.5d",
        "TypeError",
        "object Response can't be used in 'await' expression",
        "`httpx.AsyncClient`",
    ),
    in_code(
        "7.5e", "AttributeError", "'list' object has no attribute 'json'", "Go through the list"
    ),
    in_code("7.5f", "NameError", "name 'asyncio' is not defined", "`import asyncio`"),
    in_code("7.5g", "AttributeError", "'coroutine' object has no attribute 'json'", "`await`"),
    in_code("7.5h", "httpx.ReadTimeout", "", "stopped waiting"),
    Wrong(
        "7.5i",
        (burst("Count to 1"), raised("KeyError", "'choices'")),
        ("KeyError: 'choices'",),
        "raised",
    ),
)

COUNTS = (
    counted("7.11", 5, "all that the counter has counted", "from before your burst away"),
    counted("7.11b", -3, "never falls"),
    counted("7.11c", 9, "number of tokens"),
    counted("7.11d", 4, "did not rise by 4"),
    counted("7.11e", "many", "not a number"),
)

WRONG = (*BURSTS, *EXCEPTIONS)

RIGHT = {
    "plain": Wrong("plain", (burst(),), ("under way at the same time", "count to 1, 2 and 3")),
    "7.10": Wrong("7.10", (burst(), burst()), ("You sent 6 such requests so far",)),
    "7.13": Wrong("7.13", (burst(*PROMPTS[::-1]),), ("by prompt or trace id",)),
    "7.14": Wrong("7.14", (burst(),), ("p95 of three durations",)),
    "no bodies": Wrong("no bodies", (burst(bodies=None),), ("could not be judged",)),
    "wording": Wrong("wording", (burst("count to 1.", "Count up to 2", "COUNT TO 3"),), ("Their",)),
    "after mistakes": Wrong(
        "after mistakes",
        (burst("Count to {i}"), burst(apart_s=ONE_BY_ONE), burst()),
        ("Their prompts",),
    ),
    "before mistakes": Wrong(
        "before mistakes",
        (burst(), burst(apart_s=ONE_BY_ONE), raised("KeyError", "'x'")),
        ("Their",),
    ),
    "fifty": Wrong("fifty", (burst(*(f"Count to {n}" for n in range(1, 51))),), ("You sent 50",)),
    "pinned": Wrong("pinned", (burst(request_model="gpt-4o"),), ("Their",), text=PINNED),
    "with step 2": Wrong("with step 2", (sent(), burst()), ("Their",), text=UNPINNED),
}
