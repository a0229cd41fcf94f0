"""Services, their EndpointSlices and ReferenceGrants → plain HTTP backends that requests meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from labgateway.decisions.backends import Address, HTTPBackend
from labgateway.shapes.resource import Key, Resource
from labgateway.shapes.services import EndpointSlice, ReferenceGrant, Service

# Gateway API's names (GEP-1911) for what is not HTTP/1.1 in the clear.
_UNSPOKEN = {"kubernetes.io/h2c", "kubernetes.io/ws", "kubernetes.io/wss"}


class Services:
    """The Services of a state of the resources, by name, with what is behind them."""

    def __init__(self, resources: Mapping[Key, Resource]) -> None:
        self._services = {key: one for key, one in resources.items() if isinstance(one, Service)}
        self._slices: dict[tuple[str, str], list[EndpointSlice]] = {}
        for one in resources.values():
            if isinstance(one, EndpointSlice) and one.service:
                self._slices.setdefault((one.namespace, one.service), []).append(one)

    def backend(self, namespace: str, name: str, port: int) -> HTTPBackend | None:
        """The backend behind a Service's port; None when there is no such Service or port."""
        key = Key("", "Service", namespace, name)
        service = self._services.get(key)
        ports = service.spec.ports if service else []
        found = next((one for one in ports if one.port == port and one.protocol == "TCP"), None)
        if found is None:
            return None
        slices = self._slices.get((namespace, name), [])
        spoken = found.app_protocol not in _UNSPOKEN
        why = None if spoken else f"appProtocol {found.app_protocol} is not spoken here"
        addresses = tuple(_addresses(slices, found.name or ""))
        return HTTPBackend(key, addresses, unsupported=why)


def _addresses(slices: Iterable[EndpointSlice], port_name: str) -> Iterator[Address]:
    for one in slices:
        ports = [port.port for port in one.ports if port.name == port_name and port.port]
        for endpoint in one.endpoints:
            if ports and endpoint.conditions.ready is not False and one.address_type != "FQDN":
                # Consumers of a slice use the first address only (discovery/v1, Endpoint).
                yield from (Address(endpoint.addresses[0], port) for port in ports)


@dataclass(frozen=True)
class Grants:
    """The ReferenceGrants, by the namespace that they open."""

    by_namespace: Mapping[str, tuple[ReferenceGrant, ...]]

    @classmethod
    def of(cls, resources: Mapping[Key, Resource]) -> Grants:
        """Those of a state of the resources."""
        found: dict[str, tuple[ReferenceGrant, ...]] = {}
        for one in resources.values():
            if isinstance(one, ReferenceGrant):
                found[one.namespace] = (*found.get(one.namespace, ()), one)
        return cls(found)

    def allow(self, origin: tuple[str, str, str], target: Key) -> bool:
        """Whether an object of (group, kind, namespace) may refer to the target."""
        if origin[2] == target.namespace:
            return True
        grants = self.by_namespace.get(target.namespace, ())
        wanted = (target.group, target.kind, target.name)
        return any(one.allows(origin, wanted) for one in grants)
