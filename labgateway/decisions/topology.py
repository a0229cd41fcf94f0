"""The ways that requests can go, listener → route → backend → provider, and what went along them.

Read from objects as ``kubectl get -o json`` shows them and from exchanges.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.mentions import Mention, key_of, mentions
from labgateway.decisions.stations import (
    OWN_ADDRESS,
    Column,
    Station,
    backend,
    listener_id,
    listeners,
    missing,
    providers,
    route,
)
from labgateway.shapes.resource import Key

Json = Mapping[str, Any]
Attached = Mapping[Key, Sequence[tuple[Key, str]]]  # route → (Gateway, listener) that take it
_Way = tuple[str, ...]  # names as exchanges have them, of both ends of an edge


class Traffic(NamedTuple):
    """Requests along an edge, those that failed, and the tokens that they took."""

    requests: int = 0
    errors: int = 0
    tokens: int = 0

    def plus(self, exchange: Exchange) -> Traffic:
        """One more."""
        usage = exchange.usage
        failed = exchange.status >= 400 or exchange.error is not None
        tokens = (usage.input_tokens or 0) + (usage.output_tokens or 0)
        return Traffic(self.requests + 1, self.errors + failed, self.tokens + tokens)


NO_TRAFFIC = Traffic()


@dataclass(frozen=True)
class Edge:
    """A way between two stations; ``said`` is what the reference adds: a weight."""

    source: str
    target: str
    said: str = ""
    way: _Way = ()
    traffic: Traffic = NO_TRAFFIC


@dataclass(frozen=True)
class Topology:
    """All stations, all edges between them, and the requests that no route took."""

    stations: tuple[Station, ...]
    edges: tuple[Edge, ...]
    unrouted: Traffic = NO_TRAFFIC

    @cached_property
    def by_id(self) -> dict[str, Station]:
        """The stations by their ids."""
        return {one.id: one for one in self.stations}

    def column(self, column: Column) -> list[Station]:
        """The stations of a column, in their order."""
        return [one for one in self.stations if one.column == column]

    def after(self, station: Station) -> list[tuple[Edge, Station]]:
        """Where a station leads."""
        return [(one, self.by_id[one.target]) for one in self.edges if one.source == station.id]

    @cached_property
    def detached(self) -> list[Station]:
        """Routes and backends that nothing leads to."""
        reached = {one.target for one in self.edges}
        inner = [one for one in self.stations if one.column in {"route", "backend"}]
        return [one for one in inner if one.id not in reached]


def topology(
    manifests: Sequence[Json], attached: Attached, exchanges: Iterable[Exchange]
) -> Topology:
    """What is there, with the traffic of these exchanges."""
    of_kind: dict[str, list[Json]] = {}
    for one in manifests:
        of_kind.setdefault(one["kind"], []).append(one)
    routes = of_kind.get("HTTPRoute", [])
    stations = [each for one in of_kind.get("Gateway", ()) for each in listeners(one)]
    stations += [_route(one, attached) for one in routes]
    edges = [*_to_routes(attached), *_to_backends(routes)]
    known = {str(key_of(one)): one for one in _served(of_kind, {one.target for one in edges})}
    stations += [backend(one, manifests) for one in known.values()]
    for key, one in known.items():
        for station, _model in providers(one):
            stations.append(station)
            edges.append(Edge(key, station.id, way=_to_provider(one, station)))
    named = {str(one.target): one.target for each in routes for one in _backend_mentions(each)}
    stations += [missing(key) for name, key in sorted(named.items()) if name not in known]
    return _with_traffic(stations, edges, exchanges)


def stood_in(drawn: Topology, by: str) -> Topology:
    """The topology with who answers here in place of a provider at its own address."""
    stations = tuple(
        replace(one, facts=(by,)) if one.facts == (OWN_ADDRESS,) else one for one in drawn.stations
    )
    return replace(drawn, stations=stations)


def _route(manifest: Json, attached: Attached) -> Station:
    made = route(manifest)
    if not attached.get(key_of(manifest)):
        return replace(made, loose="no listener takes it")
    return made


def _with_traffic(
    stations: Iterable[Station], edges: Iterable[Edge], exchanges: Iterable[Exchange]
) -> Topology:
    counted: dict[_Way, Traffic] = {}
    unrouted = NO_TRAFFIC
    for one in exchanges:
        if one.route is None:
            unrouted = unrouted.plus(one)
        for way in _ways(one):
            counted[way] = counted.get(way, NO_TRAFFIC).plus(one)
    by_id = {one.id: one for one in stations}
    drawn = [
        replace(one, traffic=counted.get(one.way, NO_TRAFFIC))
        for one in edges
        if one.source in by_id and one.target in by_id
    ]
    return Topology(tuple(by_id.values()), tuple(drawn), unrouted)


def _ways(exchange: Exchange) -> Iterator[_Way]:
    """The edges that a request went along, as far as it came."""
    if exchange.route is None:
        return
    yield exchange.gateway or "", exchange.listener or "", exchange.route
    if exchange.backend is not None:
        yield exchange.route, exchange.backend
        if exchange.sent_ns is not None:
            yield "", exchange.backend, "", exchange.provider or ""


def _to_routes(attached: Attached) -> Iterator[Edge]:
    for key, places in attached.items():
        for gateway, listener in places:
            way = (_name(gateway), listener, _name(key))
            yield Edge(listener_id(gateway, listener), str(key), way=way)


def _to_backends(routes: Iterable[Json]) -> Iterator[Edge]:
    """One edge for each pair, with the weights where a rule has several backends."""
    for manifest in routes:
        weights: dict[Key, dict[str, None]] = {}
        for one in _backend_mentions(manifest):
            rule, ref = (int(part.partition("]")[0]) for part in one.field.split("[")[1:3])
            refs = manifest["spec"]["rules"][rule]["backendRefs"]
            said = weights.setdefault(one.target, {})
            if len(refs) > 1:
                said[f"weight {refs[ref].get('weight', 1)}"] = None
        key = key_of(manifest)
        for target, said in weights.items():
            yield Edge(str(key), str(target), ", ".join(said), (_name(key), _name(target)))


def _backend_mentions(manifest: Json) -> list[Mention]:
    """Those in backendRefs of rules; not the mirrors of filters."""
    found = mentions(manifest)
    return [one for one in found if ".backendRefs[" in one.field and ".filters[" not in one.field]


def _served(of_kind: Mapping[str, list[Json]], targets: set[str]) -> Iterator[Json]:
    """The backends; Services only when a route leads to them."""
    yield from of_kind.get("AgentgatewayBackend", ())
    yield from (one for one in of_kind.get("Service", ()) if str(key_of(one)) in targets)


def _to_provider(manifest: Json, provider: Station) -> _Way:
    spoken = provider.title if manifest["spec"].get("ai") else ""
    return "", _name(key_of(manifest)), "", spoken


def _name(key: Key) -> str:
    return f"{key.namespace}/{key.name}"
