"""Route, backend and policy of a request: what hangs together, read off the console."""

from __future__ import annotations

import re
from typing import Any

from checks.llm_routing.destination import key_of
from checks.llm_routing.names import BACKEND, NAMESPACE, PATH, SECRET, listed, nearest, quoted
from checks.llm_routing.seen_trace import found_request, own_requests
from checks.spelling import entries
from checks.verdict import Kept, NotRight, Passed, Verdict
from labgateway.decisions.exchange import Exchange
from labgateway.memory.observation import Observation
from labgateway.shapes.agentgateway import AGENTGATEWAY_GROUP, AgentgatewayBackend
from labgateway.shapes.gateway_api import HTTPRoute
from labgateway.shapes.resource import Key

WAY = "6.way"
AFFECTED = "6.affected"
_PARTS = ("route", "backend", "Secret")
_THREE = (
    "Hand in three names in the order of the request's way: the route, the backend, and the Secret"
    " that the backend's policy `auth` names"
)


def way(seen: Observation) -> tuple[str, str, str] | None:
    """Route, backend and Secret of the learner's request, by name; None while there is none."""
    exchange = _request(seen)
    if exchange is None or exchange.route is None or exchange.backend is None:
        return None
    backend = seen.resources.get(_key(exchange.backend))
    secret = _secret(backend) if isinstance(backend, AgentgatewayBackend) else None
    return None if secret is None else (_bare(exchange.route), _bare(exchange.backend), secret)


def affected(seen: Observation) -> list[str]:
    """The routes that lead to a backend whose policy names the Secret for OpenAI, by name."""
    return sorted(
        route.name
        for route in seen.of_kind("HTTPRoute")
        if isinstance(route, HTTPRoute) and SECRET.name in _secrets(seen, route)
    )


def judge_way(seen: Observation, value: Any) -> Verdict:
    """Compare three names with those that the recorded request really met."""
    right = way(seen)
    if right is None:
        return Kept(
            f"Your answer to {WAY} is kept",
            next_step=f"It is judged once a request through `{PATH}` is answered, by the backend"
            " and the Secret that are there",
        )
    given = _names(value)
    if len(given) != len(right):
        return NotRight(f"{WAY} takes three names, and got {len(given)}", next_step=_THREE)
    if given == list(right):
        return Passed(
            "The route says when, the backend says where, and its policy says with which"
            " credentials",
            evidence=dict(zip(_PARTS, right, strict=True)),
        )
    if sorted(given) == sorted(right):
        return _out_of_order(given, right)
    return _stranger(given, right)


def _out_of_order(given: list[str], right: tuple[str, str, str]) -> NotRight:
    name = next(one for one, expected in zip(given, right, strict=True) if one != expected)
    return NotRight(
        f"These are the right three, in another order: `{name}` is the {_PARTS[right.index(name)]}",
        "",
        "A request meets a route first; the route leads to a backend, and the backend's policy"
        " puts the key in.",
        _THREE,
    )


def _stranger(given: list[str], right: tuple[str, str, str]) -> NotRight:
    name = next(one for one in given if one not in right)
    why = f"The nearest name on its way is `{close}`." if (close := nearest(name, right)) else ""
    if name.startswith("/"):
        why = "That is the path that the route matches; the route has a name of its own."
    return NotRight(f"Your request did not meet {quoted(name)}", "", why, _THREE)


def judge_affected(seen: Observation, value: Any) -> Verdict:
    """Compare route names with what the applied resources say."""
    given, right = sorted(set(_names(value))), affected(seen)
    backends = {one.name for one in seen.of_kind(BACKEND.kind)}
    if given == right:
        return Passed(
            f"A new key in `{SECRET.name}` changes what happens to requests of {listed(right)}",
            ("No route names a Secret: only the way over the backend's policy tells",),
        )
    if backends & set(given):
        return NotRight(
            f"{listed(backends & set(given))} is a backend",
            "",
            "The policy that names the Secret stands in it; the routes are those that lead to it.",
            "Hand in the names of routes",
        )
    known = {one.name: one for one in seen.of_kind("HTTPRoute") if isinstance(one, HTTPRoute)}
    for name in given:
        if name not in known:
            return NotRight(f"There is no route {quoted(name)}", next_step="Look under *Routes*")
        if name not in right:
            others = listed(_secrets(seen, known[name]), "no Secret")
            return NotRight(
                f"`{name}` leads to a backend whose policy names {others}",
                next_step=f"Keep the routes whose backend's policy names `{SECRET.name}`",
            )
    return NotRight(
        f"{len(right)} in all {'is' if len(right) == 1 else 'are'} affected, and you named"
        f" {len(given)}",
        next_step="Follow each route to its backend, and look at the backend's policy",
    )


def _request(seen: Observation) -> Exchange | None:
    last = own_requests(seen)
    return found_request(seen) or (last[-1] if last else None)


def _secrets(seen: Observation, route: HTTPRoute) -> set[str]:
    """The Secrets that the policies of a route's backends name."""
    refs = [ref for rule in route.spec.rules for ref in rule.backend_refs]
    found = [seen.resources.get(key_of(route, ref)) for ref in refs]
    named = [_secret(one) for one in found if isinstance(one, AgentgatewayBackend)]
    return {one for one in named if one is not None}


def _secret(backend: AgentgatewayBackend) -> str | None:
    auth = backend.spec.policies.auth if backend.spec.policies else None
    return auth.secret_ref.name if auth is not None and auth.secret_ref is not None else None


def _key(name: str) -> Key:
    namespace, _, bare = name.rpartition("/")
    return Key(AGENTGATEWAY_GROUP, "AgentgatewayBackend", namespace or NAMESPACE, bare)


def _bare(name: str) -> str:
    """A name without kind and namespace, which is lower case always; a path stays a path."""
    last = (name.casefold().split() or [""])[-1].strip("\"'`")
    return last if last.startswith("/") else last.rpartition("/")[2]


def _names(value: Any) -> list[str]:
    """Names from a list, from a dict's values, or from a text with something between them."""
    if isinstance(value, str):
        parts = re.split(r",|;|->|→|\n|\s/\s", value.strip("[]()"))
        value = parts if len(parts) > 1 else entries(value)
    return [name for one in entries(value) if (name := _bare(str(one)))]
