"""The pages of the console, each from what the gateway remembers at that moment."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labgateway.decisions.chats_to_try import Way, ways_in
from labgateway.decisions.exchange import Exchange
from labgateway.decisions.mentions import key_of, mentions, mentions_of
from labgateway.decisions.printing import yaml_text
from labgateway.decisions.redaction import redact
from labgateway.decisions.request_story import outcome
from labgateway.decisions.secret_values import masked
from labgateway.decisions.span_tree import by_tree
from labgateway.decisions.stations import inline_policies
from labgateway.decisions.topology import Topology, stood_in, topology
from labgateway.decisions.topology_picture import picture
from labgateway.decisions.trace_search import RANGES_S, STATUSES, Search, page_of
from labgateway.decisions.traffic_summary import summary
from labgateway.decisions.waterfall import waterfall
from labgateway.edges.console.contents import choices, latest, passed, readable, told
from labgateway.edges.console.rendering import environment
from labgateway.memory.exchanges import ExchangeLog
from labgateway.memory.observation import Place
from labgateway.memory.spans import SpanLog, joined
from labgateway.memory.store import Store
from labgateway.memory.trace_rows import TraceRows
from labgateway.shapes.resource import Key

Json = Mapping[str, Any]

# Who answers in place of a provider at its own address, as the topology has room for it.
STANDS_IN = {"local": "here: the lab's model", "simulator": "here: the simulator"}


class NotThere(Exception):
    """The page is about something that is not, or no longer, known."""


@dataclass(frozen=True)
class Sources:
    """What the pages are made of; ``keys`` are the credentials that no page may show."""

    store: Store
    log: ExchangeLog
    rows: TraceRows
    spans: SpanLog
    place: Callable[[], Place]
    keys: Callable[[], tuple[str, ...]]


class Pages:
    """HTML of each page at one moment, links in it relative to where the page is.

    ``version`` is a text that changes whenever a page would show something else.
    """

    def __init__(self, sources: Sources) -> None:
        self._from = sources
        self._place = place = sources.place()
        parts = (place.started, sources.store.version, sources.log.position, sources.rows.complete)
        known = (*parts, sources.spans.position, place.model, place.bodies, place.notices)
        self.version = hashlib.sha256(json.dumps(known).encode()).hexdigest()[:16]

    def ways(self) -> list[Way]:
        """Where a chat can be tried."""
        return ways_in(self._from.store.snapshot())

    def overview(self, range_: str) -> str:
        """The topology with its traffic, what needs attention, the latest requests."""
        exchanges = self._recent(range_)
        drawn = self._topology(exchanges)
        return self._render(
            "overview.html",
            "overview",
            "./",
            chosen=range_,
            ranges=RANGES_S,
            topology=drawn,
            picture=picture(drawn),
            summary=summary(exchanges),
            troubles=[one for one in drawn.stations if one.troubles],
            latest=latest(exchanges),
        )

    def listed(self, section: str) -> str:
        """All routes, or all backends, with status and traffic."""
        drawn = self._topology(self._from.log.recent())
        column = "route" if section == "routes" else "backend"
        incoming = {
            one.id: [edge for edge in drawn.edges if edge.target == one.id]
            for one in drawn.stations
        }
        return self._render(
            "listed.html",
            section,
            "./",
            stations=drawn.column("route" if column == "route" else "backend"),
            topology=drawn,
            incoming=incoming,
        )

    def resource(self, kind: str, namespace: str, name: str) -> str:
        """One object: manifest, conditions, references both ways, recent traffic."""
        sources = self._from
        manifests = self._manifests()
        place = ("" if namespace == "-" else namespace, name)
        found = [one for one in manifests if one["kind"] == kind and key_of(one)[2:] == place]
        if not found:
            raise NotThere(f"There is no {kind} {name} now. It may have been deleted or renamed.")
        key = key_of(found[0])
        recent = sources.log.recent()
        through = [one for one in recent if passed(one, key)]
        sections = {"HTTPRoute": "routes", "AgentgatewayBackend": "backends", "Service": "backends"}
        return self._render(
            "resource.html",
            sections.get(kind, "overview"),
            "../../../",
            key=key,
            manifest=found[0],
            yaml=redact(yaml_text(readable(found[0])), sources.keys()),
            policies=inline_policies(found[0]) if kind == "AgentgatewayBackend" else (),
            named_by=mentions_of(key, manifests),
            names=mentions(found[0]),
            known={key_of(one) for one in manifests},
            summary=summary(through),
            latest=latest(through),
            counted=len(recent),
        )

    def traces(self, search: Search) -> str:
        """The list of traces."""
        sources = self._from
        rows = sources.rows.all()
        found = sources.rows.find(search.filter(time.time())) if search.narrows else rows[::-1]
        return self._render(
            "traces.html",
            "traces",
            "./",
            search=search,
            page=page_of(found, search.page),
            known=len(rows),
            complete=sources.rows.complete,
            ranges=RANGES_S,
            statuses=STATUSES,
            models=choices(
                (each for one in rows for each in (one.request_model, one.original_model)),
                search.model,
            ),
            routes=choices((one.route for one in rows), search.route),
        )

    def trace(self, trace_id: str, span_id: str) -> str:
        """One trace: flow, tree, spans, log line, prompt and completion of one request in it."""
        exchanges = self._from.log.of_trace(trace_id)
        received = [one for one in self._from.spans.recent() if one.trace_id == trace_id]
        spans = joined(exchanges, received)
        if not exchanges and not spans:
            raise NotThere(f"No trace {trace_id} is known. It may be older than what is kept.")
        chosen = [one for one in exchanges if one.span_id == span_id] or exchanges
        return self._render(
            "trace.html",
            "traces",
            "../",
            trace_id=trace_id,
            exchanges=exchanges,
            objects=self._objects(),
            bars=waterfall(spans),
            tree=by_tree(spans),
            **(told(chosen[0]) if chosen else {"exchange": None}),
        )

    def result(self, trace_id: str) -> str:
        """How a tried chat ended: a part of a page."""
        exchanges = self._from.log.of_trace(trace_id)
        if not exchanges:
            raise NotThere(f"No trace {trace_id} is known.")
        told = {"exchange": exchanges[-1], "outcome": outcome(exchanges[-1])}
        return environment().get_template("result.html").render(**told, root="./")

    def try_it(self, chosen: str) -> str:
        """A chat through a route."""
        ways = self.ways()
        return self._render("try.html", "try", "./", ways=ways, chosen=chosen)

    def missing(self, said: str, root: str) -> str:
        """The page for what is not there."""
        return self._render("missing.html", "", root, said=said)

    def _manifests(self) -> list[Json]:
        """Objects as readers may see them."""
        every = self._from.store.all()
        return [masked(one) if one["kind"] == "Secret" else one for one in every]

    def _objects(self) -> dict[tuple[str, str], Key]:
        """The objects of today by what they are on a request's way and by namespace/name."""
        kinds = {"Service": "backend", "AgentgatewayBackend": "backend"}
        kinds |= {"HTTPRoute": "route", "Gateway": "listener"}
        keys = self._from.store.snapshot().resources
        ordered = [key for kind in kinds for key in keys if key.kind == kind]
        return {(kinds[key.kind], f"{key.namespace}/{key.name}"): key for key in ordered}

    def _attached(self) -> dict[Key, Sequence[tuple[Key, str]]]:
        snapshot = self._from.store.snapshot()
        return {key: one.listeners for key, one in snapshot.routes.items()}

    def _topology(self, exchanges: Iterable[Exchange]) -> Topology:
        drawn = topology(self._manifests(), self._attached(), exchanges)
        by = STANDS_IN.get(self._place.provider)
        return stood_in(drawn, by) if by else drawn

    def _recent(self, range_: str) -> list[Exchange]:
        since = time.time() - RANGES_S.get(range_, 0) if range_ in RANGES_S else 0.0
        return [one for one in self._from.log.recent() if one.started >= since]

    def _render(self, template: str, section: str, root: str, **contents: object) -> str:
        around = {"section": section, "root": root, "place": self._place, "version": self.version}
        return environment().get_template(template).render(**around, **contents)
