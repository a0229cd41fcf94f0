"""What keeps a request to /openai from reaching OpenAI, first things first."""

from __future__ import annotations

from checks.challenge import BLANK
from checks.llm_routing.attachment import own_routes, unattached
from checks.llm_routing.backend import own_backends, unusable
from checks.llm_routing.destination import key_of, lost
from checks.llm_routing.learner_text import line_of, line_with
from checks.llm_routing.names import LONGER_PATH, PATH, short
from checks.llm_routing.path import HEADERS, out_of_reach, reached, too_broad
from checks.verdict import NotRight, NotYet, Unpassed
from labgateway.memory.observation import Observation
from labgateway.shapes.agentgateway import AgentgatewayBackend
from labgateway.shapes.durations import duration_s
from labgateway.shapes.gateway_api import HTTPRoute, RouteRule

_SHORTEST_S = 1.0  # no model answers sooner


def in_the_way(seen: Observation) -> Unpassed | None:
    """The first thing that keeps /openai from reaching OpenAI; None when nothing does."""
    return (
        _missing(seen) or _blank(seen) or _unreached(seen) or too_broad(seen) or _leads_astray(seen)
    )


def _missing(seen: Observation) -> Unpassed | None:
    routes, backends = own_routes(seen), own_backends(seen)
    if (routes and backends) or _takes_openai(seen):
        return None
    if not routes and not backends:
        return NotYet(
            "Found so far: HTTPRoute ✗, AgentgatewayBackend ✗",
            "",
            "The route says when, the backend says where and with which credential.",
            "Fill in the task's cell and run it (Shift+Enter), or apply your file; then check",
        )
    missing, says = ("AgentgatewayBackend", "where") if routes else ("HTTPRoute", "when")
    merged = _one_document(seen)
    if merged is not None:
        return merged
    marks = f"HTTPRoute {'✓' if routes else '✗'}, AgentgatewayBackend {'✓' if backends else '✗'}"
    return NotYet(
        f"Found so far: {marks}",
        "",
        f"The {missing} is the half that says {says}.",
        f"Apply the {missing} too; if your text has it already, apply the text again",
    )


def _one_document(seen: Observation) -> NotRight | None:
    """Both resources in one text without ``---``: the second one's fields replace the first's."""
    last = seen.attempts[-1] if seen.attempts else None
    if last is None or len(last.documents) != 1:
        return None
    kinds = [n for n, line in enumerate(last.text.splitlines(), 1) if line.startswith("kind:")]
    if len(kinds) < 2:
        return None
    return NotRight(
        f"Your text has two resources in one document: `kind` stands on lines {kinds[0]} and"
        f" {kinds[1]}",
        "",
        "Of a field given twice only the last counts, so one of the two is lost.",
        "Put a line `---` between them",
    )


def _takes_openai(seen: Observation) -> bool:
    selected = seen.select(PATH, headers=HEADERS)
    return selected is not None and all(one.backend for one in selected.rule.destinations)


def _blank(seen: Observation) -> NotYet | None:
    for resource in (*own_routes(seen), *own_backends(seen)):
        if BLANK in resource.model_dump_json():
            return NotYet(
                f"{short(resource.key)} still has a blank `{BLANK}`",
                line_with(seen, resource.key, BLANK),
                "",
                "Replace it, apply again, then check",
            )
    return None


def _unreached(seen: Observation) -> Unpassed | None:
    if reached(seen, PATH) and reached(seen, LONGER_PATH):
        return None
    routes = own_routes(seen)
    if not routes:
        return None
    return unattached(seen, routes[0]) or out_of_reach(seen, routes[0])


def _leads_astray(seen: Observation) -> Unpassed | None:
    for path in (PATH, LONGER_PATH):
        selected = seen.select(path, headers=HEADERS)
        if selected is None:
            continue
        route = seen.resources[selected.rule.route]
        assert isinstance(route, HTTPRoute)
        trouble = _rule_trouble(seen, route, route.spec.rules[selected.rule.index])
        if trouble is not None:
            return trouble
    return None


def _rule_trouble(seen: Observation, route: HTTPRoute, rule: RouteRule) -> Unpassed | None:
    trouble = lost(seen, route, rule.backend_refs)
    if trouble is not None:
        return trouble
    for ref in rule.backend_refs:
        backend = seen.resources.get(key_of(route, ref))
        if ref.weight and isinstance(backend, AgentgatewayBackend):
            trouble = unusable(seen, backend)
            if trouble is not None:
                return trouble
    return _hasty(seen, route, rule)


def _hasty(seen: Observation, route: HTTPRoute, rule: RouteRule) -> NotRight | None:
    request = rule.timeouts.request if rule.timeouts else None
    if request is None or not 0 < duration_s(request) < _SHORTEST_S:
        return None
    return NotRight(
        f"{short(route.key)} gives a request {request} in all",
        line_of(seen, route.key, "request"),
        "No model answers that fast, so every request would end in 504 `request timeout`.",
        "Look at the unit",
    )
