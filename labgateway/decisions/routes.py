"""The route table: which rule takes a request.

Precedence (Gateway API v1, HTTPRouteRule.matches): most specific hostname; Exact path; longest
PathPrefix; method; most headers; most query parameters; then the older route, then
``namespace/name``, then the first rule. Regular expressions come after prefixes
(implementation-specific), longest first.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from labgateway.decisions.backends import Backend, HTTPBackend
from labgateway.decisions.filters import STRAIGHT, Course
from labgateway.decisions.patterns import Pattern
from labgateway.shapes.filters import PATH_LIMIT, RedirectFilter
from labgateway.shapes.gateway_api import RouteMatch
from labgateway.shapes.resource import Key
from labgateway.words.errors import GatewayError, RouteNotFound


@dataclass(frozen=True)
class RequestHead:
    """What selection looks at: ``path`` without query, header names lower case, first values."""

    method: str
    host: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Destination:
    """One backendRef of a rule: its share, and the backend or the error that stands in for it.

    A backend speaks to a model's provider or, as ``http``, gets requests as they are. ``course`` is
    what filters do on the way there; with ``redirect`` nobody gets there.
    """

    name: str
    weight: int
    backend: Backend | None
    error: GatewayError | None = None
    http: HTTPBackend | None = None
    course: Course = STRAIGHT
    redirect: RedirectFilter | None = None


@dataclass(frozen=True)
class Rule:
    """A rule in force. ``timeout_s`` is None when nothing limits the request.

    ``redirect`` is what answers in place of a destination, if any.
    """

    route: Key
    created: str
    index: int
    name: str | None
    destinations: tuple[Destination, ...]
    timeout_s: float | None = None
    backend_timeout_s: float | None = None
    redirect: RedirectFilter | None = None


@dataclass(frozen=True)
class Selected:
    """The outcome of selection: the rule, by which of its matches, on which listener."""

    rule: Rule
    match: RouteMatch
    listener: str


@dataclass(frozen=True)
class ValueMatch:
    """What a header or query parameter has to be: this text, or what this pattern takes."""

    value: str
    pattern: Pattern | None = None

    def fits(self, value: str | None) -> bool:
        """Whether the value, None when the request has none, is the wanted one."""
        if value is None or self.pattern is None:
            return value == self.value
        return self.pattern.holds(value)


@dataclass(frozen=True)
class Candidate:
    """A match of a rule, with what the comparison needs precomputed."""

    rule: Rule
    match: RouteMatch
    match_index: int
    headers: tuple[tuple[str, ValueMatch], ...]
    query: tuple[tuple[str, ValueMatch], ...] = ()
    path: Pattern | None = None  # of a path that is a regular expression

    def takes(self, head: RequestHead) -> bool:
        """Whether method, headers and query parameters fit; the path is known to."""
        match = self.match
        if match.method is not None and match.method != head.method:
            return False
        return all(one.fits(head.headers.get(name)) for name, one in self.headers) and all(
            one.fits(head.query.get(name)) for name, one in self.query
        )

    @cached_property
    def order(self) -> tuple[bool, int, int, str, str, int, int]:
        """Sort key among candidates for the same path, first wins."""
        match, rule = self.match, self.rule
        return (
            match.method is None,
            -len(match.headers),
            -len(match.query_params),
            rule.created,
            f"{rule.route.namespace}/{rule.route.name}",
            rule.index,
            self.match_index,
        )


_order = operator.attrgetter("order")
ByPath = Mapping[str, tuple[Candidate, ...]]


@dataclass(frozen=True)
class RoutePaths:
    """The candidates of one route by what their path has to be."""

    exact: ByPath
    prefix: ByPath
    regular: tuple[Candidate, ...]

    @classmethod
    def of(cls, candidates: Iterable[Candidate]) -> RoutePaths:
        """Those of a route's candidates, in order of precedence for each path."""
        exact: dict[str, tuple[Candidate, ...]] = {}
        prefix: dict[str, tuple[Candidate, ...]] = {}
        regular = []
        for one in sorted(candidates, key=_order):
            path = one.match.path
            if one.path is not None:
                regular.append(one)
                continue
            value = path.value if path.type == "Exact" else path.value.rstrip("/")
            places = exact if path.type == "Exact" else prefix
            places[value] = (*places.get(value, ()), one)
        return cls(exact, prefix, tuple(regular))


