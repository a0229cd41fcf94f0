"""Wrong answers to step 3, as data: what a learner hands in from the log, and what the check says.

Numbers as in ``wrong_manifests``. Not among them, because it cannot be seen here: 3.2 (the log
outlives the kernel).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from labgateway.decisions.chat import Usage
from labgateway.decisions.exchange import Exchange
from tests.checks.learner import Learner
from tests.checks.wrong_requests import BODY, NO_ROUTE, Act, Wrong, in_code, raised, sent

ASKED = sent(request_model="gpt-4o")
AGAIN = sent(usage=Usage(20, 27))
SENT, USED = "gpt-4o", "SmolLM2-135M-Instruct"


def hands_in(question: str, value: object) -> Act:
    """``answer(question, value)``."""
    return lambda learner: learner.answer(question, value)


def names(pick: Callable[[Exchange], object], line: int = -1) -> Act:
    """``answer("3.trace", …)`` with something of a request."""
    return lambda learner: learner.answer("3.trace", pick(learner.exchanges[line]))


def trace(exchange: Exchange) -> str:
    """What is asked for."""
    return exchange.trace_id


def began_again(learner: Learner) -> None:
    """``reset(3)``."""
    learner.reset_at["llm-routing/3"] = learner.now + 1


def answers(id_: str, question: str, value: object, *says: str) -> Wrong:
    """One request, then an answer."""
    return Wrong(id_, (ASKED, hands_in(question, value)), says)


NOTHING = (
    Wrong("3.1", (), ("no line of a request to `/openai`", "Send one"), "not_yet"),
    Wrong("3.1b", (sent("/local"),), ("no line of a request to `/openai`",), "not_yet"),
    Wrong("3.1c", (NO_ROUTE,), ("has status 404", "`gen_ai.*`"), "not_yet"),
    Wrong(
        "3.1g",
        (NO_ROUTE, ASKED, began_again),
        ("no line of a request to `/openai` since you began the step again",),
        "not_yet",
    ),
    Wrong("3.1h", (ASKED, began_again, NO_ROUTE), ("has status 404",), "not_yet"),
    Wrong("3.1d", (ASKED,), ("so far: 0 of 3", "3.trace"), "not_yet"),
    Wrong("3.1e", (ASKED, names(trace)), ("so far: 1 of 3", "3.models"), "not_yet"),
    Wrong("3.1f", (NO_ROUTE, hands_in("3.tokens", [1, 2])), ("status 404", "Send one"), "not_yet"),
)

TRACES = (
    Wrong(
        "3.4",
        (ASKED, sent("/openaix", 404, error="route not found"), names(trace)),
        ("status 404 and no `gen_ai.*`", "`gen_ai.request.model`"),
    ),
    Wrong("3.4b", (ASKED, sent("/local"), names(trace)), ("a request to `/local`", "your own")),
    Wrong("3.4c", (ASKED, sent(status=401), names(trace)), ("was not answered", "401")),
    Wrong("3.10", (ASKED, names(lambda one: one.span_id)), ("span id; a trace id has 32",)),
    answers("3.10b", "3.trace", f"00-{'0' * 31}1-{'0' * 16}-01", "whole `traceparent`", "second"),
    Wrong("3.10c", (ASKED, names(lambda one: one.response_id)), ("the provider gave",)),
    answers("3.10d", "3.trace", "trace.id", "name of the field"),
    answers("3.10e", "3.trace", "0" * 31, "yours has 31 hex digits"),
    answers("3.10f", "3.trace", "x" * 31, "yours has 31 characters"),
    answers("3.10g", "3.trace", "f" * 32, "No line of the log has that trace id"),
    answers("3.10h", "3.trace", {"trace.id": "a", "span.id": "b"}, "a whole line"),
    answers("3.10k", "3.trace", [{"trace.id": "a", "span.id": "b"}], "a whole line, or several"),
    answers("3.10i", "3.trace", ["0" * 32, "1" * 32], "You handed in 2 values"),
    answers("3.10j", "3.trace", 12, "no text"),
    Wrong("3.11", (ASKED, AGAIN, names(trace, 0)), ("an earlier request", "one more came")),
    Wrong("3.11b", (ASKED, AGAIN, AGAIN, names(trace, 0)), ("2 more came after it",)),
)

MODELS = (
    answers("3.5", "3.models", [USED, SENT], "wrong way round", "what answered"),
    answers("3.5b", "3.models", [USED, SENT], "wrong way round"),
    answers("3.5g", "3.models", [SENT, "smollm2"], "not the response model", "the name begins"),
    answers("3.5h", "3.models", [SENT, "SmolLM2-135M"], "the name begins"),
    answers("3.5c", "3.models", ["gpt-4o-mini", USED], "`gpt-4o-mini` is what your client asked"),
    answers("3.5d", "3.models", [USED, USED], "not the request model", "`request.model`"),
    answers("3.5e", "3.models", [SENT, SENT], "not the response model", "`response.model`"),
    answers("3.5f", "3.models", [SENT, "Smol"], "`Smol` is not the response model"),
    answers("3.5g", "3.models", ["gen_ai.request.model", "gen_ai.response.model"], "not its value"),
    answers("3.5h", "3.models", SENT, "is one value, not two"),
    answers("3.5i", "3.models", [SENT, USED, USED], "has 3 entries"),
    answers("3.5j", "3.models", {"gen_ai.request.model": SENT}, "a whole line"),
    answers("3.5l", "3.models", {"request": SENT, "response": USED}, "none of the log's fields"),
    answers(
        "3.5m",
        "3.models",
        {
            "gen_ai.request.model": SENT,
            "gen_ai.response.model": USED,
            "gen_ai.usage.input_tokens": 12,
        },
        "a whole line, or several",
    ),
    answers("3.5k", "3.models", [1, 2], "Not all of the answer to 3.models is names"),
)

TOKENS = (
    answers("3.7", "3.tokens", ["prompt_tokens", "completion_tokens"], "OpenTelemetry's names"),
    answers(
        "3.7b",
        "3.tokens",
        {"prompt_tokens": 12, "completion_tokens": 34, "total_tokens": 46},
        "fields of the response's body",
        "the numbers are the same",
    ),
    answers(
        "3.7c", "3.tokens", ["gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"], "its value"
    ),
    Wrong(
        "3.8",
        (ASKED, AGAIN, sent("/local"), hands_in("3.tokens", [44, 95])),
        ("`44` is the sum over 3 requests", "not the column"),
    ),
    Wrong(
        "3.8b",
        (ASKED, AGAIN, hands_in("3.tokens", [20, 61])),
        ("`61` is the sum over 2 requests",),
    ),
    answers("3.9", "3.tokens", [34, 12], "wrong way round", "what it wrote"),
    answers("3.9b", "3.tokens", [12, 46], "`46` is input and output together"),
    answers("3.9c", "3.tokens", [12, 35], "`35` is not the number of output tokens"),
    answers("3.9d", "3.tokens", [11.5, 34], "is whole numbers"),
    answers("3.9l", "3.tokens", ["1.040", 34], "the digits with nothing between them"),
    answers("3.9e", "3.tokens", ["twelve", 34], "Not all of the answer"),
    answers("3.9f", "3.tokens", [True, 34], "Not all of the answer"),
    answers("3.9g", "3.tokens", 46, "one value, not two"),
    answers("3.9h", "3.tokens", np.array([12, 34, 46]), "has 3 entries"),
    answers("3.9k", "3.tokens", [{"span.id": "a"}, {"span.id": "b"}], "a whole line, or several"),
    answers("3.9i", "3.tokens", [None, None], "Not all of the answer"),
    Wrong(
        "3.9j",
        (ASKED, names(trace), AGAIN, hands_in("3.tokens", [20, 27])),
        ("`20` is the number of input tokens of another request",),
    ),
)

CODE = (
    Wrong(
        "3.7d",
        (ASKED, raised("KeyError", "'prompt_tokens'", 'line["prompt_tokens"]')),
        ("OpenTelemetry's names", "same number"),
        "raised",
    ),
    Wrong(
        "3.13",
        (ASKED, raised("KeyError", "'request.body'", 'line["request.body"]')),
        ("`with lab.bodies_logged():`", "private prompts"),
        "raised",
    ),
    Wrong(
        "3.14",
        (ASKED, raised("KeyError", "'authorization'", 'line["authorization"]')),
        ("must not have it", "every reader"),
        "raised",
    ),
    Wrong(
        "3.6",
        (ASKED, raised("KeyError", "'gen_ai.usage.input'", "line[...]")),
        ("when a model was asked", "columns"),
        "raised",
    ),
    Wrong(
        "3.6b",
        (ASKED, raised("IndexError", "list index out of range", "c['choices'][0]")),
        ("empty `choices`",),
        "raised",
    ),
    in_code("3.6c", "AttributeError", "'Lab' object has no attribute 'log'", "letter by letter"),
    Wrong("3.6d", (NO_ROUTE, raised("NameError", "name 'htpx'")), ("letter by letter",), "raised"),
    Wrong(
        "3.6e",
        (sent(status=400, error=f"{BODY}model not specified"), raised("NameError", "name 'x'")),
        ("cells above",),
        "raised",
    ),
)

WRONG = (*NOTHING, *TRACES, *MODELS, *TOKENS, *CODE)


def right(*changes: Act) -> tuple[Act, ...]:
    """A request, all three answers, then something else."""
    return (
        ASKED,
        names(trace),
        hands_in("3.models", [SENT, USED]),
        hands_in("3.tokens", [12, 34]),
        *changes,
    )


def observed(*acts: Act) -> Learner:
    """A learner who did this."""
    learner = Learner()
    for act in acts:
        act(learner)
    return learner
