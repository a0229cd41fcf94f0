"""One HTTPRoute, compiled: where it is attached, what it matches, and its status."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from labgateway.decisions.attachments import Labels, attachments, shared_hostnames
from labgateway.decisions.conditions import CONTROLLER, Status
from labgateway.decisions.path_index import Candidate, RoutePaths, ValueMatch
from labgateway.decisions.patterns import Pattern
from labgateway.decisions.references import Targets, rules_of
from labgateway.decisions.routes import Rule
from labgateway.shapes.gateway_api import (
    Gateway,
    HeaderMatch,
    HTTPRoute,
    QueryParamMatch,
    RouteMatch,
)
from labgateway.shapes.resource import Key

Place = tuple[Key, str, str]  # Gateway, listener, hostname


@dataclass(frozen=True)
class Compiled:
    """A route as far as it can be decided by itself: where it is attached, and what it matches."""

    route: HTTPRoute
    status: Status
    listeners: tuple[tuple[Key, str], ...]
    places: tuple[Place, ...]
    paths: RoutePaths


def compiled(
    route: HTTPRoute, gateways: Mapping[Key, Gateway], labels: Labels, targets: Targets
) -> Compiled:
    """The route against everything that is no route; ``labels`` are those of each namespace."""
    resolved, rules = rules_of(route, targets)
    found = list(attachments(route, gateways, labels))
    listeners = {(one.gateway.key, each.name): each for one in found for each in one.listeners}
    # A route that no listener takes may have patterns that do not compile.
    paths = RoutePaths.of(_candidates(route, rules) if listeners else ())
    places = tuple(
        (*at, hostname)
        for at, listener in listeners.items()
        for hostname in shared_hostnames(listener, route)
    )
    parents = [
        {
            "parentRef": one.ref.model_dump(by_alias=True, exclude_none=True),
            "controllerName": CONTROLLER,
            "conditions": [one.accepted, resolved],
        }
        for one in found
    ]
    return Compiled(route, {"parents": parents}, tuple(listeners), places, paths)


def _candidates(route: HTTPRoute, rules: list[Rule]) -> Iterator[Candidate]:
    for rule, spec in zip(rules, route.spec.rules, strict=True):
        for index, match in enumerate(spec.matches or [RouteMatch()]):
            headers: dict[str, ValueMatch] = {}
            for one in match.headers:
                # Names that differ by case only: the first counts (Gateway API, HTTPHeaderMatch).
                headers.setdefault(one.name.lower(), _value_match(one))
            query = tuple((one.name, _value_match(one)) for one in match.query_params)
            regular = match.path.type == "RegularExpression"
            path = Pattern(match.path.value) if regular else None
            yield Candidate(rule, match, index, tuple(headers.items()), query, path)


def _value_match(match: HeaderMatch | QueryParamMatch) -> ValueMatch:
    regular = match.type == "RegularExpression"
    return ValueMatch(match.value, Pattern(match.value) if regular else None)
