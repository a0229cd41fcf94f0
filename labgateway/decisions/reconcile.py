"""Resources → what is in force: backends, attached routes, conditions.

Conditions and reasons: Gateway API v1.4 (apis/v1), agentgateway v1.4.1 for AgentgatewayBackend.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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


@dataclass(frozen=True)
class Snapshot:
    """Everything that requests and readers see of one state of the resources; never changed."""

    resources: Resources
    tables: Mapping[tuple[Key, int], RouteTable]
    statuses: Mapping[Key, Status]
    backends: Mapping[Key, Backend]


@dataclass
class _Progress:
    """What reconciling has found so far, per listener of a Gateway."""

    candidates: dict[tuple[Key, str, str], list[Candidate]] = field(default_factory=dict)
    attached: dict[tuple[Key, str], set[Key]] = field(default_factory=dict)


def reconcile(resources: Resources) -> Snapshot:
    """Decide what is in force; total, never raises on admitted resources."""
    secrets = {key: one for key, one in resources.items() if isinstance(one, Secret)}
    backends = {
        key: translate(one, secrets)
        for key, one in resources.items()
        if isinstance(one, AgentgatewayBackend)
    }
    targets = Targets(backends, {}, Services(resources), Grants.of(resources))
    gateways = {
        key: one
        for key, one in resources.items()
        if isinstance(one, Gateway) and _is_ours(one, resources)
    }
    progress = _Progress()
    statuses: dict[Key, Status] = {}
    for key, one in resources.items():
        if isinstance(one, HTTPRoute):
            statuses[key] = _route_status(one, gateways, targets, progress)
    for key, one in resources.items():
        status = _status(one, backends, progress, ours=key in gateways)
        if status is not None:
            statuses[key] = status
    tables = {
        (key, port): _table(gateway, port, progress)
        for key, gateway in gateways.items()
        for port in {listener.port for listener in gateway.spec.listeners}
    }
    return Snapshot(resources, tables, statuses, backends)


def _is_ours(gateway: Gateway, resources: Resources) -> bool:
    of_class = resources.get(
        Key(GATEWAY_GROUP, "GatewayClass", "", gateway.spec.gateway_class_name)
    )
    return isinstance(of_class, GatewayClass) and of_class.spec.controller_name == CONTROLLER


def _status(
    one: Resource, backends: Mapping[Key, Backend], progress: _Progress, *, ours: bool
) -> Status | None:
    """Status of anything but a route; None for kinds that have none."""
    if isinstance(one, Gateway):
        if not ours:
            return waiting_status()
        return gateway_status(
            one, lambda listener: len(progress.attached.get((one.key, listener), ()))
        )
    if isinstance(one, GatewayClass):
        return class_status(one)
    if isinstance(one, AgentgatewayBackend):
        return backend_status(backends[one.key])
    return {"phase": "Active"} if one.kind == "Namespace" else None


def _route_status(
    route: HTTPRoute,
    gateways: Mapping[Key, Gateway],
    targets: Targets,
    progress: _Progress,
) -> Status:
    resolved, rules = rules_of(route, targets)
    parents = []
    for attachment in attachments(route, gateways):
        for listener in attachment.listeners:
            at = (attachment.gateway.key, listener.name)
            if route.key not in progress.attached.setdefault(at, set()):
                progress.attached[at].add(route.key)
                for hostname in shared_hostnames(listener, route):
                    place = progress.candidates.setdefault((*at, hostname), [])
                    place.extend(_candidates(route, rules))
        parents.append(
            {
                "parentRef": attachment.ref.model_dump(by_alias=True, exclude_none=True),
                "controllerName": CONTROLLER,
                "conditions": [attachment.accepted, resolved],
            }
        )
    return {"parents": parents}


def _candidates(route: HTTPRoute, rules: list[Rule]) -> Iterator[Candidate]:
    for rule, spec in zip(rules, route.spec.rules, strict=True):
        for index, match in enumerate(spec.matches or [RouteMatch()]):
            headers: dict[str, ValueMatch] = {}
            for one in match.headers:
                # Names that differ by case only: the first counts (Gateway API, HTTPHeaderMatch).
                headers.setdefault(one.name.lower(), _value_match(one))
            query = tuple((one.name, _value_match(one)) for one in match.query_params)
            yield Candidate(rule, match, index, tuple(headers.items()), query)


def _value_match(match: HeaderMatch | QueryParamMatch) -> ValueMatch:
    regular = match.type == "RegularExpression"
    return ValueMatch(match.value, Pattern(match.value) if regular else None)


def _table(gateway: Gateway, port: int, progress: _Progress) -> RouteTable:
    listeners = []
    for spec in gateway.spec.listeners:
        if spec.port != port or spec.protocol != "HTTP":
            continue
        routes = {
            hostname: PathIndex(candidates)
            for (key, name, hostname), candidates in progress.candidates.items()
            if (key, name) == (gateway.key, spec.name)
        }
        listeners.append(Listener(spec.name, spec.hostname or "", routes))
    listeners.sort(key=lambda one: specificity(one.hostname))
    return RouteTable(gateway.key, port, tuple(listeners))
