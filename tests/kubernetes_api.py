"""The Kubernetes API over a store in memory, on a loopback port; manifests, good and bad."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
from fastapi import FastAPI

from labgateway.decisions.access_log import json_line
from labgateway.decisions.exchange import Exchange
from labgateway.decisions.workloads import Process
from labgateway.edges.kubernetes import kubernetes_api
from labgateway.edges.pod_logs import PodLogs
from labgateway.edges.serving import Loop, bind, port_of, served
from labgateway.edges.watches import Watches
from labgateway.edges.workloads import Workloads
from labgateway.memory.exchanges import ExchangeLog
from labgateway.memory.store import Store
from labgateway.shapes.kinds import kind_of
from labgateway.words.errors import KubernetesError

Json = dict[str, Any]

DATA = Path(__file__).parent / "data"
PUBLISHED = (DATA / "published.yaml").read_text(encoding="utf-8")
KEPT_KEY = "QmVhcmVyIHNrLWNhbmFyeS0wMTIzNDU2Nzg5"  # Bearer sk-canary-0123456789

ROUTE = """apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: openai
  namespace: agentgateway-system
spec:
  parentRefs:
    - name: agentgateway
  rules:
    - matches:
        - path:
            type: PathPrefix
            value: /openai
      backendRefs:
        - name: openai-all-models
          group: agentgateway.dev
          kind: AgentgatewayBackend
      timeouts:
        request: "120s"
"""
BACKEND = """apiVersion: agentgateway.dev/v1alpha1
kind: AgentgatewayBackend
metadata:
  name: openai-all-models
  namespace: agentgateway-system
spec:
  ai:
    provider:
      openai:
        model: gpt-4o
  policies:
    auth:
      secretRef:
        name: openai-secret
"""
SECRET = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: mine\n"
PROCESS = Process(started=1_767_225_600.5, gateway_port=8080, stats_port=15020)
NAMESPACES = ("default", "agentgateway-system")
_GATEWAY = {"name": "agentgateway", "namespace": "agentgateway-system"}
_LISTENER = {"name": "http", "port": 8080, "protocol": "HTTP"}


def changed(text: str, old: str, new: str) -> str:
    """A text with one mistake made."""
    assert old in text, old
    return text.replace(old, new, 1)


# What a learner got wrong → the manifest. Each of these ends with exit code 1.
BAD_MANIFESTS = {
    "model beside openai": changed(BACKEND, "        model", "      model"),
    "openai is null": changed(BACKEND, "        model: gpt-4o\n", ""),
    "model is empty": changed(BACKEND, "gpt-4o", '""'),
    "provider is a word": changed(
        BACKEND, "    provider:\n      openai:\n        model: gpt-4o", "    provider: openai"
    ),
    "a tab": changed(BACKEND, "      openai:", "\topenai:"),
    "no such namespace": changed(BACKEND, "agentgateway-system", "nowhere"),
    "an illegal name": changed(BACKEND, "openai-all-models", "openai_all_models"),
    "a version that is not served": changed(BACKEND, "dev/v1alpha1", "dev/v1"),
    "an old group": changed(BACKEND, "agentgateway.dev/", "gateway.kgateway.dev/"),
    "a kind in the wrong case": changed(ROUTE, "kind: HTTPRoute", "kind: HttpRoute"),
    "no kind": changed(ROUTE, "kind: HTTPRoute\n", ""),
    "no apiVersion": changed(ROUTE, "apiVersion: gateway.networking.k8s.io/v1\n", ""),
    "no name": changed(ROUTE, "  name: openai\n", ""),
    "Prefix for PathPrefix": changed(ROUTE, "PathPrefix", "Prefix"),
    "a relative path": changed(ROUTE, "value: /openai", "value: openai"),
    "matches is a mapping": changed(ROUTE, "        - path:", "          path:"),
    "a duration without unit": changed(ROUTE, '"120s"', "120"),
    "a duration in words": changed(ROUTE, '"120s"', '"2 min"'),
    "a Service without port": changed(
        ROUTE, "          group: agentgateway.dev\n          kind: AgentgatewayBackend\n", ""
    ),
    "two mistakes": changed(changed(ROUTE, "PathPrefix", "Prefix"), '"120s"', "120x"),
    "two unknown fields": changed(ROUTE, "spec:\n", "spec:\n  zoo: 1\n  bar: 2\n"),
    "a list": "- a\n- b\n",
    "a word": "hello\n",
    "nothing": "",
    "comments only": "# nothing\n---\n",
    "a number as label": changed(ROUTE, "  name: openai\n", "  name: openai\n  labels: {a: 1}\n"),
    "a number as name": changed(ROUTE, "name: openai\n", "name: 12\n"),
    "metadata is a word": "apiVersion: v1\nkind: Secret\nmetadata: x\n",
    "no spec": BACKEND[: BACKEND.index("spec:")],
    "data that is not base64": f"{SECRET}data:\n  key: not base64!\n",
    "data that is a number": f"{SECRET}data:\n  key: 1\n",
    "a name with a slash": changed(ROUTE, "name: openai\n", "name: open/ai\n"),
    "a kind of another cluster": "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: x}\n",
    "a Deployment": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n",
    "a Pod": "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: []}\n",
    "an unknown anchor": "a: *nope\n",
    "an open quote": changed(BACKEND, "gpt-4o", '"gpt-4o'),
    "a YAML bomb": "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(8)
    ),
    "bad, then broken, then good": "---\n".join(
        (changed(BACKEND, "openai-all-models", "a_b"), "a: [\n", changed(BACKEND, "openai-", ""))
    ),
    "unknown kind, then bad": "---\n".join(
        (
            changed(BACKEND, "dev/v1alpha1", "dev/v1"),
            changed(BACKEND, "openai-all-models", "a_b"),
        )
    ),
}


def exchange(number: int, **changes: Any) -> Exchange:
    """A request that was answered ``number`` seconds after the gateway's start."""
    facts: Json = {
        "started": PROCESS.started + number,
        "trace_id": f"{number:032x}",
        "span_id": f"{number:016x}",
        "method": "POST",
        "host": "localhost",
        "path": f"/{number}",
        "http_version": "HTTP/1.1",
        "source": "127.0.0.1:51234",
        "status": 200,
        "ended_ns": 250_000_000,
    }
    return Exchange(**{**facts, **changes})


