"""Filters of an HTTPRoute (gateway.networking.k8s.io/v1, release 1.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from labgateway.shapes.listeners import PreciseHostname
from labgateway.shapes.marks import AtMost, Distinct, Rules
from labgateway.shapes.resource import (
    Group,
    HeaderName,
    KindName,
    NamespaceName,
    ObjectName,
    PortNumber,
    Shape,
)

PATH_LIMIT = 1024  # characters of a path, matched or replaced


class HTTPHeader(Shape):
    """A header and its value."""

    name: HeaderName
    value: Annotated[str, Field(min_length=1, max_length=4096)]


Headers = Annotated[list[HTTPHeader], AtMost(16), Distinct("name")]


class HeaderFilter(Shape):
    """Headers to set, to add to those of the same name, and to remove."""

    set: Headers = []
    add: Headers = []
    remove: Annotated[list[str], AtMost(16), Distinct()] = []


class PathModifier(Shape):
    """A new path: the whole of it, or what stands in for the prefix that matched."""

    type: Literal["ReplaceFullPath", "ReplacePrefixMatch"]
    replace_full_path: Annotated[str, Field(max_length=PATH_LIMIT)] | None = None
    replace_prefix_match: Annotated[str, Field(max_length=PATH_LIMIT)] | None = None

    def broken_rules(self) -> Iterator[str]:
        """The field that the type names is there, the other one is not."""
        for kind, name, value in (
            ("ReplaceFullPath", "replaceFullPath", self.replace_full_path),
            ("ReplacePrefixMatch", "replacePrefixMatch", self.replace_prefix_match),
        ):
            if self.type == kind and value is None:
                yield f"{name} must be specified when type is set to '{kind}'"
            if self.type != kind and value is not None:
                yield f"type must be '{kind}' when {name} is set"


class RedirectFilter(Shape):
    """The client is sent elsewhere; what is not said stays as it was asked."""

    scheme: Literal["http", "https"] | None = None
    hostname: PreciseHostname | None = None
    path: PathModifier | None = None
    port: PortNumber | None = None
    status_code: Literal[301, 302] = 302


class RewriteFilter(Shape):
    """Host and path that the backend sees."""

    hostname: PreciseHostname | None = None
    path: PathModifier | None = None


class BackendObject(Shape):
    """A backend by name; group "" and kind Service unless said."""

    group: Group = ""
    kind: KindName = "Service"
    namespace: NamespaceName | None = None
    name: ObjectName
    port: PortNumber | None = None

    def broken_rules(self) -> Iterator[str]:
        """A Service has many ports, so one is named."""
        if self.group == "" and self.kind == "Service" and self.port is None:
            yield "Must have port for Service reference"


class Fraction(Shape):
    """A share of the requests."""

    numerator: Annotated[int, Field(ge=0, lt=2**31)]
    denominator: Annotated[int, Field(ge=1, lt=2**31)] = 100

    def broken_rules(self) -> Iterator[str]:
        """No more than all."""
        if self.numerator > self.denominator:
            yield "numerator must be less than or equal to denominator"


class MirrorFilter(Shape):
    """A copy of the request, whose answer nobody waits for."""

    backend_ref: BackendObject
    percent: Annotated[int, Field(ge=0, le=100)] | None = None
    fraction: Fraction | None = None

    def broken_rules(self) -> Iterator[str]:
        """One way to say how many."""
        if self.percent is not None and self.fraction is not None:
            yield "Only one of percent or fraction may be specified in HTTPRequestMirrorFilter"


class ExtensionRef(Shape):
    """An object of an implementation's own."""

    group: Group
    kind: KindName
    name: ObjectName


def _alone(what: str) -> Rules:
    def broken(entries: list[str]) -> Iterator[str]:
        if "*" in entries and len(entries) > 1:
            yield f"{what} cannot contain '*' alongside other {what.removeprefix('Allow').lower()}"

    return Rules(broken)


_HeaderNames = Annotated[list[HeaderName], AtMost(64), Distinct()]
_Origin = Annotated[
    str,
    Field(
        min_length=1,
        max_length=253,
        pattern=r"(^\*$)|(^([a-zA-Z][a-zA-Z0-9+\-.]+):\/\/([^:/?#]+)(:([0-9]{1,5}))?$)",
    ),
]
_CORSMethod = Literal[
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "*"
]


class CORSFilter(Shape):
    """Which pages of other origins may call."""

    allow_credentials: bool | None = None
    allow_headers: _HeaderNames = []
    allow_methods: Annotated[
        list[_CORSMethod],
        AtMost(9),
        Distinct(),
        _alone("AllowMethods"),
    ] = []
    allow_origins: Annotated[list[_Origin], AtMost(64), Distinct(), _alone("AllowOrigins")] = []
    expose_headers: _HeaderNames = []
    max_age: Annotated[int, Field(ge=1, lt=2**31)] = 5


_Names = Annotated[list[str], Distinct()]


class GRPCAuth(Shape):
    """What an authorization server that speaks gRPC is sent."""

    allowed_headers: _Names = []


class HTTPAuth(Shape):
    """What an authorization server that speaks HTTP is sent, and what is taken from its answer."""

    path: (
        Annotated[
            str,
            Field(
                max_length=1024, pattern=r"^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$"
            ),
        ]
        | None
    ) = None
    allowed_headers: _Names = []
    allowed_response_headers: _Names = []


class ForwardBody(Shape):
    """How much of the body the authorization server sees."""

    max_size: int | None = None


class ExternalAuthFilter(Shape):
    """Another server decides who may pass."""

    protocol: Literal["HTTP", "GRPC"]
    backend_ref: BackendObject
    grpc: GRPCAuth | None = None
    http: HTTPAuth | None = None
    forward_body: ForwardBody | None = None

    def broken_rules(self) -> Iterator[str]:
        """The part for its protocol is there, the other one is not."""
        for protocol, name, part in (("GRPC", "grpc", self.grpc), ("HTTP", "http", self.http)):
            if self.protocol == protocol and part is None:
                yield f"{name} must be specified when protocol is set to '{protocol}'"
            if self.protocol != protocol and part is not None:
                yield f"protocol must be '{protocol}' when {name} is set"
