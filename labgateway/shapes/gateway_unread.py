"""Fields of a GatewayClass and Gateway that are stored and not acted on (release 1.4)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from labgateway.shapes.listeners import HOSTNAME, LabelSelector, SecretObject
from labgateway.shapes.marks import AtMost, Distinct, Rules
from labgateway.shapes.resource import (
    DNS_SUBDOMAIN,
    Group,
    KindName,
    NamespaceName,
    ObjectName,
    PortNumber,
    Shape,
)

_KEY = re.compile(
    r"([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?"
    r"([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]"
)
_PREFIX_LIMIT = 253


class LocalParameters(Shape):
    """An object with settings, in the Gateway's namespace."""

    group: Group
    kind: KindName
    name: ObjectName


class Parameters(LocalParameters):
    """An object with settings."""

    namespace: NamespaceName | None = None


class Address(Shape):
    """An address that is asked for."""

    type: Annotated[
        str,
        Field(
            min_length=1,
            max_length=253,
            pattern=(
                rf"^Hostname|IPAddress|NamedAddress|{DNS_SUBDOMAIN.strip('^$')}"
                r"\/[A-Za-z0-9\/\-._~%!$&'()*+,;=:]+$"
            ),
        ),
    ] = "IPAddress"
    value: Annotated[str, Field(max_length=253)] | None = None

    def broken_rules(self) -> Iterator[str]:
        """The value is what the type says."""
        if self.value is None:
            return
        if self.type == "Hostname" and not re.fullmatch(HOSTNAME.strip("^$"), self.value):
            yield (
                "Hostname value must be empty or contain only valid characters"
                f" (matching {HOSTNAME})"
            )
        # Not a rule but a oneOf of the schema, whose message names no value.
        if self.type == "IPAddress" and not _is_ip(self.value):
            yield "must validate one and only one schema (oneOf). Found none valid"


def _is_ip(text: str) -> bool:
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def same_addresses(addresses: list[Address]) -> Iterator[str]:
    """The messages when an address is asked for twice."""
    for kind in ("IPAddress", "Hostname"):
        values = [one.value for one in addresses if one.type == kind and one.value is not None]
        if len(set(values)) < len(values):
            yield f"{kind} values must be unique"


def _keys(what: str) -> Rules:
    def broken(entries: dict[str, str]) -> Iterator[str]:
        if not all(_KEY.fullmatch(key) for key in entries):
            yield (
                f"{what} keys must be in the form of an optional DNS subdomain prefix followed by a"
                " required name segment of up to 63 characters."
            )
        if any(len(key.partition("/")[0]) >= _PREFIX_LIMIT for key in entries):
            yield (
                f"If specified, the {what.lower()} key's prefix must be a DNS subdomain not longer"
                " than 253 characters in total."
            )

    return Rules(broken)


_Label = Annotated[
    str, Field(max_length=63, pattern=r"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$")
]


class Infrastructure(Shape):
    """What is made for the Gateway: its labels, annotations and settings."""

    labels: Annotated[dict[str, _Label], AtMost(8, dict), _keys("Label")] = {}
    annotations: Annotated[
        dict[str, Annotated[str, Field(max_length=4096)]],
        AtMost(8, dict),
        _keys("Annotation"),
    ] = {}
    parameters_ref: LocalParameters | None = None


class BackendTLS(Shape):
    """The certificate that the Gateway shows to backends."""

    client_certificate_ref: SecretObject | None = None


class CertificateObject(Shape):
    """An object that holds certificates of authorities."""

    group: Group
    kind: KindName
    name: ObjectName
    namespace: NamespaceName | None = None


class ClientValidation(Shape):
    """Which clients' certificates are accepted."""

    ca_certificate_refs: Annotated[list[CertificateObject], Field(min_length=1), AtMost(8)]
    mode: Literal["AllowValidOnly", "AllowInsecureFallback"] = "AllowValidOnly"


class ClientTLS(Shape):
    """What is asked of clients."""

    validation: ClientValidation | None = None


class PortTLS(Shape):
    """What is asked of clients at a port."""

    port: PortNumber
    tls: ClientTLS


def _same_ports(ports: list[PortTLS]) -> Iterator[str]:
    if len({one.port for one in ports}) < len(ports):
        yield "Port for TLS configuration must be unique within the Gateway"


class FrontendTLS(Shape):
    """What is asked of clients, by port."""

    default: ClientTLS
    per_port: Annotated[list[PortTLS], AtMost(64), Distinct("port"), Rules(_same_ports)] = []


class GatewayTLS(Shape):
    """TLS towards clients and backends."""

    backend: BackendTLS | None = None
    frontend: FrontendTLS | None = None


class ListenerNamespaces(Shape):
    """From which namespaces further listeners may come."""

    from_: Annotated[Literal["All", "Selector", "Same", "None"], Field(alias="from")] = "None"
    selector: LabelSelector | None = None


class AllowedListeners(Shape):
    """Which further listeners the Gateway takes."""

    namespaces: ListenerNamespaces = ListenerNamespaces.model_validate({})
