"""Filters of a rule or backendRef, compiled: header edits, a redirect, a rewrite.

Source: Gateway API v1.4, HTTPHeaderFilter, HTTPRequestRedirectFilter, HTTPURLRewriteFilter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from labgateway.shapes.filters import (
    HeaderFilter,
    HTTPHeader,
    PathModifier,
    RedirectFilter,
    RewriteFilter,
)
from labgateway.shapes.route_filters import Filter

Headers = list[tuple[bytes, bytes]]

_SCHEME_PORTS = {"http": 80, "https": 443}
# How a message is framed on a connection is not a filter's to say.
_FRAMING = frozenset({b"connection", b"content-length", b"te", b"transfer-encoding", b"upgrade"})


@dataclass(frozen=True)
class HeaderEdit:
    """What is done to headers; names are lower case."""

    set: tuple[tuple[bytes, bytes], ...] = ()
    add: tuple[tuple[bytes, bytes], ...] = ()
    remove: frozenset[bytes] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.set or self.add or self.remove)

    def apply(self, headers: Headers) -> Headers:
        """The headers after it; one that is added goes behind those of its name."""
        gone = self.remove | {name for name, _value in self.set}
        kept = [(name, value) for name, value in headers if name.lower() not in gone]
        added = [(name, value) for name, value in self.add if name not in self.remove]
        return [*kept, *self.set, *added]


@dataclass(frozen=True)
class Asked:
    """What a redirect or rewrite starts from.

    ``prefix`` is the path prefix that matched, None for another kind of match. ``path`` is without
    query; ``port`` is the listener's, as the client reaches it.
    """

    scheme: str
    host: str
    port: int
    path: str
    query: str = ""
    prefix: str | None = None


@dataclass(frozen=True)
class Actions:
    """The filters of a rule or backendRef, ready for requests."""

    request: HeaderEdit = HeaderEdit()
    response: HeaderEdit = HeaderEdit()
    redirect: RedirectFilter | None = None
    rewrite: RewriteFilter | None = None

    def __bool__(self) -> bool:
        return bool(self.request or self.response or self.redirect or self.rewrite)


NO_ACTIONS = Actions()


@dataclass(frozen=True)
class Course:
    """All that filters do to a request for one backendRef: the rule's, then the backendRef's own.

    ``hostname`` and ``path`` are what the backend sees in place of the client's.
    """

    request: tuple[HeaderEdit, ...] = ()
    response: tuple[HeaderEdit, ...] = ()
    hostname: bytes | None = None
    path: PathModifier | None = None


STRAIGHT = Course()


def course(rule: Actions, own: Actions = NO_ACTIONS) -> Course:
    """The filters of a rule and of one of its backendRefs in their order; the later one wins."""
    if not rule and not own:
        return STRAIGHT
    rewrites = [one.rewrite for one in (own, rule) if one.rewrite is not None]
    hostname = next((one.hostname for one in rewrites if one.hostname), None)
    return Course(
        tuple(one.request for one in (rule, own) if one.request),
        tuple(one.response for one in (rule, own) if one.response),
        hostname.encode() if hostname else None,
        next((one.path for one in rewrites if one.path), None),
    )


def edited(headers: Headers, edits: Iterable[HeaderEdit]) -> Headers:
    """The headers after all edits."""
    for one in edits:
        headers = one.apply(headers)
    return headers


def actions_of(filters: Sequence[Filter]) -> Actions:
    """Compile filters; those that are stored and not acted on have no part in it."""
    if not filters:
        return NO_ACTIONS
    by_type = {one.type: one for one in filters}
    request, response = (
        by_type.get("RequestHeaderModifier"),
        by_type.get("ResponseHeaderModifier"),
    )
    redirect, rewrite = by_type.get("RequestRedirect"), by_type.get("URLRewrite")
    return Actions(
        _edit(request.request_header_modifier if request else None),
        _edit(response.response_header_modifier if response else None),
        redirect.request_redirect if redirect else None,
        rewrite.url_rewrite if rewrite else None,
    )


def location(redirect: RedirectFilter, asked: Asked) -> str:
    """Where a redirect sends the client; a port that its scheme implies is left out."""
    scheme = redirect.scheme or asked.scheme
    port = redirect.port or (_SCHEME_PORTS[redirect.scheme] if redirect.scheme else asked.port)
    host = redirect.hostname or asked.host
    shown = f"[{host}]" if ":" in host else host
    at = "" if port == _SCHEME_PORTS.get(scheme) else f":{port}"
    path = replaced_path(redirect.path, asked)
    return f"{scheme}://{shown}{at}{path}{f'?{asked.query}' if asked.query else ''}"


def replaced_path(modifier: PathModifier | None, asked: Asked) -> str:
    """The path after a modifier, an absolute one in any case.

    A prefix is replaced by whole elements: ``/foo`` by ``/xyz`` turns ``/foo/bar`` into
    ``/xyz/bar``, and by ``/`` into ``/bar``.
    """
    if modifier is None:
        return asked.path
    if modifier.type == "ReplaceFullPath":
        return _absolute(modifier.replace_full_path or "")
    if asked.prefix is None:
        return asked.path
    rest = asked.path[len(asked.prefix.rstrip("/")) :]
    return _absolute((modifier.replace_prefix_match or "").rstrip("/") + rest)


def _absolute(path: str) -> str:
    return path if path.startswith("/") else f"/{path}"


def _edit(given: HeaderFilter | None) -> HeaderEdit:
    if given is None:
        return HeaderEdit()
    return HeaderEdit(
        _named(given.set),
        _named(given.add),
        frozenset(name.lower().encode("utf-8", "replace") for name in given.remove) - _FRAMING,
    )


def _named(headers: Sequence[HTTPHeader]) -> tuple[tuple[bytes, bytes], ...]:
    pairs = ((one.name.lower().encode(), _value(one.value)) for one in headers)
    return tuple((name, value) for name, value in pairs if name not in _FRAMING)


def _value(text: str) -> bytes:
    """A header's value; line ends, which would begin another header, become spaces."""
    return " ".join(text.splitlines()).encode("utf-8")
