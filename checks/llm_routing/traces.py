"""Step 5: a trace that begins in the learner's own code, and what can be read from it."""

from __future__ import annotations

from typing import Any

from checks.challenge import Choice, Question, Request, Solution, Step
from checks.llm_routing.exchange_mistakes import answered
from checks.llm_routing.names import PATH
from checks.llm_routing.overhead import OVERHEAD, judge_overhead
from checks.llm_routing.own_trace import (
    STAGES,
    client_span,
    five_stages,
    own,
    stages,
    what_is_missing,
)
from checks.llm_routing.predicted import tried_out
from checks.llm_routing.raised import or_raised
from checks.llm_routing.request import BODY, MODEL, PROMPT
from checks.llm_routing.span_times import (
    LONGEST,
    judge_longest,
    kept_span,
    longest_child,
    trace_read,
)
from checks.verdict import NotYet, Passed, Unpassed, Verdict
from labgateway.decisions.exchange import Exchange
from labgateway.memory.observation import Observation

PREDICT = "5.predict"


def check(seen: Observation) -> Verdict:
    """Judge the spans that came in and the answer about them; a later exception comes first."""
    trouble = _nothing(seen) or _open(seen) or _wrong(seen)
    if trouble is None:
        return _passed(seen, five_stages(seen)[-1])
    return or_raised(seen, trouble, _latest(seen))


def _nothing(seen: Observation) -> Unpassed | None:
    return None if five_stages(seen) else what_is_missing(seen)


def _open(seen: Observation) -> NotYet | None:
    if LONGEST in seen.answers:
        return None
    return NotYet(
        "Your trace has all five stages, and nothing was read from it so far",
        "",
        "A trace is there to show where the time went.",
        f'Look at it with `lab.trace(trace_id)`, then `answer("{LONGEST}", …)`',
    )


def _wrong(seen: Observation) -> Unpassed | None:
    said = judge_longest(seen, seen.answers[LONGEST].value)
    return said if isinstance(said, Unpassed) else None


def _latest(seen: Observation) -> float:
    """When the learner last did what this step asks for: a request, or the answer."""
    asked = [one.started for one in own(seen)]
    given = [seen.answers[LONGEST].at] if LONGEST in seen.answers else []
    return max([*asked, *given], default=0.0)


def _passed(seen: Observation, exchange: Exchange) -> Passed:
    client = client_span(seen, exchange)
    assert client is not None
    more = ["Client, gateway, routing, provider call and response hang together by one trace id"]
    if client.kind != "CLIENT":
        more.append(
            f"Your span has the kind {client.kind}; around a call to somebody else it is CLIENT"
        )
    if seen.place.bodies:
        more.append("Prompts and answers are still being kept; `lab.log_bodies(False)` ends that")
    return Passed(
        "Your span and the gateway's four make one trace with five stages",
        tuple(more),
        evidence=_evidence(seen, exchange),
    )


def _evidence(seen: Observation, exchange: Exchange) -> dict[str, Any]:
    client = client_span(seen, exchange)
    root = stages(exchange)[0]
    call = next(one for one in stages(exchange) if one.kind == "CLIENT")
    spans = [*([client] if client else []), *stages(exchange)]
    return {
        "trace": exchange.trace_id,
        **{one.name: f"{one.span_id}, {one.duration_s * 1e3:.3f} ms" for one in spans},
        "overhead": f"{(root.duration_s - call.duration_s) * 1e3:.3f} ms",
    }


def _longest(seen: Observation) -> str | None:
    """The first word of the longest span besides the root, in a trace since it was predicted."""
    found = _trace_since(seen)
    return longest_child(found).name.split()[0] if found else None


def _trace_since(seen: Observation) -> Exchange | None:
    """The last trace since the prediction: the learner's own, or any while there is none."""
    sent = tried_out(seen, PREDICT)
    whole = [one for one in sent if answered(one) and len(stages(one)) == STAGES]
    own_ones = [one for one in five_stages(seen) if one in whole]
    return next(iter((own_ones or whole)[-1:]), None)


