"""What an outsider can observe of the lab: all that a check ever sees."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from labgateway.decisions.access_log import from_record, to_record
from labgateway.decisions.backends import Backend
from labgateway.decisions.environment import BIND
from labgateway.decisions.exchange import Exchange
from labgateway.decisions.metric_families import Sample
from labgateway.decisions.reconcile import Snapshot, reconcile
from labgateway.decisions.routes import RequestHead, Selected, plain_path
from labgateway.decisions.spans import Span
from labgateway.memory.doings import Answer, Attempt, Raised, attempt_from
from labgateway.memory.spans import from_json as span_from_json
from labgateway.memory.spans import to_json as span_to_json
from labgateway.shapes.gateway_api import HTTPRoute
from labgateway.shapes.kinds import kind_of
from labgateway.shapes.resource import Key, Resource
from labgateway.words.errors import RouteNotFound

Json = dict[str, Any]
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Place:
    """Where the lab runs: its URLs, provider mode, and since when (Unix time).

    ``bodies``: prompts and answers are being kept in log and spans.
    """

    gateway_url: str
    metrics_url: str
    provider: str
    model: str
    started: float
    notices: tuple[str, ...] = ()
    bodies: bool = False


@dataclass(frozen=True)
class Observation:
    """Resources with status, attempts, exchanges, answers and the last exception, at one moment.

    ``manifests`` are the objects as ``kubectl get -o json`` shows them, Secrets without values.
    """

    place: Place
    manifests: tuple[Json, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    answers: Mapping[str, Answer] = field(default_factory=dict)
    raised: Raised | None = None
    hints: Mapping[str, int] = field(default_factory=dict)
    reset_at: Mapping[str, float] = field(default_factory=dict)
    passed_at: Mapping[str, float] = field(default_factory=dict)
    samples: tuple[Sample, ...] = ()
    spans: tuple[Span, ...] = ()  # those that came from outside

    @cached_property
    def resources(self) -> dict[Key, Resource]:
        """The manifests as typed resources."""
        typed = {}
        for manifest in self.manifests:
            kind = kind_of(manifest["apiVersion"], manifest["kind"])
            if kind is not None:
                resource = kind.shape.model_validate_json(_dump(manifest))
                typed[resource.key] = resource
        return typed

    @cached_property
    def snapshot(self) -> Snapshot:
        """What is in force, decided from the resources as the gateway decides it."""
        return reconcile(self.resources)

    def of_kind(self, kind: str) -> list[Resource]:
        """The resources of a kind, by namespace and name."""
        return [one for key, one in sorted(self.resources.items()) if key.kind == kind]

    def manifest(self, key: Key) -> Json | None:
        """One object as JSON, with status."""
        for one in self.manifests:
            metadata = one["metadata"]
            if (one["kind"], metadata.get("namespace", ""), metadata["name"]) == key[1:]:
                return one
        return None

    def select(
        self,
        path: str,
        *,
        method: str = "POST",
        host: str = "localhost",
        headers: Mapping[str, str] = _NOTHING,
    ) -> Selected | None:
        """The rule that a request would meet on the lab's own Gateway; None is a 404.

        Header names are lower case.
        """
        table = self.snapshot.tables.get(BIND)
        if table is None:
            return None
        try:
            return table.match(RequestHead(method, host, plain_path(path), headers=headers))
        except RouteNotFound:
            return None

    def routes_holding(self, path: str) -> list[HTTPRoute]:
        """Attached routes of which a match would take the path, whichever wins."""
        selected = []
        for route in self.of_kind("HTTPRoute"):
            assert isinstance(route, HTTPRoute)
            alone = {k: r for k, r in self.resources.items() if r.kind != "HTTPRoute"}
            if self.supposing({**alone, route.key: route}).select(path) is not None:
                selected.append(route)
        return selected

    def supposing(self, resources: Mapping[Key, Resource]) -> Observation:
        """What would be in force with these resources instead."""
        supposed = Observation(self.place)
        supposed.__dict__["resources"] = dict(resources)
        return supposed

    def backend(self, key: Key) -> Backend | None:
        """The backend in force under a key."""
        return self.snapshot.backends.get(key)

    def condition(self, key: Key, type_: str) -> Json | None:
        """A condition of an object, of a route's first parent that has it."""
        found = conditions_of(self.manifest(key) or {})
        return next((one for one in found if one["type"] == type_), None)

    def llm_exchanges(self) -> list[Exchange]:
        """Exchanges that went to a model, oldest first."""
        return [one for one in self.exchanges if one.request_model is not None]

    def to_json(self) -> Json:
        """As the admin port serves it; exchanges as lines of their journal, read."""
        rest = replace(self, exchanges=(), samples=(), spans=())
        return {
            **asdict(rest),
            "exchanges": [to_record(one) for one in self.exchanges],
            "samples": [one._asdict() for one in self.samples],
            "spans": [span_to_json(one) for one in self.spans],
        }


def conditions_of(manifest: Json) -> list[Json]:
    """The conditions of an object, then those of a route's parents."""
    status = manifest.get("status") or {}
    groups = [status, *status.get("parents", [])]
    return [one for group in groups for one in group.get("conditions", [])]


def from_json(payload: Json) -> Observation:
    """An observation as the admin port served it."""
    return Observation(
        place=Place(**{**payload["place"], "notices": tuple(payload["place"]["notices"])}),
        manifests=tuple(payload["manifests"]),
        attempts=tuple(attempt_from(one) for one in payload["attempts"]),
        exchanges=tuple(from_record(one) for one in payload["exchanges"]),
        answers={name: Answer(**one) for name, one in payload["answers"].items()},
        raised=Raised(**payload["raised"]) if payload["raised"] else None,
        hints=payload["hints"],
        reset_at=payload["reset_at"],
        passed_at=payload["passed_at"],
        samples=tuple(Sample(**one) for one in payload["samples"]),
        spans=tuple(span_from_json(one) for one in payload["spans"]),
    )


def _dump(manifest: Json) -> str:
    return json.dumps({name: value for name, value in manifest.items() if name != "status"})
