"""Whether a route takes the requests that step 1 is about, and no others."""

from __future__ import annotations

import re

from checks.llm_routing.attachment import paths_of
from checks.llm_routing.learner_text import line_of
from checks.llm_routing.names import LONGER_PATH, PATH, nearest, quoted, short
from checks.verdict import NotRight, Unpassed
from labgateway.memory.observation import Observation
from labgateway.shapes.gateway_api import HTTPRoute
from labgateway.shapes.path_match import PathMatch

# What step 2 sends besides the path, for routes that match on headers.
HEADERS = {"content-type": "application/json"}
_FOREIGN_PATH = "/a-path-that-nobody-asked-for"
_RESTRICTIONS: dict[str, object] = {
    "hostnames": [],
    "method": None,
    "headers": [],
    "query_params": [],
}
_NEXT = "Match every request whose path is `/openai` or goes on from there with a slash"


def reached(seen: Observation, path: str) -> bool:
    """Whether a POST to the path meets any rule."""
    return seen.select(path, headers=HEADERS) is not None


def out_of_reach(seen: Observation, route: HTTPRoute) -> Unpassed | None:
    """Why an attached route does not take /openai and what is below it; None when it does."""
    for restriction, lifted in _lifted(route):
        supposed = seen.supposing({**seen.resources, route.key: lifted})
        if reached(supposed, PATH) and reached(supposed, LONGER_PATH):
            return _restricted(seen, route, restriction)
    matches = [match.path for rule in route.spec.rules for match in rule.matches]
    troubles = [_path_trouble(seen, route, path) for path in matches]
    return next((one for one in troubles if one is not None), None) or NotRight(
        f"{short(route.key)} takes no request to `{PATH}`",
        "",
        f"Its matches hold {', '.join(quoted(path) for path in paths_of(route)) or 'nothing'}.",
        _NEXT,
    )


def too_broad(seen: Observation) -> Unpassed | None:
    """A route that takes requests which step 1 does not ask for."""
    selected = seen.select(_FOREIGN_PATH, headers=HEADERS)
    if selected is None:
        return None
    key, value = selected.rule.route, selected.match.path.value
    given = line_of(seen, key, "value", value)
    what = f"with the path {quoted(value)}" if given else "because its rule names no path"
    return NotRight(
        f"{short(key)} takes all traffic, {what}",
        given,
        "Everything else that comes to this gateway later would go this way, with your key.",
        "Narrow it to the requests that begin with `/openai`",
    )


def _lifted(route: HTTPRoute) -> list[tuple[str, HTTPRoute]]:
    """(first thing taken away, the route without it) for the restrictions beside the path.

    One after the other is taken away, so that a route with several is understood as well.
    """
    lifted = []
    first = ""
    for name, nothing in _RESTRICTIONS.items():
        without = _without(route, name, nothing)
        if without != route:
            first = first or name
            lifted.append((name, without))
        route = without if first else route
    return lifted


def _without(route: HTTPRoute, name: str, nothing: object) -> HTTPRoute:
    if name == "hostnames":
        return _with_spec(route, hostnames=nothing)
    rules = []
    for rule in route.spec.rules:
        matches = [match.model_copy(update={name: nothing}) for match in rule.matches]
        rules.append(rule.model_copy(update={"matches": matches}))
    return _with_spec(route, rules=rules)


def _with_spec(route: HTTPRoute, **changes: object) -> HTTPRoute:
    return route.model_copy(update={"spec": route.spec.model_copy(update=changes)})


def _restricted(seen: Observation, route: HTTPRoute, restriction: str) -> NotRight:
    if restriction == "hostnames":
        hosts = ", ".join(quoted(one) for one in route.spec.hostnames)
        return NotRight(
            f"{short(route.key)} answers only for host {hosts}",
            line_of(seen, route.key, "hostnames"),
            "The `hostnames` of a route are where the client calls, and you call this gateway.",
            "Leave `hostnames` out: step 1 asks for none",
        )
    field = "queryParams" if restriction == "query_params" else restriction
    needs = {
        "method": "another method than POST, which is what a chat completion is sent with",
        "headers": "a header that step 2's request does not carry",
        "queryParams": "a query parameter that step 2's request does not carry",
    }
    return NotRight(
        f"{short(route.key)} asks for {needs[field]}",
        line_of(seen, route.key, field),
        "All parts of a match have to hold together.",
        f"Leave `{field}` out of the match: step 1 asks for a path only",
    )


def _path_trouble(seen: Observation, route: HTTPRoute, path: PathMatch) -> NotRight | None:
    value = path.value
    where = line_of(seen, route.key, "value", value)
    if path.type == "Exact" and value.rstrip("/") == PATH:
        return NotRight(
            f"{short(route.key)} takes `{value}` and nothing else",
            line_of(seen, route.key, "type", "Exact") or where,
            f"The OpenAI SDK appends to its base URL, so `{PATH}/chat/completions` has to work"
            " too.",
            "Choose the type of match that also takes what is below a path",
        )
    for test, saw, why in _SLIPS:
        if test(path):
            return NotRight(saw.format(value=quoted(value), path=PATH), where, why, _NEXT)
    if nearest(value, [PATH]):
        why = f"The client will call `{PATH}`."
        return NotRight(
            f"The path is {quoted(value)}", where, why, "Compare the two letter by letter"
        )
    return None


_SLIPS = (
    (
        lambda path: path.type == "RegularExpression",
        "The regular expression {value} does not hold `{path}` and all that is below it",
        "It has to match the whole path, not its beginning.",
    ),
    (
        lambda path: path.value != PATH and path.value.casefold().rstrip("/") == PATH,
        "The path is {value}, the client will call `{path}`",
        "Paths are compared with upper and lower case.",
    ),
    (
        lambda path: re.match(r"/openai/?\*", path.value) is not None,
        "The path {value} holds a star, which means nothing special here",
        "A PathPrefix already takes what is below it; the star would have to stand in the URL.",
    ),
    (
        lambda path: path.value.startswith(f"{PATH}/"),
        "The path {value} is narrower than `{path}`",
        "A request to `/openai` itself, as in step 2, would not be taken.",
    ),
)
