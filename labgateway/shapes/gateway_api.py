"""GatewayClass, Gateway and HTTPRoute (gateway.networking.k8s.io/v1, release 1.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from labgateway.shapes.durations import Duration, go_duration_s
from labgateway.shapes.filters import BackendObject
from labgateway.shapes.gateway_unread import (
    Address,
    AllowedListeners,
    GatewayTLS,
    Infrastructure,
    Parameters,
    same_addresses,
)
from labgateway.shapes.listeners import ROUTE_GROUP, Hostname, Listeners
from labgateway.shapes.marks import AtMost, Distinct, Immutable, Rules
from labgateway.shapes.path_match import PathMatch
from labgateway.shapes.resource import (
    DNS_SUBDOMAIN,
    UNACTED,
    Group,
    HeaderName,
    KindName,
    NamespaceName,
    ObjectName,
    PortNumber,
    Resource,
    SectionName,
    Shape,
    Unacted,
)
from labgateway.shapes.route_filters import Filters, replaces_prefix
from labgateway.shapes.route_unread import Retry, SessionPersistence

GATEWAY_GROUP = ROUTE_GROUP

Method = Literal["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]

TOTAL_MATCHES = 128


class GatewayClassSpec(Shape):
    """Which controller takes the Gateways of this class."""

    controller_name: Annotated[
        str,
        Field(
            min_length=1,
            max_length=253,
            pattern=rf"{DNS_SUBDOMAIN.removesuffix('$')}\/[A-Za-z0-9\/\-._~%!$&'()*+,;=:]+$",
        ),
        Immutable(),
    ]
    description: Annotated[str, Field(max_length=64)] | None = None
    parameters_ref: Annotated[Parameters | None, UNACTED] = None


class GatewayClass(Resource):
    """A class of Gateways; cluster-scoped."""

    spec: GatewayClassSpec
    status: Unacted


class GatewaySpec(Shape):
    """Where traffic comes in."""

    gateway_class_name: ObjectName
    listeners: Listeners
    addresses: Annotated[list[Address], AtMost(16), Rules(same_addresses), UNACTED] = []
    infrastructure: Annotated[Infrastructure | None, UNACTED] = None
    tls: Annotated[GatewayTLS | None, UNACTED] = None
    allowed_listeners: Annotated[AllowedListeners | None, UNACTED] = None
    default_scope: Annotated[Literal["All", "None"] | None, UNACTED] = None


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
    headers: Annotated[list[HeaderMatch], AtMost(16), Distinct("name")] = []
    query_params: Annotated[list[QueryParamMatch], AtMost(16), Distinct("name")] = []
    method: Method | None = None


class BackendRef(BackendObject):
    """Where a rule sends a request, by weight among the others."""

    weight: Annotated[int, Field(ge=0, le=1_000_000)] = 1
    filters: Filters = []


class Timeouts(Shape):
    """How long a request may take, as GEP-2257 durations; ``0s`` is no limit."""

    request: Duration | None = None
    backend_request: Duration | None = None

    def broken_rules(self) -> Iterator[str]:
        """One attempt takes no longer than all of them."""
        if self.request is None or self.backend_request is None:
            return
        request_s = go_duration_s(self.request)
        # The rule also breaks when one of them is no duration, which a comparison says of NaN.
        if request_s and not go_duration_s(self.backend_request) <= request_s:
            yield "backendRequest timeout cannot be longer than request timeout"


class RouteRule(Shape):
    """Matches, of which one is enough, and where requests go that match."""

    name: SectionName | None = None
    matches: Annotated[list[RouteMatch], AtMost(64)] = [RouteMatch()]
    filters: Filters = []
    backend_refs: Annotated[list[BackendRef], AtMost(16)] = []
    timeouts: Timeouts | None = None
    retry: Annotated[Retry | None, UNACTED] = None
    session_persistence: Annotated[SessionPersistence | None, UNACTED] = None

    def broken_rules(self) -> Iterator[str]:
        """A redirect needs no backend; a prefix can be replaced where exactly one matches."""
        if self.backend_refs and any(one.request_redirect for one in self.filters):
            yield "RequestRedirect filter must not be used together with backendRefs"
        one_prefix = len(self.matches) == 1 and self.matches[0].path.type == "PathPrefix"
        if one_prefix:
            return
        for words, field, within in _PREFIX_FILTERS:
            lists = [ref.filters for ref in self.backend_refs] if within else [self.filters]
            # exists_one in the CRD's rule: two such backendRefs break nothing.
            if sum(replaces_prefix(filters, field) for filters in lists) == 1:
                yield (
                    f"{words} filter with path.replacePrefixMatch, exactly one PathPrefix match"
                    " must be specified"
                )


_PREFIX_FILTERS = (
    ("When using RequestRedirect", "request_redirect", False),
    ("When using URLRewrite", "url_rewrite", False),
    ("Within backendRefs, when using RequestRedirect", "request_redirect", True),
    ("Within backendRefs, When using URLRewrite", "url_rewrite", True),
)


def _parents_not_told_apart(refs: list[ParentReference]) -> Iterator[str]:
    """More than one reference to a Gateway: each has a sectionName or port, no two the same."""
    parts: dict[object, list[tuple[str | None, int | None]]] = {}
    for ref in refs:
        parent = (ref.group, ref.kind, ref.namespace, ref.name)
        parts.setdefault(parent, []).append((ref.section_name, ref.port))
    same = "when parentRefs includes 2 or more references to the same parent"
    # A second one by name and a third one by port are told apart by neither.
    if any(len({(a is None, b is None) for a, b in given}) > 1 for given in parts.values()):
        yield f"sectionName or port must be specified {same}"
    if any(len(set(given)) < len(given) for given in parts.values()):
        yield f"sectionName or port must be unique {same}"


def _broken_rules(rules: list[RouteRule]) -> Iterator[str]:
    if sum(len(one.matches) for one in rules) > TOTAL_MATCHES:
        yield (
            "While 16 rules and 64 matches per rule are allowed, the total number of matches across"
            " all rules in a route must be less than 128"
        )
    names = [one.name for one in rules if one.name]
    if len(set(names)) < len(names):
        yield "Rule name must be unique within the route"


class HTTPRouteSpec(Shape):
    """When requests go where."""

    parent_refs: Annotated[list[ParentReference], AtMost(32), Rules(_parents_not_told_apart)] = []
    use_default_gateways: Annotated[Literal["All", "None"] | None, UNACTED] = None
    hostnames: Annotated[list[Hostname], AtMost(16)] = []
    rules: Annotated[list[RouteRule], AtMost(16), Rules(_broken_rules)] = [
        RouteRule.model_validate({})
    ]


class HTTPRoute(Resource):
    """Rules that tell a Gateway which requests go to which backend."""

    spec: HTTPRouteSpec
    status: Unacted
