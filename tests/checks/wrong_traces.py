"""Wrong answers to step 5, as data: what a learner does after step 1, and what the check says.

Numbers as in ``wrong_manifests``. 5.7 and 5.8 are numbers, tried in ``test_traces``. Not among
them, because it cannot happen here: a pane that opened before the gateway (5.2 is told when the
gateway has gone), and a range of time that leaves the request out (5.4 is told after a reset).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.checks.learner import Learner
from tests.checks.texts import ROUTE
from tests.checks.wrong_lines import hands_in
from tests.checks.wrong_requests import NO_BACKEND, NO_ROUTE, Act, Wrong, in_code, sent

CHAT = "chat gpt-4o-mini"
LATER = "f" * 15 + "1"


def traced(path: str = "/openai", status: int = 200, **facts: Any) -> Act:
    """A request inside a span of the learner's."""
    return lambda learner: learner.traced(path, status, **facts)


def without_its_span(**facts: Any) -> Act:
    """The request continues a trace, and the span that it names never comes."""

    def act(learner: Learner) -> None:
        learner.traced(**facts).spans.pop()

    return act


def in_another_trace(learner: Learner) -> None:
    """A span is open meanwhile, and the request brings no ``traceparent``."""
    learner.send()
    began_ns = round(learner.exchanges[-1].started * 1e9)
    learner.span("a" * 32, LATER, began_ns - 1_000_000, 700_000_000)


def ended_before(learner: Learner) -> None:
    """The block was left before the request was sent."""
    learner.traced()
    last = learner.spans[-1]
    learner.spans[-1] = replace(last, end_ns=last.start_ns + 1_000_000)


def with_an_old_header(learner: Learner) -> None:
    """The request is inside a span, with the ``traceparent`` of the example's span ``look``."""
    ended_before(learner)
    learner.spans[-1] = replace(learner.spans[-1], name="look")
    began_ns = round(learner.exchanges[-1].started * 1e9)
    learner.span("b" * 32, LATER, began_ns - 1_000_000, 700_000_000)


def another_span_of_it(learner: Learner) -> None:
    """Another span of the same trace came in."""
    learner.traced()
    learner.spans[-1] = replace(learner.spans[-1], span_id=LATER)


def began_again(learner: Learner) -> None:
    """``reset(5)``."""
    learner.reset_at["llm-routing/5"] = learner.now + 1


def after(wrong: Wrong) -> Learner:
    """A learner who did all this."""
    learner = Learner(wrong.text)
    for act in wrong.acts:
        act(learner)
    return learner


def later(learner: Learner) -> None:
    """Some minutes pass."""
    learner.now += 300


def inside_another(learner: Learner) -> None:
    """The span around the request has a parent of its own."""
    learner.traced()
    inner = learner.spans[-1]
    learner.spans[-1] = replace(inner, parent_id=LATER)
    learner.spans.append(replace(inner, span_id=LATER, name="outer"))


def read(id_: str, value: object, *says: str) -> Wrong:
    """A whole trace, and this for the longest span."""
    return Wrong(id_, (traced(), hands_in("5.longest", value)), says)


NOTHING = (
    Wrong("C1", (), ("Step 5 needs a request", "HTTPRoute ✗", "`skip_to(5)`"), "not_yet", ""),
    Wrong("5.0", (), ("no trace of a request to `/openai`", "span around it"), "not_yet"),
    Wrong(
        "5.1",
        (sent("/grafana/explore", 404, error="route not found"),),
        ("no Grafana", "nothing to log in to", "`lab.explore()`"),
        "not_yet",
    ),
    Wrong("5.4", (traced(), began_again), ("before you began the step again",), "not_yet"),
    Wrong("5.4b", (traced("/local"),), ("another way: `/local`", "`/openai`"), "not_yet"),
    Wrong(
        "5.4d",
        (traced(), began_again, later, traced("/openaix", 404, error="route not found")),
        ("another way: `/openaix`",),
        "not_yet",
    ),
)

