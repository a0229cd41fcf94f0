"""Resources → what is in force: backends, attached routes, conditions.

Conditions and reasons: Gateway API v1.4 (apis/v1), agentgateway v1.4.1 for AgentgatewayBackend.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from labgateway.decisions.attachments import attachments, shared_hostnames
from labgateway.decisions.backends import Backend, translate
from labgateway.decisions.conditions import (
    CONTROLLER,
    Status,
    backend_status,
    class_status,
    gateway_status,
    waiting_status,
)
from labgateway.decisions.patterns import Pattern
from labgateway.decisions.references import Targets, rules_of
from labgateway.decisions.routes import (
    Candidate,
    Listener,
    PathIndex,
    RoutePaths,
    RouteTable,
    Rule,
    ValueMatch,
    specificity,
)
from labgateway.decisions.services import Grants, Services
from labgateway.shapes.agentgateway import AgentgatewayBackend
from labgateway.shapes.core import Secret
from labgateway.shapes.gateway_api import (
    GATEWAY_GROUP,
    Gateway,
    GatewayClass,
    HeaderMatch,
    HTTPRoute,
    QueryParamMatch,
    RouteMatch,
)
from labgateway.shapes.resource import Key, Resource

Resources = Mapping[Key, Resource]


Place = tuple[Key, str, str]  # Gateway, listener, hostname


@dataclass(frozen=True)
class Compiled:
    """A route as far as it can be decided by itself: where it is attached, and what it matches."""

    route: HTTPRoute
    status: Status
    listeners: tuple[tuple[Key, str], ...]
    places: tuple[Place, ...]
    paths: RoutePaths


@dataclass(frozen=True)
class Snapshot:
    """Everything that requests and readers see of one state of the resources; never changed.

    ``routes`` are compiled against ``around``, which is everything that is no route.
    """

    resources: Resources
    tables: Mapping[tuple[Key, int], RouteTable]
    statuses: Mapping[Key, Status]
    backends: Mapping[Key, Backend]
    around: Resources = field(default_factory=dict)
    routes: Mapping[Key, Compiled] = field(default_factory=dict)


def reconcile(resources: Resources, earlier: Snapshot | None = None) -> Snapshot:
    """Decide what is in force; total, never raises on admitted resources.

    What ``earlier`` decided is taken over where nothing that it depends on has changed, which
    makes no difference but in time.
    """
    around = {key: one for key, one in resources.items() if not isinstance(one, HTTPRoute)}
    if earlier is not None and earlier.around != around:
        earlier = None
    gateways = {
        key: one
        for key, one in around.items()
        if isinstance(one, Gateway) and _is_ours(one, around)
    }
    backends = _backends(around) if earlier is None else earlier.backends
    targets = Targets(backends, {}, Services(around), Grants.of(around))
    known = {} if earlier is None else earlier.routes
    routes = {
        key: found
        if (found := known.get(key)) is not None and found.route is one
        else _compiled(one, gateways, targets)
        for key, one in resources.items()
        if isinstance(one, HTTPRoute)
    }
    attached = Counter(place for one in routes.values() for place in one.listeners)
    statuses = {key: one.status for key, one in routes.items()}
    for key, one in around.items():
        if earlier is not None and not isinstance(one, Gateway):
            status = earlier.statuses.get(key)
        else:
            status = _status(one, backends, attached, ours=key in gateways)
        if status is not None:
            statuses[key] = status
    return Snapshot(
        resources, _tables(gateways, routes.values()), statuses, backends, around, routes
    )


def _backends(resources: Resources) -> dict[Key, Backend]:
    secrets = {key: one for key, one in resources.items() if isinstance(one, Secret)}
    return {
        key: translate(one, secrets)
        for key, one in resources.items()
        if isinstance(one, AgentgatewayBackend)
    }


def _is_ours(gateway: Gateway, resources: Resources) -> bool:
    of_class = resources.get(
        Key(GATEWAY_GROUP, "GatewayClass", "", gateway.spec.gateway_class_name)
    )
    return isinstance(of_class, GatewayClass) and of_class.spec.controller_name == CONTROLLER


def _status(
    one: Resource,
    backends: Mapping[Key, Backend],
    attached: Mapping[tuple[Key, str], int],
    *,
    ours: bool,
) -> Status | None:
    """Status of anything but a route; None for kinds that have none."""
    if isinstance(one, Gateway):
        if not ours:
            return waiting_status()
        return gateway_status(one, lambda listener: attached.get((one.key, listener), 0))
    if isinstance(one, GatewayClass):
        return class_status(one)
    if isinstance(one, AgentgatewayBackend):
        return backend_status(backends[one.key])
    return _PLAIN.get(one.kind)


# What the API server says of kinds that no controller here looks after.
_PLAIN: Mapping[str, Status] = {"Namespace": {"phase": "Active"}, "Service": {"loadBalancer": {}}}


def _compiled(route: HTTPRoute, gateways: Mapping[Key, Gateway], targets: Targets) -> Compiled:
    resolved, rules = rules_of(route, targets)
    found = list(attachments(route, gateways))
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


def _tables(
    gateways: Mapping[Key, Gateway], routes: Iterable[Compiled]
) -> dict[tuple[Key, int], RouteTable]:
    placed: dict[tuple[Key, str], dict[str, list[RoutePaths]]] = {}
    for one in routes:
        for gateway, listener, hostname in one.places:
            hostnames = placed.setdefault((gateway, listener), {})
            hostnames.setdefault(hostname, []).append(one.paths)
    return {
        (key, port): _table(gateway, port, placed)
        for key, gateway in gateways.items()
        for port in {listener.port for listener in gateway.spec.listeners}
    }


def _table(
    gateway: Gateway, port: int, placed: Mapping[tuple[Key, str], Mapping[str, list[RoutePaths]]]
) -> RouteTable:
    listeners = []
    for spec in gateway.spec.listeners:
        if spec.port != port or spec.protocol != "HTTP":
            continue
        hostnames = placed.get((gateway.key, spec.name), {})
        routes = {hostname: PathIndex(found) for hostname, found in hostnames.items()}
        listeners.append(Listener(spec.name, spec.hostname or "", routes))
    listeners.sort(key=lambda one: specificity(one.hostname))
    return RouteTable(gateway.key, port, tuple(listeners))