def _whose_trace(seen: Observation) -> str:
    found = _trace_since(seen)
    return "the last trace of your own" if found in five_stages(seen) else "the last trace"


def _answers(seen: Observation) -> dict[str, Any]:
    exchange = trace_read(seen, LONGEST)
    if exchange is None:
        return {}
    root, call = stages(exchange)[0], next(o for o in stages(exchange) if o.kind == "CLIENT")
    return {
        LONGEST: longest_child(exchange).name,
        OVERHEAD: (root.duration_s - call.duration_s) * 1e3,
    }


QUESTIONS = (
    Question(
        PREDICT,
        "Which of the gateway's spans will be the longest, apart from the root that holds them?",
        (
            Choice(
                "route",
                "Choosing a rule is a comparison of a few texts in memory; no network, no model.",
                "This time the model was faster than the gateway, which points to a slow machine.",
            ),
            Choice(
                "chat",
                "This time another span took longer, so it was not the model that you waited for.",
                "The provider call has the network and the model in it, and a model writes its"
                " answer word by word.",
            ),
            Choice(
                "response",
                "It begins when the provider is done; what is left is to count and to pass on.",
                "This time passing the answer on took longer than writing it.",
            ),
        ),
        right=_longest,
        until="Now send a request; the check compares the two",
        prediction=True,
        compared=_whose_trace,
    ),
    Question(
        LONGEST,
        "The name of the span in your trace that took longest, of those that hold no others.",
        until="A span's name, as the waterfall has it on the left",
        judge=judge_longest,
        kept=kept_span,
        hints=(
            (
                "Leave out the spans that have others under them, yours and the gateway's root. Of "
                "the rest, the longest bar is meant."
            ),
            """The durations of all spans, by name:
{one.name: one.duration_s for one in lab.spans(trace_id)}
answer("5.longest", "____")
""",
        ),
    ),
    Question(
        OVERHEAD,
        "How many milliseconds of your request were the gateway's own?",
        until="A number of milliseconds",
        judge=judge_overhead,
        kept=kept_span,
        hints=(
            (
                "The gateway's root lasts as long as the gateway had the request. One of its "
                "children is the time in which it waited for the model."
            ),
            """Root less provider call, in milliseconds:
took = {one.name.split()[0]: one.duration_s * 1000 for one in lab.spans(trace_id)}
answer("5.overhead", took["POST"] - took["____"])
""",
        ),
    ),
)

HINTS = (
    (
        "A trace is held together by one header. The cell that prints a `traceparent` shows how it"
        " gets into a dict; the task's cell has a dict of headers that waits for it."
    ),
    (
        "`inject(headers)` writes the ids of the span that is open at that moment. So it belongs"
        " inside the `with` block, before the request, and the request has to take the headers"
        " along. The gateway reads them and makes its own spans children of yours."
    ),
    """Inside the block, two things, in this order:
headers = {}
with tracer.start_as_current_span("ask", kind=SpanKind.CLIENT):
    ____(headers)                       # writes the traceparent
    reply = httpx.post(url, json=body, headers=____, timeout=120)
""",
)

CELL = f"""\
import httpx
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import inject
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import SpanKind

provider = TracerProvider()
exporter = OTLPSpanExporter(endpoint=f"{{lab.otlp_endpoint}}/v1/traces")
provider.add_span_processor(SimpleSpanProcessor(exporter))

headers = {{}}
question = "{PROMPT}"
body = {{"model": "{MODEL}", "messages": [{{"role": "user", "content": question}}]}}
with provider.get_tracer("notebook").start_as_current_span("ask", kind=SpanKind.CLIENT):
    inject(headers)
    reply = httpx.post(lab.gateway_url + "{PATH}", json=body, headers=headers, timeout=120)

lab.trace(reply.headers["x-trace-id"])
"""

STEP = Step(
    5,
    "traces",
    "Read a trace, and begin one",
    HINTS,
    Solution(
        "`inject` stands inside the `with` block. What would the trace look like if it stood one"
        " line above it?",
        cell=CELL,
        request=Request(PATH, BODY, traced=True),
        answers=_answers,
    ),
    check,
    QUESTIONS,
)