UNTRACED = (
    Wrong("5.10", (sent(),), ("brought no `traceparent`", "none of them yours"), "not_yet"),
    Wrong(
        "5.10b",
        (in_another_trace,),
        ("two traces", "inside the `with` block", "`headers=headers`"),
    ),
    Wrong(
        "5.10c",
        (without_its_span(),),
        ("has not come in", "`lab.otlp_endpoint`", "force_flush"),
        "not_yet",
    ),
    Wrong("5.10d", (without_its_span(sampled=False),), ("ends in `00`", "`inject`")),
    Wrong("5.10e", (another_span_of_it,), ("not the one that the request names", "gap")),
    Wrong("5.10f", (ended_before,), ("ended before its request", "Indent")),
    Wrong(
        "5.10p",
        (with_an_old_header,),
        ("that of another, `look`, which had ended before", "empty dict"),
    ),
    Wrong("5.10q", (with_an_old_header, ended_before), ("Your span had ended", "Indent")),
    Wrong("5.10r", (with_an_old_header, in_another_trace), ("two traces", "`headers=headers`")),
    Wrong("5.10s", (ended_before, sent()), ("brought no `traceparent`",), "not_yet"),
    Wrong("5.10t", (sent(), with_an_old_header), ("that of another, `look`",)),
    Wrong(
        "5.10g",
        (traced("/openai", 504, error="request timeout"),),
        ("was not answered: 504 `request timeout`", "shows failures too"),
    ),
    Wrong(
        "5.10h",
        (traced("/openai", 400),),
        ("was not answered: 400",),
    ),
    Wrong(
        "5.10i",
        (traced(original_model="____", request_model="____"),),
        ("its model is `____`",),
        "not_yet",
    ),
    Wrong(
        "5.10j",
        (hands_in("5.predict", "chat"), NO_ROUTE),
        ("404 `route not found`", "Finish step 1"),
        text="",
    ),
    Wrong(
        "5.10k",
        (hands_in("5.predict", "chat"), NO_BACKEND),
        ("500", "AgentgatewayBackend ✗"),
        text=ROUTE,
    ),
    Wrong(
        "5.10m",
        (sent(), traced("/local", route="x/local")),
        ("that went another way: `/local`",),
        "not_yet",
    ),
    Wrong("5.10l", (NO_BACKEND,), ("You have not begun this step",), "not_yet", text=ROUTE),
)

READ = (
    Wrong("5.6", (traced(),), ("nothing was read from it", "`answer("), "not_yet"),
    read("5.6b", "POST /openai/*", "`POST /openai/*` holds other spans", "Leave out"),
    read("5.6c", "ask", "`ask` holds other spans"),
    Wrong(
        "5.6h",
        (inside_another, hands_in("5.longest", "outer")),
        ("`outer` holds other spans",),
    ),
    Wrong(
        "5.6k",
        (
            traced("/local", request_model="smollm2"),
            traced(),
            hands_in("5.longest", "chat smollm2"),
        ),
        ("`chat smollm2` is a span of another trace",),
    ),
    read("5.6d", "route", "`route` took less time", "drawn to scale"),
    read("5.6e", {"name": "response", "duration_s": 0.008}, "`response` took less time"),
    read("5.6f", "tempo", "no span called `tempo`", "copy the one you mean"),
    read("5.6g", 590, "not the name of a span"),
    read("5.5", f"{0:032x}", "32 hex digits are a trace id"),
    read("5.5b", "ab" * 8, "no span with that id", "name"),
)

EXCEPTIONS = (
    in_code("5.1b", "httpx.ConnectError", "refused", "no Grafana", code="get(grafana_url)"),
    in_code("5.1c", "ConnectError", "refused", "log in", code="get('http://localhost:3000/')"),
    in_code("5.2", "labgateway.words.errors.LabNotRunning", "gone", "start()` again"),
    in_code("5.4c", "IndexError", "out-of-bounds", "empty", code="lab.traces(status=500).iloc[0]"),
    in_code(
        "5.5c",
        "labgateway.words.errors.LabError",
        "no trace 00f067aa0ba902b7; that is a span id",
        "32 hex digits",
        code="lab.trace('00f067aa0ba902b7')",
    ),
    in_code("5.10l", "ModuleNotFoundError", "No module named 'opentelemetry.exporter.x'", "gRPC"),
    in_code(
        "5.10m",
        "TypeError",
        "'str' object does not support item assignment",
        "writes into a dict",
        code="inject('headers')",
    ),
    in_code("5.10n", "TypeError", "'NoneType' object is not iterable", "return nothing"),
    in_code("5.11", "KeyError", "'gen_ai.input.messages'", "bodies_logged()", "private"),
    in_code(
        "C3",
        "TypeError",
        "'int' object is not callable",
        "another value",
        "Import it again",
        code="check(5)",
    ),
    in_code("C3b", "AttributeError", "'int' object has no attribute 'traces'", "start()` again"),
)

WRONG = (*NOTHING, *UNTRACED, *READ, *EXCEPTIONS)
