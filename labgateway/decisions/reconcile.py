"""Resources → what is in force: backends, attached routes, conditions.

Conditions and reasons: Gateway API v1.4 (apis/v1), agentgateway v1.4.1 for AgentgatewayBackend.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from labgateway.decisions.backends import Backend, HTTPBackend, translate
from labgateway.decisions.certificates import Keyring
from labgateway.decisions.compiling import Compiled, compiled
from labgateway.decisions.conditions import (
    CONTROLLER,
    Status,
    backend_status,
    class_status,
    waiting_status,
)
from labgateway.decisions.listeners import (
    Bind,
    Certificates,
    Ports,
    binds_of,
    faults,
    gateway_status,
)
from labgateway.decisions.path_index import PathIndex, RoutePaths
from labgateway.decisions.references import Targets
from labgateway.decisions.route_table import Listener, RouteTable, specificity
from labgateway.decisions.services import Grants, Services
from labgateway.shapes.agentgateway import AgentgatewayBackend
from labgateway.shapes.core import Namespace, Secret
from labgateway.shapes.gateway_api import (
    GATEWAY_GROUP,
    Gateway,
    GatewayClass,
    HTTPRoute,
)
from labgateway.shapes.resource import Key, Resource

Resources = Mapping[Key, Resource]


@dataclass(frozen=True)
class Snapshot:
    """Everything that requests and readers see of one state of the resources; never changed.

    ``routes`` are compiled against ``around``, which is everything that is no route. ``static`` are
    backends that get requests as they are; ``ports`` is where each bind listens.
    """

    resources: Resources
    statuses: Mapping[Key, Status]
    backends: Mapping[Key, Backend]
    static: Mapping[Key, HTTPBackend]
    ports: Ports
    gateways: Mapping[Key, Gateway]
    around: Resources
    routes: Mapping[Key, Compiled]

    # Made when the first request asks, so that a thousand changes in a row need not make them.
    @cached_property
    def tables(self) -> Mapping[Bind, RouteTable]:
        """The rules of each bind."""
        return _tables(self.gateways, Keyring(self.around), self.routes.values())


def wanted_binds(resources: Resources) -> dict[Bind, Certificates]:
    """The ports that there have to be sockets for, with what they need for TLS."""
    keyring = Keyring(resources)
    wanted: dict[Bind, Certificates] = {}
    for one in _gateways(resources).values():
        wanted |= binds_of(one, keyring)
    return wanted


def reconcile(
    resources: Resources, earlier: Snapshot | None = None, ports: Ports | None = None
) -> Snapshot:
    """Decide what is in force; total, never raises on admitted resources.

    ``ports`` is where the wanted binds listen; None is each one at its own number. What
    ``earlier`` decided is taken over where nothing that it depends on has changed, which makes no
    difference but in time.
    """
    around = {key: one for key, one in resources.items() if key.kind != "HTTPRoute"}
    if earlier is not None and earlier.around != around:
        earlier = None
    gateways, keyring = _gateways(around), Keyring(around)
    if ports is None:
        ports = {bind: bind[1] for bind in wanted_binds(around)}
    backends, static = _backends(around) if earlier is None else (earlier.backends, earlier.static)
    targets = Targets(backends, static, Services(around), Grants.of(around))
    labels = _labels(around)
    known = {} if earlier is None else earlier.routes
    routes = {
        key: found
        if (found := known.get(key)) is not None and found.route is one
        else compiled(one, gateways, labels, targets)
        for key, one in resources.items()
        if isinstance(one, HTTPRoute)
    }
    attached = Counter(place for one in routes.values() for place in one.listeners)
    statuses = {key: one.status for key, one in routes.items()}
    for key, one in around.items():
        if key in gateways:
            statuses[key] = gateway_status(gateways[key], keyring, ports, _counted(attached, key))
            continue
        status = _status(one, backends) if earlier is None else earlier.statuses.get(key)
        if status is not None:
            statuses[key] = status
    return Snapshot(resources, statuses, backends, static, ports, gateways, around, routes)


def _counted(attached: Mapping[tuple[Key, str], int], gateway: Key) -> Callable[[str], int]:
    """Routes on a listener of a Gateway, by its name."""
    return lambda listener: attached.get((gateway, listener), 0)


def _backends(resources: Resources) -> tuple[dict[Key, Backend], dict[Key, HTTPBackend]]:
    """(those that speak to a provider or have a problem, those that get requests as they are)."""
    secrets = {key: one for key, one in resources.items() if isinstance(one, Secret)}
    found = [
        translate(one, secrets)
        for one in resources.values()
        if isinstance(one, AgentgatewayBackend)
    ]
    return (
        {one.key: one for one in found if isinstance(one, Backend)},
        {one.key: one for one in found if isinstance(one, HTTPBackend)},
    )


def _labels(resources: Resources) -> dict[str, Mapping[str, str]]:
    """The labels of each namespace, with the one that the API server gives it."""
    return {
        one.name: {"kubernetes.io/metadata.name": one.name, **one.metadata.labels}
        for one in resources.values()
        if isinstance(one, Namespace)
    }


def _gateways(resources: Resources) -> dict[Key, Gateway]:
    return {
        key: one
        for key, one in resources.items()
        # By kind first: most objects may be routes, and isinstance() is slow on pydantic's.
        if key.kind == "Gateway" and isinstance(one, Gateway) and _is_ours(one, resources)
    }


def _is_ours(gateway: Gateway, resources: Resources) -> bool:
    of_class = resources.get(
        Key(GATEWAY_GROUP, "GatewayClass", "", gateway.spec.gateway_class_name)
    )
    return isinstance(of_class, GatewayClass) and of_class.spec.controller_name == CONTROLLER


def _status(one: Resource, backends: Mapping[Key, Backend]) -> Status | None:
    """Status of anything but a route or a Gateway of ours; None for kinds that have none."""
    if isinstance(one, Gateway):
        return waiting_status()
    if isinstance(one, GatewayClass):
        return class_status(one)
    if isinstance(one, AgentgatewayBackend):
        backend = backends.get(one.key)
        return backend_status(backend.problem if backend else None)
    return _PLAIN.get(one.kind)


# What the API server says of kinds that no controller here looks after.
_PLAIN: Mapping[str, Status] = {"Namespace": {"phase": "Active"}, "Service": {"loadBalancer": {}}}


def _tables(
    gateways: Mapping[Key, Gateway], keyring: Keyring, routes: Iterable[Compiled]
) -> dict[Bind, RouteTable]:
    placed: dict[tuple[Key, str], dict[str, list[RoutePaths]]] = {}
    for one in routes:
        for gateway, listener, hostname in one.places:
            hostnames = placed.setdefault((gateway, listener), {})
            hostnames.setdefault(hostname, []).append(one.paths)
    return {
        bind: _table(gateway, bind, faults(gateway, keyring), placed)
        for gateway in gateways.values()
        for bind in binds_of(gateway, keyring)
    }


def _table(
    gateway: Gateway,
    bind: Bind,
    unserved: Collection[str],
    placed: Mapping[tuple[Key, str], Mapping[str, list[RoutePaths]]],
) -> RouteTable:
    listeners, scheme = [], "http"
    for spec in gateway.spec.listeners:
        if spec.port != bind[1] or spec.name in unserved:
            continue
        scheme = spec.protocol.lower()
        hostnames = placed.get((gateway.key, spec.name), {})
        routes = {hostname: PathIndex(found) for hostname, found in hostnames.items()}
        listeners.append(Listener(spec.name, spec.hostname or "", routes))
    listeners.sort(key=lambda one: specificity(one.hostname))
    return RouteTable(*bind, tuple(listeners), scheme)
