"""A learner at work: applies texts as kubectl does, sends requests, and can be observed."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from checks.llm_routing import CHALLENGE
from labgateway.decisions.chat import Usage
from labgateway.decisions.environment import (
    LOCAL_SECRET,
    OPENAI_SECRET,
    first_manifests,
    provider_secret,
)
from labgateway.decisions.exchange import Bodies, Exchange
from labgateway.decisions.manifests import parse, unwrap
from labgateway.decisions.redaction import redact
from labgateway.decisions.spans import Kind as Kind_
from labgateway.decisions.spans import Span
from labgateway.memory.doings import Answer, Attempt, AttemptedDocument, Raised
from labgateway.memory.metrics import Metrics
from labgateway.memory.observation import Observation, Place
from labgateway.memory.store import Store
from labgateway.shapes.kinds import Kind, kind_of
from labgateway.shapes.resource import Key
from tests.checks.documents import skipped, take

START = 1_800_000_000.0
MINUTE = 60.0
PLACE = Place("http://localhost:8080", "http://localhost:15020/metrics", "local", "ready", START)
# Nanoseconds: a model that takes 588 of 600 ms.
MARKS = {
    "selected_ns": 1_000_000,
    "sent_ns": 4_000_000,
    "headers_ns": 500_000_000,
    "received_ns": 592_000_000,
    "ended_ns": 600_000_000,
    "path_match": "/openai/*",
}
QUESTIONS = [one for step in CHALLENGE.steps for one in step.questions]
KEPT = base64.b64encode(b"Bearer kept").decode()


class Learner:
    """Every act takes a minute; ``text`` is applied first, when given."""

    def __init__(self, text: str = "") -> None:
        self.now = START
        self.store = Store(None, lambda: datetime.fromtimestamp(self.now, UTC))
        self.attempts: list[Attempt] = []
        self.exchanges: list[Exchange] = []
        self.spans: list[Span] = []
        self.metrics = Metrics()
        self.answers: dict[str, Answer] = {}
        self.hints: dict[str, int] = {}
        self.reset_at: dict[str, float] = {}
        self.passed_at: dict[str, float] = {}
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
            outcomes.append(skipped(document) if unread else take(self.store, document, text))
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
            answered |= MARKS | {
                "response_model": "SmolLM2-135M-Instruct",
                "response_id": f"chatcmpl-{len(self.exchanges)}",
                "usage": Usage(12, 34),
            }
        refused = "error" in facts and "request_model" not in facts and status != 200
        exchange = Exchange(
            **{
                "started": self.now,
                "trace_id": f"{len(self.exchanges):032x}",
                "span_id": f"{len(self.exchanges):016x}",
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
        self.metrics.record(exchange)
        return self

    def traced(self, path: str = "/openai", status: int = 200, **facts: Any) -> Learner:
        """A request inside a span of the learner's, which arrives when it has ended."""
        number = len(self.exchanges)
        linked = {"trace_id": f"{number:032x}", "parent_id": f"{number:015x}c"}
        self.send(path, status, **{**linked, **facts})
        last = self.exchanges[-1]
        start_ns = round(last.started * 1e9) - 2_000_000
        return self.span(linked["trace_id"], linked["parent_id"], start_ns, 610_000_000)

    def span(
        self, trace_id: str, span_id: str, start_ns: int, lasts_ns: int, kind: Kind_ = "CLIENT"
    ) -> Learner:
        """A span that the learner's own SDK sent."""
        ends_ns = start_ns + lasts_ns
        one = Span(trace_id, span_id, None, "ask", kind, start_ns, ends_ns, service="notebook")
        self.spans.append(one)
        return self

    def together(self, *prompts: str, apart_s: float = 0.01, **facts: Any) -> Learner:
        """Requests that begin so far apart, each of 0.6 s; bodies are kept unless said."""
        self.now += MINUTE
        began = self.now
        for index, prompt in enumerate(prompts):
            body = json.dumps({"messages": [{"role": "user", "content": prompt}]})
            told = {"bodies": Bodies(body, body, "{}"), "usage": Usage(10, 1 + 2 * index)}
            self.send(**{"started": began + index * apart_s, **told, **facts})
        return self

    def answer(self, question: str, value: object) -> Learner:
        """``answer(question, value)``: kept as the lessons keep it."""
        self.now += MINUTE
        found = next(one for one in QUESTIONS if one.id == question)
        given = Answer(found.kept(value), self.now)
        self.answers[question] = given.following(self.answers.get(question))
        return self

    def restart(self) -> Learner:
        """The kernel: the gateway starts again, with its log and with new counters."""
        self.now += MINUTE
        self.place = replace(self.place, started=self.now)
        self.metrics = Metrics()
        return self

    def cell_raised(self, type_: str, message: str, code: str = "", kernel: str = "") -> Learner:
        """A cell that ended in an exception."""
        self.now += MINUTE
        self.raised = Raised(type_, message, code, self.now, kernel)
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
            dict(self.passed_at),
            tuple(self.metrics.samples()),
            spans=tuple(self.spans),
        )


def solved_up_to(number: int) -> Learner:
    """A learner who did what the solutions say, up to and with the step of this number."""
    learner = Learner()
    for one in CHALLENGE.steps:
        if one.number > number:
            break
        if one.solution.manifests:
            learner.apply(one.solution.manifests)
        request = one.solution.request
        if request is not None:
            (learner.traced if request.traced else learner.send)(request.path)
        if one.solution.together:
            learner.together(
                *(each.body["messages"][0]["content"] for each in one.solution.together)
            )
        for question, value in one.solution.answers(learner.observe()).items():
            learner.answer(question, value)
    return learner


def _kind(manifest: dict[str, Any]) -> Kind:
    kind = kind_of(manifest["apiVersion"], manifest["kind"])
    assert kind is not None
    return kind


def _without_values(manifest: dict[str, Any]) -> dict[str, Any]:
    if manifest["kind"] != "Secret":
        return manifest
    return {**manifest, "data": dict.fromkeys(manifest.get("data", {}), KEPT)}
