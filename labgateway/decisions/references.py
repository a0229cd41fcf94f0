"""The backendRefs of a route: what each resolves to, and what ``ResolvedRefs`` says of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from labgateway.decisions.backends import Backend
from labgateway.decisions.routes import Destination, Rule
from labgateway.shapes.agentgateway import AGENTGATEWAY_GROUP
from labgateway.shapes.gateway_api import BackendRef, HTTPRoute, RouteRule, duration_s
from labgateway.shapes.resource import Condition, Key
from labgateway.words.errors import BackendUnusable, NoValidBackends, ServiceNotFound


def rules_of(route: HTTPRoute, backends: Mapping[Key, Backend]) -> tuple[Condition, list[Rule]]:
    """(ResolvedRefs, the rules with their destinations); the first broken reference is reported."""
    problem: Condition | None = None
    rules = []
    for index, rule in enumerate(route.spec.rules):
        destinations = []
        for ref in rule.backend_refs:
            destination, trouble = _destination(ref, route, backends)
            destinations.append(destination)
            problem = problem or trouble
        rules.append(_rule(route, index, rule, tuple(destinations)))
    fine = Condition("ResolvedRefs", "True", "ResolvedRefs", "All references are resolved")
    return problem or fine, rules


def choose(destinations: Iterable[Destination], draw: float) -> Destination:
    """The destination for a number drawn from [0, 1), by weight.

    Errors: ``NoValidBackends`` when no destination has a weight.
    """
    weighted = [one for one in destinations if one.weight > 0]
    total = sum(one.weight for one in weighted)
    if not total:
        raise NoValidBackends
    point = draw * total
    for one in weighted:
        point -= one.weight
        if point < 0:
            return one
    return weighted[-1]


def _rule(
    route: HTTPRoute, index: int, rule: RouteRule, destinations: tuple[Destination, ...]
) -> Rule:
    timeouts = rule.timeouts
    return Rule(
        route.key,
        route.metadata.creation_timestamp or "",
        index,
        rule.name,
        destinations,
        _limit_s(timeouts.request if timeouts else None),
        _limit_s(timeouts.backend_request if timeouts else None),
    )


def _limit_s(duration: str | None) -> float | None:
    """Seconds, None when nothing is said or ``0s`` says that there is no limit."""
    return (duration_s(duration) or None) if duration else None


def _destination(
    ref: BackendRef, route: HTTPRoute, backends: Mapping[Key, Backend]
) -> tuple[Destination, Condition | None]:
    namespace = ref.namespace or route.namespace
    name = f"{namespace}/{ref.name}"
    trouble = _problem(ref, namespace, route, backends)
    if trouble is not None:
        return Destination(name, ref.weight, None, ServiceNotFound()), trouble
    backend = backends[Key(AGENTGATEWAY_GROUP, "AgentgatewayBackend", namespace, ref.name)]
    unusable = BackendUnusable(backend.problem) if backend.problem else None
    return Destination(name, ref.weight, backend, unusable), None


def _problem(
    ref: BackendRef, namespace: str, route: HTTPRoute, backends: Mapping[Key, Backend]
) -> Condition | None:
    service = (ref.group, ref.kind) == ("", "Service")
    what = f"{ref.group or 'core'}/{ref.kind} {namespace}/{ref.name}"
    if not service and (ref.group, ref.kind) != (AGENTGATEWAY_GROUP, "AgentgatewayBackend"):
        return _unresolved("InvalidKind", f"referencing unsupported kind {what}")
    if namespace != route.namespace:
        return _unresolved(
            "RefNotPermitted",
            f"backendRef {namespace}/{ref.name} not accessible to a HTTPRoute in namespace"
            f' "{route.namespace}" (missing a ReferenceGrant?)',
        )
    if service:
        return _unresolved("BackendNotFound", f"Backend not found: {what}")
    if Key(AGENTGATEWAY_GROUP, "AgentgatewayBackend", namespace, ref.name) not in backends:
        return _unresolved("BackendNotFound", f"Backend not found: {namespace}/{ref.name}")
    return None


def _unresolved(reason: str, message: str) -> Condition:
    return Condition("ResolvedRefs", "False", reason, message)
