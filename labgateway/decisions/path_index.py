"""Matches of a hostname, found by path without looking at every route."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from labgateway.decisions.header_index import HeaderIndex, Wanted
from labgateway.decisions.patterns import Pattern
from labgateway.decisions.routes import RequestHead, Rule
from labgateway.shapes.filters import PATH_LIMIT
from labgateway.shapes.gateway_api import RouteMatch


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

    @property
    def wanted(self) -> Wanted | None:
        """A header that a request has to have for this match, if it asks for one by its value."""
        exact = ((name, one.value) for name, one in self.headers if one.pattern is None)
        return next(exact, None)


_order = operator.attrgetter("order")
ByPath = Mapping[str, tuple[Candidate, ...]]
Together = Mapping[str, tuple[Candidate, ...] | HeaderIndex[Candidate]]
FEW = 8  # candidates of one path that are looked at one by one


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
    def _exact(self) -> Together:
        return _together(one.exact for one in self._routes)

    @cached_property
    def _prefix(self) -> Together:
        return _together(one.prefix for one in self._routes)

    @cached_property
    def _regular(self) -> list[Candidate]:
        return sorted(
            itertools.chain.from_iterable(one.regular for one in self._routes),
            key=lambda one: (-len(one.match.path.value), one.order),
        )

    def find(self, head: RequestHead) -> Candidate | None:
        """The most specific candidate that takes the request."""
        return next((one for one in self._possible(head) if one.takes(head)), None)

    def _possible(self, head: RequestHead) -> Iterator[Candidate]:
        yield from _of_path(self._exact.get(head.path, ()), head)
        for prefix in element_prefixes(head.path):
            yield from _of_path(self._prefix.get(prefix, ()), head)
        for candidate in self._regular:
            if candidate.path is not None and candidate.path.holds(head.path):
                yield candidate


def _of_path(
    found: tuple[Candidate, ...] | HeaderIndex[Candidate], head: RequestHead
) -> Iterable[Candidate]:
    return found.possible(head.headers) if isinstance(found, HeaderIndex) else found


def _together(routes: Iterable[ByPath]) -> Together:
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
    many = {
        path: HeaderIndex((one.wanted, one) for one in candidates)
        for path, candidates in merged.items()
        if len(candidates) > FEW
    }
    return {**merged, **many}


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
