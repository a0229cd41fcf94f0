"""An exchange in the making: what is known so far, with marks in nanoseconds."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from labgateway.decisions.backends import Backend, Credential, HTTPBackend
from labgateway.decisions.body_text import KEPT_BYTES, body_text
from labgateway.decisions.chat import ChatAnswer, ChatRequest
from labgateway.decisions.exchange import Bodies, Exchange
from labgateway.decisions.routes import RequestHead, Selected
from labgateway.decisions.trace_context import TraceContext, continue_trace

Scope = MutableMapping[str, Any]

_CREDENTIALS = frozenset({b"authorization", b"api-key", b"x-api-key", b"x-goog-api-key"})
_CREDENTIAL_CHARACTERS = 16  # clients that need no key send a word there, which is no secret


@dataclass(frozen=True)
class Recording:
    """Who remembers exchanges: ``record``; whether with bodies, and which traces are sampled."""

    record: Callable[[Exchange], None]
    keep_bodies: Callable[[], bool]
    sampled: Callable[[TraceContext], bool]


class Transit:
    """Collects the facts of one request; ``finish`` makes them an ``Exchange``, once.

    Bodies are kept when ``keep_bodies`` says so both at the request's beginning and at its end.
    """

    def __init__(self, scope: Scope, bind: str, recording: Recording) -> None:
        self._start_ns = time.perf_counter_ns()
        self._headers: list[tuple[bytes, bytes]] = scope["headers"]
        trace = self._trace()
        self.trace = trace.with_sampled(recording.sampled(trace))
        self.answered = False
        self._keep_bodies = keep_bodies = recording.keep_bodies
        self._said: dict[str, bytearray] | None = {} if keep_bodies() else None
        self._secrets: tuple[str, ...] = ()
        self.finished = False
        client = scope.get("client") or ("", 0)
        self.facts: dict[str, Any] = {
            "started": time.time(),
            "trace_id": self.trace.trace_id,
            "span_id": self.trace.server_span_id,
            "client_span_id": self.trace.client_span_id,
            "parent_id": self.trace.parent_id,
            "sampled": self.trace.sampled,
            "scheme": scope["scheme"],
            "bind": bind,
            "method": scope["method"],
            "host": "",
            "path": scope["raw_path"].decode("latin-1"),
            "http_version": f"HTTP/{scope['http_version']}",
            "source": f"{client[0]}:{client[1]}",
            "client_authorization": any(name == b"authorization" for name, _ in self._headers),
        }

    def _trace(self) -> TraceContext:
        ids = (secrets.token_hex(16), secrets.token_hex(8), secrets.token_hex(8))
        return continue_trace(self._all(b"traceparent"), ids, self._all(b"tracestate"))

    def _all(self, header: bytes) -> list[str]:
        return [value.decode("latin-1") for name, value in self._headers if name == header]

    def mark(self, moment: str) -> None:
        """Note when something happened; the first time counts."""
        if self.facts.get(moment) is None:
            self.facts[moment] = time.perf_counter_ns() - self._start_ns

    def selected(self, head: RequestHead, selected: Selected, gateway: str) -> None:
        """A rule was found."""
        self.mark("selected_ns")
        rule = selected.rule
        path = selected.match.path
        self.facts |= {
            "gateway": gateway,
            "listener": selected.listener,
            "route": f"{rule.route.namespace}/{rule.route.name}",
            "route_rule": rule.name,
            "path_match": path.value.rstrip("/") + "/*"
            if path.type == "PathPrefix"
            else path.value,
            "host": head.host,
        }

    def sends(self, backend: Backend, request: ChatRequest) -> None:
        """It is known what goes to the provider."""
        self._credential(backend.credential)
        self.facts |= {
            "provider": backend.provider,
            "original_model": request.original_model,
            "request_model": request.request_model,
            "stream": request.stream,
            "drop_usage": request.drop_usage,
            "fields": request.fields,
            "roles": request.roles,
            "parameters": request.parameters,
            "request_bytes": len(request.body),
        }
        self.mark("sent_ns")

    def passes(self, backend: HTTPBackend) -> None:
        """The request goes as it is."""
        self._credential(backend.credential)
        self.mark("sent_ns")

    def _credential(self, credential: Credential | None) -> None:
        if credential is not None:
            self._secrets = (credential.token,)
        whose = "client" if self.facts["client_authorization"] else "none"
        self.facts["credential"] = "secret" if credential is not None else whose

    def answer(self, answer: ChatAnswer) -> None:
        """The provider said which model answered and what was used."""
        self.facts |= {
            "response_model": answer.response_model,
            "response_id": answer.response_id,
            "usage": answer.usage,
            "finish_reasons": answer.finish_reasons,
        }

    def said(self, name: str, content: bytes) -> None:
        """Note what was said, or a further part of it, while bodies are kept."""
        if self._said is not None:
            kept = self._said.setdefault(name, bytearray())
            kept += content[: max(KEPT_BYTES - len(kept), 0)]

    def finish(self, status: int, reason: str = "Upstream", error: str | None = None) -> Exchange:
        """The exchange as it is remembered."""
        self.finished = True
        self.mark("ended_ns")
        bodies = self._bodies() if self._said is not None and self._keep_bodies() else None
        return Exchange(**self.facts, status=status, reason=reason, error=error, bodies=bodies)

    def _bodies(self) -> Bodies:
        """What was said as text, without the provider's key and the client's."""
        credentials = (*self._secrets, *self._client_credentials())
        events = self.facts.get("stream", False)
        return Bodies(
            **{
                name: body_text(bytes(content), credentials, events=events and name == "response")
                for name, content in (self._said or {}).items()
            }
        )

    def _client_credentials(self) -> list[str]:
        given = [value.decode("latin-1") for name, value in self._headers if name in _CREDENTIALS]
        tokens = [one.strip().rpartition(" ")[2] for one in given]
        return [one for one in tokens if len(one) >= _CREDENTIAL_CHARACTERS]
