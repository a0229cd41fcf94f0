"""The learner's own trace: whether their span and the gateway's hang together, and why not."""

from __future__ import annotations

from math import inf
from typing import Any

from checks.llm_routing.exchange_mistakes import answered, blank_in, goes_to_openai, went_wrong
from checks.llm_routing.names import PATH, quoted
from checks.llm_routing.obstacle import in_the_way
from checks.verdict import NotRight, NotYet, Unpassed
from labgateway.decisions.exchange import Exchange
from labgateway.decisions.spans import Span, spans_of
from labgateway.memory.observation import Observation

SLUG = "llm-routing/5"
STAGES = 4  # the gateway's spans of a request that a model answered
GRAFANA = ("/grafana", "/explore", "/login", "/api/search", "/api/traces", "/d/", "/tempo")
_START = "Start a span, inject its `traceparent` into the headers, and send the request inside it"


def own(seen: Observation) -> list[Exchange]:
    """Requests along the learner's route since the step began, oldest first."""
    return [one for one in _recent(seen) if goes_to_openai(one)]


def five_stages(seen: Observation) -> list[Exchange]:
    """Answered requests inside a client's span that arrived, oldest first."""
    return [one for one in own(seen) if _is_whole(seen, one)]


def client_span(seen: Observation, exchange: Exchange) -> Span | None:
    """The span that the request's ``traceparent`` named, when it has come in."""
    for one in seen.spans:
        if (one.trace_id, one.span_id) == (exchange.trace_id, exchange.parent_id):
            return one
    return None


def stages(exchange: Exchange) -> tuple[Span, ...]:
    """The gateway's spans of a request, the root first."""
    return tuple(sorted(spans_of(exchange), key=lambda one: one.kind != "SERVER"))


def what_is_missing(seen: Observation) -> Unpassed:
    """Why there is no trace with five stages: judged by the newest request."""
    asked = own(seen)
    if not asked:
        return _nothing_asked(seen)
    last = asked[-1]
    blank = blank_in(last)
    if blank is not None:
        return blank
    if not answered(last):
        begun = last.parent_id is not None or last.started > began(seen)
        return _not_answered(seen, last) if begun else _not_begun()
    if last.parent_id is None:
        return _gone_astray(seen, last.started) or _not_continued(seen, last)
    named = client_span(seen, last)
    if named is None:
        return _lost(seen, last)
    return _stale(last, named) if _inside(seen, last) else _too_short(last)


def began(seen: Observation) -> float:
    """When the learner was first seen at this step (Unix time), at an answer or at a reset."""
    answers = [one.began for name, one in seen.answers.items() if name.startswith("5.")]
    return seen.reset_at.get(SLUG) or min(answers, default=inf)


def _not_begun() -> NotYet:
    return NotYet(
        f"You have not begun this step: the last request to `{PATH}`, which nobody answered, is"
        " one of the steps before",
        "",
        "The gateway makes a trace of each request by itself; your part is the span around it.",
        _START,
    )


def _recent(seen: Observation) -> list[Exchange]:
    since = seen.reset_at.get(SLUG, 0.0)
    return [one for one in seen.exchanges if one.started >= since]


def _is_whole(seen: Observation, exchange: Exchange) -> bool:
    span = client_span(seen, exchange)
    sound = answered(exchange) and blank_in(exchange) is None
    return span is not None and sound and _is_around(span, exchange)


def _is_around(span: Span, exchange: Exchange) -> bool:
    """Whether the span was still open when the request came."""
    return span.end_ns >= exchange.started * 1e9


def _nothing_asked(seen: Observation) -> NotYet:
    trouble = in_the_way(seen)
    if trouble is not None:
        return NotYet(
            "Step 5 needs a request through the route of step 1, and that is not finished",
            "",
            f"{trouble.saw}.",
            "Finish step 1 (`check(1)` says what to do), or take the solutions so far:"
            " `from checks import skip_to`, then `skip_to(5)`",
        )
    if any(one.path.startswith(GRAFANA) for one in _recent(seen)):
        return NotYet(
            "There is no Grafana behind the gateway, and nothing to log in to",
            "",
            "The notebook has the explorer itself.",
            "Run `lab.explore()`, or `lab.traces()` for the table",
        )
    astray = _gone_astray(seen, 0.0)
    if astray is not None:
        return astray
    if any(goes_to_openai(one) for one in seen.exchanges):
        return NotYet(
            f"Your last request to `{PATH}` is from before you began the step again",
            "",
            "Its trace is still there, and this step asks for a new one.",
            _START,
        )
    return NotYet(
        f"There is no trace of a request to `{PATH}` yet",
        "",
        "The gateway makes a trace of each request by itself; your part is the span around it.",
        _START,
    )