@dataclass
class Api:
    """A served API: where it is, and what its callbacks heard."""

    url: str
    store: Store
    log: ExchangeLog
    refused: list[tuple[Json, KubernetesError]] = field(default_factory=list)
    applied: list[tuple[str, Json]] = field(default_factory=list)

    def client(self) -> httpx.Client:
        """A client whose base URL is the API."""
        return httpx.Client(base_url=self.url, trust_env=False, timeout=20)


class Front:
    """A port that stays; each test puts an API with a store of its own behind it."""

    def __init__(self) -> None:
        self._listener = bind(0, strict=True)
        self._loop = Loop("kubernetes-api-under-test")
        self._app: Any = None
        self.url = f"http://127.0.0.1:{port_of(self._listener)}/secret"

    def __enter__(self) -> Self:
        self._loop.start(self._serve)
        return self

    def __exit__(self, *_error: object) -> None:
        self._loop.stop()

    def fresh(self) -> Api:
        """An API with the environment a learner starts in, under a path prefix."""
        api = Api(self.url, _store(), ExchangeLog(None))
        inner = FastAPI(docs_url=None, openapi_url=None)
        inner.include_router(
            kubernetes_api(
                api.store,
                Workloads(PROCESS),
                PodLogs(api.log, json_line),
                Watches(),
                on_refused=lambda manifest, error: api.refused.append((manifest, error)),
                on_applied=lambda verb, manifest: api.applied.append((verb, manifest)),
            )
        )
        self._app = FastAPI(docs_url=None, openapi_url=None)
        self._app.mount("/secret", inner)
        return api

    @contextlib.asynccontextmanager
    async def _serve(self) -> AsyncIterator[None]:
        async def forward(scope: Any, receive: Any, send: Any) -> None:
            await self._app(scope, receive, send)

        async with served((forward, self._listener)):
            yield


def _store() -> Store:
    store = Store(None)
    gateway_api = "gateway.networking.k8s.io/v1"
    manifests: list[Json] = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in NAMESPACES
    ]
    manifests += [
        {
            "apiVersion": gateway_api,
            "kind": "GatewayClass",
            "metadata": {"name": "agentgateway"},
            "spec": {"controllerName": "agentgateway.dev/agentgateway", "description": "of a test"},
        },
        {
            "apiVersion": gateway_api,
            "kind": "Gateway",
            "metadata": _GATEWAY,
            "spec": {"gatewayClassName": "agentgateway", "listeners": [_LISTENER]},
        },
    ]
    for manifest in manifests:
        kind = kind_of(manifest["apiVersion"], manifest["kind"])
        assert kind is not None
        store.create(kind, manifest)
    secret = kind_of("v1", "Secret")
    assert secret is not None
    metadata = {"name": "openai-secret", "namespace": "agentgateway-system"}
    provided = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}
    store.provide(secret, {**provided, "data": {"Authorization": KEPT_KEY}})
    return store
