"""Listeners of a Gateway (gateway.networking.k8s.io/v1, release 1.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from labgateway.shapes.resource import (
    DNS_SUBDOMAIN,
    Group,
    KindName,
    PortNumber,
    Rules,
    SectionName,
    Shape,
    Unacted,
    distinct,
)

ROUTE_GROUP = "gateway.networking.k8s.io"

Hostname = Annotated[
    str, Field(min_length=1, max_length=253, pattern=r"^(\*\.)?" + DNS_SUBDOMAIN.removeprefix("^"))
]

PreciseHostname = Annotated[str, Field(min_length=1, max_length=253, pattern=DNS_SUBDOMAIN)]


class RouteNamespaces(Shape):
    """From which namespaces a listener takes routes."""

    from_: Annotated[Literal["All", "Selector", "Same"], Field(alias="from")] = "Same"
    selector: Unacted


class RouteGroupKind(Shape):
    """A kind of route."""

    group: Group = ROUTE_GROUP
    kind: KindName


class AllowedRoutes(Shape):
    """Which routes a listener takes."""

    namespaces: RouteNamespaces = RouteNamespaces.model_validate({})
    kinds: Annotated[list[RouteGroupKind], Field(max_length=8)] | None = None


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
    tls: Unacted
    allowed_routes: AllowedRoutes = AllowedRoutes()


def _broken(listeners: list[Listener]) -> Iterator[str]:
    if any(one.protocol in {"HTTP", "TCP", "UDP"} and one.tls is not None for one in listeners):
        yield "tls must not be specified for protocols ['HTTP', 'TCP', 'UDP']"
    if any(one.protocol in {"TCP", "UDP"} and one.hostname is not None for one in listeners):
        yield "hostname must not be specified for protocols ['TCP', 'UDP']"
    places = {(one.port, one.protocol, one.hostname) for one in listeners}
    if len(places) < len(listeners):
        yield "Combination of port, protocol and hostname must be unique for each listener"


Listeners = Annotated[
    list[Listener],
    Field(min_length=1, max_length=64),
    AfterValidator(distinct),
    Rules(_broken),
]