def _gone_astray(seen: Observation, since: float) -> NotYet | None:
    """A request inside a span of the learner's, along another path than their own."""
    strays = [one for one in _recent(seen) if one.started > since and client_span(seen, one)]
    if not strays:
        return None
    return NotYet(
        f"Your span has a request in it, and that went another way: {quoted(strays[-1].path)}",
        next_step=f"Send the same kind of request along your own route: `{PATH}`",
    )


def _not_answered(seen: Observation, exchange: Exchange) -> Unpassed:
    """A trace without an answer: what went wrong with the request, in step 2's words."""
    wrong = went_wrong(seen, exchange)
    if exchange.parent_id is None:
        return wrong
    said = f"the {wrong.saw[4:]}" if wrong.saw.startswith("The ") else wrong.saw
    return NotRight(
        f"Your trace goes on in the gateway, and the request was not answered: {said}",
        wrong.where,
        "A trace shows failures too; for the five stages a model has to answer.",
        wrong.next_step,
    )


def _too_short(exchange: Exchange) -> NotRight:
    return NotRight(
        "Your span had ended before its request was sent",
        "",
        "A span lasts as long as its `with` block, and its request belongs inside.",
        "Indent the request, so that it is in the block",
        evidence={"trace": exchange.trace_id},
    )


def _stale(exchange: Exchange, named: Span) -> NotRight:
    return NotRight(
        f"Your request is inside a span, and its `traceparent` is that of another,"
        f" {quoted(named.name)}, which had ended before",
        "",
        "A header stays as `inject` wrote it; each span has an id of its own.",
        "Begin with an empty dict, call `inject` on it inside this block, and send that one",
        evidence={"trace": exchange.trace_id, "ended before": named.span_id},
    )


def _inside(seen: Observation, exchange: Exchange) -> bool:
    """Whether any span of the learner's was open when the request came."""
    began_ns = exchange.started * 1e9
    return any(one.start_ns <= began_ns <= one.end_ns for one in seen.spans)


def _lost(seen: Observation, exchange: Exchange) -> Unpassed:
    """The gateway continued a trace whose parent never came in."""
    evidence: dict[str, Any] = {"trace": exchange.trace_id, "its parent": exchange.parent_id}
    if not exchange.sampled:
        return NotRight(
            "Your `traceparent` ends in `00`: it says that nobody records this trace",
            "",
            "The gateway keeps to what the client decided.",
            "Let the SDK write the header with `inject`; when you write it yourself, end it in"
            " `01`",
            evidence=evidence,
        )
    if any(one.trace_id == exchange.trace_id for one in seen.spans):
        return NotRight(
            "Spans of yours came in, and not the one that the request names as its parent",
            "",
            "The trace has a gap between your span and the gateway's.",
            "Inject inside the span that is around the request, and let every block end",
            evidence=evidence,
        )
    return NotYet(
        "The gateway continued a trace of yours, and the span it names as parent has not come in",
        "",
        "A span is sent when it ends, by an exporter that knows where to.",
        "Compare your exporter's `endpoint` with `lab.otlp_endpoint` and `/v1/traces` after it, and"
        " give the provider a `SimpleSpanProcessor`; a `BatchSpanProcessor` sends after"
        " `provider.force_flush()`",
        evidence=evidence,
    )


def _not_continued(seen: Observation, exchange: Exchange) -> Unpassed:
    """A request without a parent, while a span was open or with none at all."""
    evidence = {"trace": exchange.trace_id}
    if _inside(seen, exchange):
        return NotRight(
            "Your span and your request are in two traces: the request brought no `traceparent`"
            " that the gateway could read",
            "",
            "A span around a request is not enough, for the gateway runs elsewhere and only sees"
            " headers.",
            "Call `inject(headers)` inside the `with` block, and hand over `headers=headers`",
            evidence=evidence,
        )
    return NotYet(
        f"Your last request to `{PATH}` brought no `traceparent`, so its trace begins at the"
        " gateway: four spans, and none of them yours",
        "",
        "`inject` writes nothing while no span of your own provider is open.",
        _START,
        evidence=evidence,
    )
