"""Wrong answers to step 6, as data: what a learner does after step 1, and what the check says.

Numbers as in ``wrong_manifests``. 6.7 is a prediction, tried with the other choices. Not among
them, because it cannot happen here: a route edited in the console, which changes nothing (6.10).
"""

from __future__ import annotations

from tests.checks.learner import Learner
from tests.checks.texts import LOCAL
from tests.checks.wrong_lines import hands_in
from tests.checks.wrong_requests import NO_BACKEND, NO_ROUTE, Act, Wrong, in_code, sent

FIRST = f"{0:032x}"
SECOND = f"{1:032x}"
RIGHT_WAY = ["openai", "openai-all-models", "openai-secret"]


def began_again(learner: Learner) -> None:
    """``reset(6)``."""
    learner.reset_at["llm-routing/6"] = learner.now + 1


def trace(id_: str, value: object, *says: str, outcome: str = "not_right") -> Wrong:
    """A request was answered, and this is handed in as its trace."""
    return Wrong(id_, (sent(), hands_in("6.trace", value)), says, outcome)


def way(id_: str, value: object, *says: str) -> Wrong:
    """The trace was found, and this is handed in as the request's way."""
    acts: tuple[Act, ...] = (sent(), hands_in("6.trace", FIRST), hands_in("6.way", value))
    return Wrong(id_, acts, says)


WRONG = (
    Wrong("none", (), ("no request through `/openai`",), "not_yet"),
    Wrong("no step 1", (), ("step 1", "`skip_to(6)`"), "not_yet", text=""),
    Wrong(
        "not answered",
        (hands_in("6.predict", "1"), NO_ROUTE),
        ("404 `route not found`",),
    ),
    Wrong(
        "blank",
        (sent(), hands_in("6.predict", "1"), sent("/____", 404, error="route not found")),
        ("still has a blank", "its path is `/____`"),
        "not_yet",
    ),
    Wrong("not begun", (NO_ROUTE,), ("There is no request through `/openai`",), "not_yet"),
    Wrong("unread", (sent(),), ("Nothing is handed in for 6.trace", "`lab.console()`"), "not_yet"),
    trace(
        "6.1",
        "http://localhost:4000/",
        *("your own computer's", "`lab.console()` knows the right one"),
        outcome="not_yet",
    ),
    trace("6.2", "openai-all-models", "`openai-all-models` is the backend"),
    trace("6.2b", "agentgateway-system/openai", "`openai` is the route"),
    Wrong(
        "6.4",
        (NO_BACKEND, sent(), hands_in("6.trace", FIRST)),
        ("ended with 500", "status 200"),
    ),
    trace("6.5", "labgateway/ui/routes", "*Tracing*", outcome="not_yet"),
    trace("6.8", "see my screenshot", "cannot be compared", outcome="not_yet"),
    trace("span", "0123456789abcdef", "16 hex digits are a span id"),
    trace("shorter", "abcd", "`abcd` is too little of a trace id", "eight digits"),
    trace("reply", "chatcmpl-0", "the id which the provider gave its answer"),
    trace("short", "abcdef01", "`abcdef01` is the beginning", "no request of this lab begins"),
    Wrong(
        "short of two",
        (sent(), sent(), hands_in("6.trace", FIRST[:8])),
        ("2 requests of this lab begin with it", "all 32 digits"),
    ),
    trace("strange", "a" * 32, "No request of this lab has that trace id"),
    trace("two ids", f"{FIRST} {SECOND}", "is not a trace id", outcome="not_yet"),
    Wrong(
        "other path",
        (sent(), sent("/local", route="x/local"), hands_in("6.trace", SECOND)),
        ("went along `/local`", "`/openai`"),
    ),
    Wrong(
        "before reset",
        (sent(), began_again, hands_in("6.trace", FIRST)),
        ("before you began the step again",),
        "not_yet",
    ),
    Wrong(
        "no way",
        (sent(), hands_in("6.trace", FIRST)),
        ("Nothing is handed in for 6.way",),
        "not_yet",
    ),
    way("swapped", ["openai-all-models", "openai", "openai-secret"], "is the backend", "first"),
    way("two", ["openai", "openai-secret"], "takes three names, and got 2"),
    way("path", ["/openai", *RIGHT_WAY[1:]], "That is the path that the route matches"),
    way("typo", ["openai", "openai-all-model", "openai-secret"], "`openai-all-models`"),
    way("number", 3, "takes three names, and got 1"),
    in_code(
        *("raised", "AttributeError", "'Lab' object has no attribute 'consol'", "`lab.consol()`"),
        code="lab.consol()",
    ),
)

AFFECTED: tuple[tuple[list[str], str], ...] = (
    (["local"], "`local` leads to a backend whose policy names `local-model-secret`"),
    (["openai", "local"], "names `local-model-secret`"),
    (["openai-all-models"], "is a backend"),
    (["openay"], "There is no route `openay`"),
    ([], "you named 0"),
)
WITH_LOCAL = LOCAL
