"""A learner at work: applies texts as kubectl does, sends requests, and can be observed."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from labgateway.decisions.admission import admit
from labgateway.decisions.chat import Usage
from labgateway.decisions.environment import (
    LOCAL_SECRET,
    OPENAI_SECRET,
    first_manifests,
    provider_secret,
)
from labgateway.decisions.exchange import Exchange
from labgateway.decisions.manifests import Document, parse, unwrap
from labgateway.decisions.redaction import redact, without_inline_key
from labgateway.memory.observation import Observation, Place
from labgateway.memory.progress import Answer, Attempt, AttemptedDocument, Problem, Raised
from labgateway.memory.store import Store
from labgateway.shapes.kinds import Kind, kind_of
from labgateway.shapes.resource import Key
from labgateway.words.errors import KubernetesError

START = 1_800_000_000.0
MINUTE = 60.0
PLACE = Place("http://localhost:8080", "http://localhost:15020/metrics", "local", "ready", START)
KEPT = base64.b64encode(b"Bearer kept").decode()


class Learner:
    """Every act takes a minute; ``text`` is applied first, when given."""

    def __init__(self, text: str = "") -> None:
        self.now = START
        self.store = Store(None, lambda: datetime.fromtimestamp(self.now, UTC))
        self.attempts: list[Attempt] = []
        self.exchanges: list[Exchange] = []
        self.answers: dict[str, Answer] = {}
        self.hints: dict[str, int] = {}
        self.reset_at: dict[str, float] = {}
        self.raised: Raised | None = None
        self.place = PLACE
        for manifest in first_manifests():
            self.store.create(_kind(manifest), manifest)
        for name in (OPENAI_SECRET, LOCAL_SECRET):
            secret = provider_secret(name, "not-a-key")
            self.store.provide(_kind(secret), secret)
        if text:
            self.apply(text)

    def apply(self, text: str) -> Learner:
        """``%%kubectl apply -f -``: documents in order, up to one that is not YAML."""
        self.now += MINUTE
        outcomes: list[AttemptedDocument] = []
        for document in parse(unwrap(text)):
            unread = any(one.outcome == "unreadable" for one in outcomes)
            outcomes.append(_skipped(document) if unread else self._take(document, text))
        self.attempts.append(Attempt(self.now, "notebook", redact(text), tuple(outcomes)))
        return self

    def kubectl(self, text: str) -> Learner:
        """The real kubectl in a terminal: each write is seen by itself, without text or lines."""
        self.apply(text)
        last = self.attempts.pop()
        for one in last.documents:
            if one.outcome in {"refused", "created", "configured"}:
                blind = tuple(replace(p, line=None, source="") for p in one.problems)
                seen = replace(one, number=1, first_line=1, problems=blind, manifest={})
                self.attempts.append(Attempt(self.now, "kubectl", "", (seen,)))
        return self

    def delete(self, key: Key) -> Learner:
        """``kubectl delete``."""
        self.store.delete(key)
        return self

    def send(self, path: str = "/openai", status: int = 200, **facts: Any) -> Learner:
        """A request as the gateway would record it; an answered one unless a status is given."""
        self.now += MINUTE
        answered: dict[str, Any] = {
            "route": "agentgateway-system/openai",
            "backend": "agentgateway-system/openai-all-models",
            "provider": "openai",
            "original_model": "gpt-4o-mini",
            "request_model": "gpt-4o-mini",
            "credential": "secret",
            "roles": ("user",),
            "fields": ("model", "messages"),
        }
        if status == 200:
            answered |= {
                "response_model": "SmolLM2-135M-Instruct",
                "response_id": f"chatcmpl-{len(self.exchanges)}",
                "usage": Usage(12, 34),
            }
        refused = "error" in facts and "request_model" not in facts and status != 200
        exchange = Exchange(
            **{
                "started": self.now,
                "trace_id": "0" * 32,
                "span_id": "0" * 16,
                "method": "POST",
                "host": "localhost",
                "path": path,
                "http_version": "HTTP/1.1",
                "source": "127.0.0.1:50000",
                "status": status,
                "reason": "NotFound" if refused else "Upstream",
                **({} if refused else answered),
                **facts,
            }
        )
        self.exchanges.append(exchange)
        return self

    def cell_raised(self, type_: str, message: str, code: str = "") -> Learner:
        """A cell that ended in an exception."""
        self.now += MINUTE
        self.raised = Raised(type_, message, code, self.now)
        return self

    def observe(self) -> Observation:
        """What the lab would show to a check."""
        return Observation(
            self.place,
            tuple(_without_values(one) for one in self.store.all()),
            tuple(self.attempts),
            tuple(self.exchanges),
            dict(self.answers),
            self.raised,
            dict(self.hints),
            dict(self.reset_at),
        )

    def _take(self, document: Document, text: str) -> AttemptedDocument:
        if document.error is not None:
            line = document.error.line
            problem = Problem("", str(document.error), line, _line(text, line))
            return AttemptedDocument(
                document.number,
                document.first_line,
                "",
                "",
                "",
                "unreadable",
                f"error parsing STDIN: error converting YAML to JSON: {document.error}",
                (problem,),
            )
        if not isinstance(document.data, dict):
            problem = Problem("", "invalid object to validate", document.first_line)
            return AttemptedDocument(
                document.number, document.first_line, "", "", "", "unreadable", "", (problem,)
            )
        return self._put(document, text)

    def _put(self, document: Document, text: str) -> AttemptedDocument:
        data = document.data
        metadata = {"namespace": "default", **(data.get("metadata") or {})}
        one = AttemptedDocument(
            document.number,
            document.first_line,
            str(data.get("kind") or ""),
            str(metadata["namespace"]),
            str(metadata.get("name") or ""),
            "",
            manifest=data,
        )
        kind = kind_of(str(data.get("apiVersion")), str(data.get("kind")))
        if kind is None:
            why = f'no matches for kind "{one.kind}" in version "{data.get("apiVersion", "")}"'
            problem = Problem("kind", why, document.line("kind"), "")
            return replace(one, outcome="refused", message=why, problems=(problem,))
        if Key("", "Namespace", "", one.namespace) not in self.store.snapshot().resources:
            why = f'namespaces "{one.namespace}" not found'
            return replace(one, outcome="refused", message=why, problems=(Problem("", why),))
        stored, _ = without_inline_key({**data, "metadata": metadata})
        try:
            key = admit(kind, stored).resource.key
            known = key in self.store.snapshot().resources
            (self.store.replace if known else self.store.create)(kind, stored)
        except KubernetesError as error:
            problems = []
            for cause in error.causes:
                line = document.line(cause.field)
                problems.append(Problem(cause.field, cause.message, line, _line(text, line)))
            return replace(one, outcome="refused", message=str(error), problems=tuple(problems))
        return replace(one, outcome="configured" if known else "created")


def _skipped(document: Document) -> AttemptedDocument:
    return AttemptedDocument(document.number, document.first_line, "", "", "", "skipped")


def _kind(manifest: dict[str, Any]) -> Kind:
    kind = kind_of(manifest["apiVersion"], manifest["kind"])
    assert kind is not None
    return kind


def _line(text: str, number: int | None) -> str:
    lines = text.splitlines()
    return lines[number - 1] if number and number <= len(lines) else ""


def _without_values(manifest: dict[str, Any]) -> dict[str, Any]:
    if manifest["kind"] != "Secret":
        return manifest
    return {**manifest, "data": dict.fromkeys(manifest.get("data", {}), KEPT)}
