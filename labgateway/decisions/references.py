"""The backendRefs of a route: what each resolves to, and what ``ResolvedRefs`` says of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from labgateway.decisions.backends import Backend, HTTPBackend
from labgateway.decisions.filters import actions_of, course
from labgateway.decisions.routes import Destination, Rule
from labgateway.decisions.services import Grants, Services
from labgateway.shapes.agentgateway import AGENTGATEWAY_GROUP
from labgateway.shapes.durations import duration_s
from labgateway.shapes.filters import RedirectFilter
from labgateway.shapes.gateway_api import (
    GATEWAY_GROUP,
    BackendRef,
    HTTPRoute,
    RouteRule,
)
from labgateway.shapes.resource import Condition, Key
from labgateway.words.errors import (
    BackendUnusable,
    NoHealthyBackends,
    NoValidBackends,
    ServiceNotFound,
)


@dataclass(frozen=True)
class Targets:
    """What backendRefs can lead to, and who may refer across namespaces."""

    backends: Mapping[Key, Backend]
    static: Mapping[Key, HTTPBackend]
    services: Services
    grants: Grants

    def http(self, key: Key, ref: BackendRef) -> HTTPBackend | None:
        """The backend that gets requests as they are, if the backendRef names one."""
        if key.kind == "Service":
            return self.services.backend(key.namespace, key.name, ref.port or 0)
        return self.static.get(key)


def rules_of(route: HTTPRoute, targets: Targets) -> tuple[Condition, list[Rule]]:
    """(ResolvedRefs, the rules with their destinations); the first broken reference is reported."""
    problem: Condition | None = None
    rules = []
    for index, rule in enumerate(route.spec.rules):
        actions = actions_of(rule.filters)
        destinations = []
        for ref in rule.backend_refs:
            destination, trouble = _destination(ref, route, targets)
            own = actions_of(ref.filters)
            way = course(actions, own)
            destinations.append(replace(destination, course=way, redirect=own.redirect))
            problem = problem or trouble
        rules.append(_rule(route, index, rule, tuple(destinations), actions.redirect))
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
    route: HTTPRoute,
    index: int,
    rule: RouteRule,
    destinations: tuple[Destination, ...],
    redirect: RedirectFilter | None,
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
        redirect,
    )


def _limit_s(duration: str | None) -> float | None:
    """Seconds, None when nothing is said or ``0s`` says that there is no limit."""
    return (duration_s(duration) or None) if duration else None


def _destination(
    ref: BackendRef, route: HTTPRoute, targets: Targets
) -> tuple[Destination, Condition | None]:
    key = Key(ref.group, ref.kind, ref.namespace or route.namespace, ref.name)
    destination = Destination(f"{key.namespace}/{key.name}", ref.weight, None)
    trouble = _not_allowed(key, route, targets.grants)
    if trouble is None:
        plain = targets.http(key, ref)
        if plain is not None and plain.unsupported is None:
            error = None if plain.addresses else NoHealthyBackends()
            return replace(destination, http=plain, error=error), None
        backend = targets.backends.get(key)
        if backend is not None:
            unusable = BackendUnusable(backend.problem) if backend.problem else None
            return replace(destination, backend=backend, error=unusable), None
        trouble = _not_found(key, ref) if plain is None else _unspoken(plain)
    return replace(destination, error=ServiceNotFound()), trouble


def _not_allowed(key: Key, route: HTTPRoute, grants: Grants) -> Condition | None:
    name = f"{key.namespace}/{key.name}"
    if key[:2] not in _KINDS:
        what = f"{key.group or 'core'}/{key.kind} {name}"
        return _unresolved("InvalidKind", f"referencing unsupported kind {what}")
    if not grants.allow((GATEWAY_GROUP, "HTTPRoute", route.namespace), key):
        return _unresolved(
            "RefNotPermitted",
            f'backendRef {name} not accessible to a HTTPRoute in namespace "{route.namespace}"'
            " (missing a ReferenceGrant?)",
        )
    return None


def _not_found(key: Key, ref: BackendRef) -> Condition:
    name = f"{key.namespace}/{key.name}"
    if key.kind == "Service":
        return _unresolved("BackendNotFound", f"Backend not found: core/Service {name}:{ref.port}")
    return _unresolved("BackendNotFound", f"Backend not found: {name}")


def _unspoken(plain: HTTPBackend) -> Condition:
    what = f"Service {plain.key.namespace}/{plain.key.name}: {plain.unsupported}"
    return _unresolved("UnsupportedProtocol", what)


_KINDS = {("", "Service"), (AGENTGATEWAY_GROUP, "AgentgatewayBackend")}


def _unresolved(reason: str, message: str) -> Condition:
    return Condition("ResolvedRefs", "False", reason, message)