class PathIndex:
    """Candidates of one hostname, found by path without looking at every route."""

    def __init__(self, routes: Collection[RoutePaths]) -> None:
        self._routes = routes

    # Made when the first request asks, so that a thousand changes in a row need not make them.
    @cached_property
    def _exact(self) -> ByPath:
        return _together(one.exact for one in self._routes)

    @cached_property
    def _prefix(self) -> ByPath:
        return _together(one.prefix for one in self._routes)

    @cached_property
    def _regular(self) -> list[Candidate]:
        return sorted(
            itertools.chain.from_iterable(one.regular for one in self._routes),
            key=lambda one: (-len(one.match.path.value), one.order),
        )

    def find(self, head: RequestHead) -> Candidate | None:
        """The most specific candidate that takes the request."""
        return next((one for one in self._by_path(head.path) if one.takes(head)), None)

    def _by_path(self, path: str) -> Iterator[Candidate]:
        yield from self._exact.get(path, ())
        for prefix in element_prefixes(path):
            yield from self._prefix.get(prefix, ())
        for candidate in self._regular:
            if candidate.path is not None and candidate.path.holds(path):
                yield candidate


def _together(routes: Iterable[ByPath]) -> ByPath:
    """The candidates of all routes by path; most paths are of one route and need no sorting."""
    merged: dict[str, tuple[Candidate, ...]] = {}
    shared: dict[str, list[Candidate]] = {}
    for one in routes:
        if not merged.keys().isdisjoint(one):
            for path in merged.keys() & one.keys():
                shared.setdefault(path, list(merged[path])).extend(one[path])
        merged.update(one)
    for path, candidates in shared.items():
        merged[path] = tuple(sorted(candidates, key=_order))
    return merged


def element_prefixes(path: str) -> Iterator[str]:
    """Prefixes by whole path elements, longest first: "/a/b" gives "/a/b", "/a", "".

    Those that are longer than any PathPrefix may be are left out.
    """
    prefix = path.rstrip("/")
    if len(prefix) > PATH_LIMIT:
        prefix = prefix[: PATH_LIMIT + 1].rpartition("/")[0]
    while prefix:
        yield prefix
        prefix = prefix.rpartition("/")[0]
    yield ""


@dataclass(frozen=True)
class Listener:
    """A listener in force and the routes attached to it, by route hostname ("" for any)."""

    name: str
    hostname: str
    routes: Mapping[str, PathIndex]


@dataclass(frozen=True)
class RouteTable:
    """All listeners of one Gateway's port, most specific hostname first."""

    gateway: Key
    port: int
    listeners: tuple[Listener, ...]
    scheme: str = "http"

    def match(self, head: RequestHead, *, named_only: bool = False) -> Selected:
        """The rule for a request.

        ``named_only``: only what a listener or route names by hostname counts, which is all that a
        request with a foreign Host may reach. Errors: ``RouteNotFound``.
        """
        for listener in self.listeners:
            if not hostname_holds(listener.hostname, head.host):
                continue
            for hostname in hosts_by_specificity(listener.routes, head.host):
                if named_only and not (hostname or listener.hostname):
                    continue
                found = listener.routes[hostname].find(head)
                if found is not None:
                    return Selected(found.rule, found.match, listener.name)
            if listener.hostname:
                # The most specific listener owns its host (Gateway API, Listener isolation).
                break
        raise RouteNotFound


def hostname_holds(pattern: str, host: str) -> bool:
    """Whether a hostname ("" for any, ``*.`` for one or more labels) holds a host."""
    if not pattern:
        return True
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and len(host) > len(pattern) - 1
    return pattern == host


def hosts_by_specificity(hostnames: Mapping[str, object], host: str) -> list[str]:
    """Those of the hostnames that hold the host: exact, then the longest wildcard, then any."""
    held = [one for one in hostnames if hostname_holds(one, host)]
    return sorted(held, key=specificity)


def specificity(hostname: str) -> tuple[bool, bool, int]:
    """Sort key of a hostname, most specific first."""
    return (hostname == "", hostname.startswith("*."), -len(hostname))


def plain_path(path: str) -> str:
    """The path without dot segments (RFC 3986 §5.2.4), encoded dots included.

    Matching and forwarding both use it, so that ``/openai/../metrics`` means one thing only.
    """
    if not path.startswith("/") or ("." not in path and "%2" not in path):
        return path or "/"
    out: list[str] = []
    elements = path.split("/")[1:]
    for position, element in enumerate(elements):
        dots = element.replace("%2e", ".").replace("%2E", ".")
        if dots not in {".", ".."}:
            out.append(element)
            continue
        if dots == ".." and out:
            out.pop()
        if position == len(elements) - 1:
            out.append("")
    return "/" + "/".join(out)
