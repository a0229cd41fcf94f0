"""Rules of Services and EndpointSlices that no schema tells, in the API server's words.

Source: kubernetes pkg/apis/core/validation and pkg/apis/discovery/validation (v1.34).
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from labgateway.shapes.resource import BAD_NAME, DNS_LABEL, DNS_SUBDOMAIN, Resource
from labgateway.shapes.services import EndpointPort, EndpointSlice, Service, ServicePort
from labgateway.words.errors import Cause

BAD_LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must"
    " start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for"
    " validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
DNS_1035 = r"^[a-z]([-a-z0-9]*[a-z0-9])?$"
BAD_SERVICE_NAME = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an"
    " alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123',"
    " regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
)
_BAD_PORT = "must be between 1 and 65535, inclusive"
_HIGHEST_PORT = 65535
_LABEL_CHARACTERS = 63
_PORT_NAME_CHARACTERS = 15
_VERSIONS = {"IPv4": 4, "IPv6": 6}


def builtin_causes(resource: Resource) -> list[Cause]:
    """Every broken rule of an object whose fields have the right types; none of other kinds."""
    rules = _RULES.get(type(resource))
    return list(rules(resource)) if rules else []


def builtin_warnings(resource: Resource) -> Iterator[str]:
    """What is taken here and refused by a cluster: endpoints on this machine."""
    if isinstance(resource, EndpointSlice):
        for path, address in _addresses(resource):
            if (parsed := _parsed(address)) is not None and parsed.is_loopback:
                yield (
                    f"{path}: {address} is an address of this machine; this gateway takes it, a"
                    " cluster refuses it (may not be in the loopback range)"
                )


def _service(service: Service) -> Iterator[Cause]:
    spec = service.spec
    if not spec.ports and spec.type != "ExternalName" and spec.cluster_ip != "None":
        yield _required("spec.ports")
    names: set[str] = set()
    numbers: set[tuple[str, int]] = set()
    for index, port in enumerate(spec.ports):
        path = f"spec.ports[{index}]"
        yield from _service_port(port, path, named=len(spec.ports) > 1)
        if port.name and port.name in names:
            yield _duplicate(f"{path}.name", port.name)
        names.add(port.name or "")
    for index, port in enumerate(spec.ports):
        key = (port.protocol, port.port)
        if key in numbers:
            yield _duplicate(f"spec.ports[{index}]", _go_port(port))
        numbers.add(key)


def _service_port(port: ServicePort, path: str, *, named: bool) -> Iterator[Cause]:
    if port.name:
        yield from _label(f"{path}.name", port.name)
    elif named:
        yield _required(f"{path}.name")
    if not 1 <= port.port <= _HIGHEST_PORT:
        yield _invalid(f"{path}.port", port.port, _BAD_PORT)
    target = port.target_port
    if isinstance(target, str):
        yield from (_invalid(f"{path}.targetPort", target, why) for why in _bad_port_name(target))
    elif target is not None and not 1 <= target <= _HIGHEST_PORT:
        yield _invalid(f"{path}.targetPort", target, _BAD_PORT)


def _bad_port_name(name: str) -> Iterator[str]:
    if len(name) > _PORT_NAME_CHARACTERS:
        yield f"must be no more than {_PORT_NAME_CHARACTERS} characters"
    if not re.fullmatch(r"[-a-z0-9]+", name):
        yield "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"
    if not re.search(r"[a-z]", name):
        yield "must contain at least one letter (a-z)"
    if "--" in name:
        yield "must not contain consecutive hyphens"
    if name.startswith("-") or name.endswith("-"):
        yield "must not begin or end with a hyphen"


def _slice(slice_: EndpointSlice) -> Iterator[Cause]:
    for index, endpoint in enumerate(slice_.endpoints):
        if not endpoint.addresses:
            path = f"endpoints[{index}].addresses"
            yield Cause(
                path, "FieldValueRequired", "Required value: must contain at least 1 address"
            )
    for path, address in _addresses(slice_):
        yield from (
            _invalid(path, address, why) for why in _bad_address(slice_.address_type, address)
        )
    yield from _endpoint_ports(slice_.ports)


def _endpoint_ports(ports: Iterable[EndpointPort]) -> Iterator[Cause]:
    names: set[str] = set()
    for index, port in enumerate(ports):
        path = f"ports[{index}]"
        if port.name:
            yield from _label(f"{path}.name", port.name)
        if port.name in names:
            yield _duplicate(f"{path}.name", port.name)
        names.add(port.name)


def _addresses(slice_: EndpointSlice) -> Iterator[tuple[str, str]]:
    """(field path, address)."""
    for index, endpoint in enumerate(slice_.endpoints):
        for number, address in enumerate(endpoint.addresses):
            yield f"endpoints[{index}].addresses[{number}]", address


def _bad_address(kind: str, address: str) -> Iterator[str]:
    if kind == "FQDN":
        if not re.fullmatch(DNS_SUBDOMAIN, address):
            yield BAD_NAME
        elif "." not in address:
            yield "should be a domain with at least two segments separated by dots"
        return
    parsed = _parsed(address)
    if parsed is None or parsed.version != _VERSIONS[kind]:
        yield f"must be a valid {kind} address"
    elif parsed.is_unspecified:
        yield "may not be unspecified (0.0.0.0 or ::)"
    elif parsed.is_link_local:
        yield "may not be in the link-local range (169.254.0.0/16, fe80::/10)"
    elif parsed in _LINK_LOCAL_MULTICAST[kind]:
        yield "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"


_LINK_LOCAL_MULTICAST = {
    "IPv4": ipaddress.ip_network("224.0.0.0/24"),
    "IPv6": ipaddress.ip_network("ff02::/16"),
}


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None


def _label(path: str, name: str) -> Iterator[Cause]:
    if len(name) > _LABEL_CHARACTERS:
        yield _invalid(path, name, f"must be no more than {_LABEL_CHARACTERS} characters")
    if not re.fullmatch(DNS_LABEL, name):
        yield _invalid(path, name, BAD_LABEL)


def _required(path: str) -> Cause:
    return Cause(path, "FieldValueRequired", "Required value")


def _duplicate(path: str, value: Any) -> Cause:
    shown = json.dumps(value, separators=(",", ":"))
    return Cause(path, "FieldValueDuplicate", f"Duplicate value: {shown}")


def _invalid(path: str, value: Any, why: str) -> Cause:
    return Cause(path, "FieldValueInvalid", f"Invalid value: {json.dumps(value)}: {why}")


def _go_port(port: ServicePort) -> dict[str, Any]:
    """What the API server compares, as it prints its own struct."""
    rest = {"Port": port.port, "TargetPort": 0, "NodePort": 0}
    return {"Name": "", "Protocol": port.protocol, "AppProtocol": None, **rest}


_RULES: dict[type, Callable[[Any], Iterator[Cause]]] = {Service: _service, EndpointSlice: _slice}
