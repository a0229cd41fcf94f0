"""The list of filters of a rule or backendRef: which of them, and which together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from labgateway.shapes.filters import (
    CORSFilter,
    ExtensionRef,
    ExternalAuthFilter,
    HeaderFilter,
    MirrorFilter,
    RedirectFilter,
    RewriteFilter,
)
from labgateway.shapes.marks import AtMost, Rules
from labgateway.shapes.resource import UNACTED, Shape

_ONCE = ("RequestHeaderModifier", "ResponseHeaderModifier", "RequestRedirect", "URLRewrite")


class Filter(Shape):
    """One step on the way of a request or its response; ``type`` says which."""

    type: Literal[
        "RequestHeaderModifier",
        "ResponseHeaderModifier",
        "RequestMirror",
        "RequestRedirect",
        "URLRewrite",
        "ExtensionRef",
        "CORS",
        "ExternalAuth",
    ]
    request_header_modifier: HeaderFilter | None = None
    response_header_modifier: HeaderFilter | None = None
    request_mirror: Annotated[MirrorFilter | None, UNACTED] = None
    request_redirect: RedirectFilter | None = None
    url_rewrite: RewriteFilter | None = None
    extension_ref: Annotated[ExtensionRef | None, UNACTED] = None
    cors: Annotated[CORSFilter | None, UNACTED] = None
    external_auth: Annotated[ExternalAuthFilter | None, UNACTED] = None

    def broken_rules(self) -> Iterator[str]:
        """The field of its type is there, and no other one."""
        for kind, name, part in (
            ("RequestHeaderModifier", "requestHeaderModifier", self.request_header_modifier),
            ("ResponseHeaderModifier", "responseHeaderModifier", self.response_header_modifier),
            ("RequestMirror", "requestMirror", self.request_mirror),
            ("RequestRedirect", "requestRedirect", self.request_redirect),
            ("URLRewrite", "urlRewrite", self.url_rewrite),
            ("ExtensionRef", "extensionRef", self.extension_ref),
            ("CORS", "cors", self.cors),
            ("ExternalAuth", "externalAuth", self.external_auth),
        ):
            if part is not None and self.type != kind:
                yield f"filter.{name} must be nil if the filter.type is not {kind}"
            if part is None and self.type == kind:
                yield f"filter.{name} must be specified for {kind} filter.type"


def _broken(filters: Sequence[Filter]) -> Iterator[str]:
    kinds: list[str] = [one.type for one in filters]
    if "RequestRedirect" in kinds and "URLRewrite" in kinds:
        yield (
            "May specify either httpRouteFilterRequestRedirect or httpRouteFilterRequestRewrite,"
            " but not both"
        )
    yield from (f"{kind} filter cannot be repeated" for kind in _ONCE if kinds.count(kind) > 1)


Filters = Annotated[list[Filter], AtMost(16), Rules(_broken)]


def replaces_prefix(filters: Sequence[Filter], field: str) -> bool:
    """Whether exactly one filter replaces the prefix that matched, in this field of it."""
    replacing = [
        one
        for one in filters
        if (part := getattr(one, field)) is not None
        and part.path is not None
        and part.path.type == "ReplacePrefixMatch"
        and part.path.replace_prefix_match is not None
    ]
    return len(replacing) == 1
