"""Listeners of a Gateway (gateway.networking.k8s.io/v1, release 1.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from labgateway.shapes.marks import AtMost, Distinct, Rules
from labgateway.shapes.resource import (
    DNS_SUBDOMAIN,
    UNACTED,
    Group,
    KindName,
    NamespaceName,
    ObjectName,
    PortNumber,
    SectionName,
    Shape,
)

ROUTE_GROUP = "gateway.networking.k8s.io"

HOSTNAME = rf"^(\*\.)?{DNS_SUBDOMAIN.removeprefix('^')}"

Hostname = Annotated[str, Field(min_length=1, max_length=253, pattern=HOSTNAME)]

PreciseHostname = Annotated[str, Field(min_length=1, max_length=253, pattern=DNS_SUBDOMAIN)]


class LabelExpression(Shape):
    """A label and the values that are meant."""

    key: str
    operator: str
    values: list[str] = []


class LabelSelector(Shape):
    """Objects by their labels."""

    match_expressions: list[LabelExpression] = []
    match_labels: dict[str, str] = {}


class RouteNamespaces(Shape):
    """From which namespaces a listener takes routes."""

    from_: Annotated[Literal["All", "Selector", "Same"], Field(alias="from")] = "Same"
    selector: LabelSelector | None = None


class RouteGroupKind(Shape):
    """A kind of route."""

    group: Group = ROUTE_GROUP
    kind: KindName


class AllowedRoutes(Shape):
    """Which routes a listener takes."""

    namespaces: RouteNamespaces = RouteNamespaces.model_validate({})
    kinds: Annotated[list[RouteGroupKind] | None, AtMost(8)] = None


class SecretObject(Shape):
    """An object that holds a certificate."""

    group: Group = ""
    kind: KindName = "Secret"
    namespace: NamespaceName | None = None
    name: ObjectName


class ListenerTLS(Shape):
    """Who ends TLS, with which certificates."""

    mode: Literal["Terminate", "Passthrough"] = "Terminate"
    certificate_refs: Annotated[list[SecretObject], AtMost(64)] = []
    options: Annotated[
        dict[str, Annotated[str, Field(max_length=4096)]], AtMost(16, dict), UNACTED
    ] = {}

    def broken_rules(self) -> Iterator[str]:
        """Who ends TLS needs a certificate."""
        if self.mode == "Terminate" and not self.certificate_refs and not self.options:
            yield "certificateRefs or options must be specified when mode is Terminate"


class Listener(Shape):
    """One port of a Gateway."""

    name: SectionName
    hostname: Hostname | None = None
    port: PortNumber
    protocol: Annotated[
        str,
        Field(
            min_length=1,
            max_length=255,
            pattern=(
                r"^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$"
                r"|[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/[A-Za-z0-9]+$"
            ),
        ),
    ]
    tls: ListenerTLS | None = None
    allowed_routes: AllowedRoutes = AllowedRoutes()


def _broken(listeners: list[Listener]) -> Iterator[str]:
    if any(one.protocol in {"HTTP", "TCP", "UDP"} and one.tls is not None for one in listeners):
        yield "tls must not be specified for protocols ['HTTP', 'TCP', 'UDP']"
    passed = [one for one in listeners if one.tls is not None and one.tls.mode != "Terminate"]
    if any(one.protocol == "HTTPS" for one in passed):
        yield "tls mode must be Terminate for protocol HTTPS"
    if any(one.protocol in {"TCP", "UDP"} and one.hostname for one in listeners):
        yield "hostname must not be specified for protocols ['TCP', 'UDP']"
    if len({one.name for one in listeners}) < len(listeners):
        yield "Listener name must be unique within the Gateway"
    places = {(one.port, one.protocol, one.hostname) for one in listeners}
    if len(places) < len(listeners):
        yield "Combination of port, protocol and hostname must be unique for each listener"


Listeners = Annotated[
    list[Listener],
    Field(min_length=1),
    AtMost(64),
    Distinct("name"),
    Rules(_broken),
]
