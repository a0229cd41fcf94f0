"""GatewayClass, Gateway and HTTPRoute (gateway.networking.k8s.io/v1, release 1.4)."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from labgateway.shapes.listeners import ROUTE_GROUP, Hostname, Listeners
from labgateway.shapes.resource import (
    Group,
    KindName,
    NamespaceName,
    ObjectName,
    PortNumber,
    Resource,
    SectionName,
    Shape,
    Unacted,
    distinct,
    rule,
)

GATEWAY_GROUP = ROUTE_GROUP

# GEP-2257: at most four pairs of up to five digits and a unit.
Duration = Annotated[str, Field(pattern=r"^([0-9]{1,5}(h|m|s|ms)){1,4}$")]
HeaderName = Annotated[
    str, Field(min_length=1, max_length=256, pattern=r"^[A-Za-z0-9!#$%&'*+\-.^_\x60|~]+$")
]
Method = Literal["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]

PATH_LIMIT = 1024  # characters of a path match
TOTAL_MATCHES = 128

_UNIT_S = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


def duration_s(duration: str) -> float:
    """Seconds of a GEP-2257 duration such as ``1m30s``."""
    return sum(int(n) * _UNIT_S[unit] for n, unit in re.findall(r"(\d{1,5})(ms|h|m|s)", duration))


class GatewayClassSpec(Shape):
    """Which controller takes the Gateways of this class."""

    controller_name: Annotated[str, Field(min_length=1, max_length=253)]
    description: Annotated[str, Field(max_length=64)] | None = None
    parameters_ref: Unacted


class GatewayClass(Resource):
    """A class of Gateways; cluster-scoped."""

    spec: GatewayClassSpec
    status: Unacted


class GatewaySpec(Shape):
    """Where traffic comes in."""

    gateway_class_name: ObjectName
    listeners: Listeners
    addresses: Unacted
    infrastructure: Unacted
    backend_tls: Annotated[Unacted, Field(alias="backendTLS")]
    tls: Unacted
    allowed_listeners: Unacted
    default_scope: Unacted


class Gateway(Resource):
    """A place where traffic comes in, by listeners."""

    spec: GatewaySpec
    status: Unacted


class ParentReference(Shape):
    """The Gateway (and listener) a route wants to be attached to."""

    group: Group = GATEWAY_GROUP
    kind: KindName = "Gateway"
    namespace: NamespaceName | None = None
    name: ObjectName
    section_name: SectionName | None = None
    port: PortNumber | None = None


_BAD_PATH_PARTS = ("//", "/./", "/../", "%2f", "%2F", "#")


class PathMatch(Shape):
    """What the path has to be; PathPrefix goes by whole path elements."""

    type: Literal["Exact", "PathPrefix", "RegularExpression"] = "PathPrefix"
    value: Annotated[str, Field(max_length=PATH_LIMIT)] = "/"

    @model_validator(mode="after")
    def _well_formed(self) -> Self:
        if self.type == "RegularExpression":
            return self
        if not self.value.startswith("/"):
            raise rule(
                "value must be an absolute path and start with '/' when type one of"
                " ['Exact', 'PathPrefix']"
            )
        for part in _BAD_PATH_PARTS:
            if part in self.value:
                raise rule(f"must not contain '{part}' when type one of ['Exact', 'PathPrefix']")
        for end in ("/..", "/."):
            if self.value.endswith(end):
                raise rule(f"must not end with '{end}' when type one of ['Exact', 'PathPrefix']")
        if not re.fullmatch(r"(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+", self.value):
            raise rule(
                "must only contain valid characters"
                " (matching ^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$)"
                " for types ['Exact', 'PathPrefix']"
            )
        return self


class HeaderMatch(Shape):
    """What a header has to be; names compare without case."""

    type: Literal["Exact", "RegularExpression"] = "Exact"
    name: HeaderName
    value: Annotated[str, Field(min_length=1, max_length=4096)]


class QueryParamMatch(Shape):
    """What a query parameter has to be; names compare with case."""

    type: Literal["Exact", "RegularExpression"] = "Exact"
    name: HeaderName
    value: Annotated[str, Field(min_length=1, max_length=1024)]


class RouteMatch(Shape):
    """All of these together select a request."""

    path: PathMatch = PathMatch()
    headers: Annotated[list[HeaderMatch], Field(max_length=16), AfterValidator(distinct)] = []
    query_params: Annotated[
        list[QueryParamMatch], Field(max_length=16), AfterValidator(distinct)
    ] = []
    method: Method | None = None


class BackendRef(Shape):
    """Where a rule sends a request; group "" and kind Service unless said."""

    group: Group = ""
    kind: KindName = "Service"
    namespace: NamespaceName | None = None
    name: ObjectName
    port: PortNumber | None = None
    weight: Annotated[int, Field(ge=0, le=1_000_000)] = 1
    filters: Unacted

    @model_validator(mode="after")
    def _service_has_port(self) -> Self:
        if self.group == "" and self.kind == "Service" and self.port is None:
            raise rule("Must have port for Service reference")
        return self


class Timeouts(Shape):
    """How long a request may take, as GEP-2257 durations; ``0s`` is no limit."""

    request: Duration | None = None
    backend_request: Duration | None = None

    @model_validator(mode="after")
    def _backend_within_request(self) -> Self:
        if self.request is None or self.backend_request is None:
            return self
        request_s = duration_s(self.request)
        if request_s and duration_s(self.backend_request) > request_s:
            raise rule("backendRequest timeout cannot be longer than request timeout")
        return self


class RouteRule(Shape):
    """Matches, of which one is enough, and where requests go that match."""

    name: SectionName | None = None
    matches: Annotated[list[RouteMatch], Field(max_length=64)] = [RouteMatch()]
    filters: Unacted
    backend_refs: Annotated[list[BackendRef], Field(max_length=16)] = []
    timeouts: Timeouts | None = None
    retry: Unacted
    session_persistence: Unacted


def _parents_told_apart(refs: list[ParentReference]) -> list[ParentReference]:
    """More than one reference to a Gateway: each has a sectionName or port, no two the same."""
    parts: dict[object, list[tuple[str | None, int | None]]] = {}
    for ref in refs:
        parent = (ref.group, ref.kind, ref.namespace, ref.name)
        parts.setdefault(parent, []).append((ref.section_name, ref.port))
    same = "when parentRefs includes 2 or more references to the same parent"
    if any(len(given) > 1 and (None, None) in given for given in parts.values()):
        raise rule(f"sectionName or port must be specified {same}")
    if any(len(set(given)) < len(given) for given in parts.values()):
        raise rule(f"sectionName or port must be unique {same}")
    return refs


def _within_total(rules: list[RouteRule]) -> list[RouteRule]:
    if sum(len(one.matches) for one in rules) > TOTAL_MATCHES:
        raise rule(
            "While 16 rules and 64 matches per rule are allowed, the total number of matches across"
            " all rules in a route must be less than 128"
        )
    names = [one.name for one in rules if one.name]
    if len(set(names)) < len(names):
        raise rule("Rule name must be unique within the route")
    return rules


class HTTPRouteSpec(Shape):
    """When requests go where."""

    parent_refs: Annotated[
        list[ParentReference], Field(max_length=32), AfterValidator(_parents_told_apart)
    ] = []
    use_default_gateways: Unacted
    hostnames: Annotated[list[Hostname], Field(max_length=16)] = []
    rules: Annotated[list[RouteRule], Field(max_length=16), AfterValidator(_within_total)] = [
        RouteRule.model_validate({})
    ]


class HTTPRoute(Resource):
    """Rules that tell a Gateway which requests go to which backend."""

    spec: HTTPRouteSpec = HTTPRouteSpec.model_validate({})
    status: Unacted
