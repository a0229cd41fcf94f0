"""A real gateway on free loopback ports, with the simulator as its provider."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, settings

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.manifests import parse
from labgateway.edges.gateway import Gateway
from labgateway.edges.simulator import Simulator
from labgateway.memory.home import Home
from labgateway.shapes.kinds import kind_of
from labgateway.shapes.settings import Settings

# A busy machine is no failure of the code; in CI the same examples are tried each time.
settings.register_profile(
    "lab",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("lab")

ROUTE = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: openai, namespace: agentgateway-system}
spec:
  parentRefs: [{name: agentgateway, namespace: agentgateway-system}]
  rules:
  - matches: [{path: {type: PathPrefix, value: /openai}}]
    backendRefs: [{name: openai-all-models, group: agentgateway.dev, kind: AgentgatewayBackend}]
    timeouts: {request: 120s}
"""
BACKEND = """
apiVersion: agentgateway.dev/v1alpha1
kind: AgentgatewayBackend
metadata: {name: openai-all-models, namespace: agentgateway-system}
spec:
  ai: {provider: {openai: {}}}
  policies: {auth: {secretRef: {name: openai-secret}}}
"""


@dataclass
class Running:
    """A gateway under test and how to talk to it."""

    gateway: Gateway
    home: Path

    @property
    def url(self) -> str:
        """The gateway port."""
        return f"http://127.0.0.1:{self.gateway.running.gateway_port}"

    @property
    def simulator(self) -> Simulator:
        """The provider, which remembers what it received."""
        return self.gateway.providers.simulator

    @property
    def exchanges(self) -> list[Exchange]:
        """What the gateway remembers of requests."""
        return self.gateway.log.recent()

    def apply(self, text: str) -> None:
        """Store manifests without the Kubernetes API in between."""
        for document in parse(text):
            assert document.error is None, document.error
            kind = kind_of(document.data["apiVersion"], document.data["kind"])
            assert kind is not None
            store = self.gateway.store
            key = kind.shape.model_validate(document.data, strict=False).key
            (store.replace if key in store.snapshot().resources else store.create)(
                kind, document.data
            )

    def ask(self, path: str = "/openai", **changes: object) -> httpx.Response:
        """A chat completion through the gateway."""
        body = {
            "model": "gpt-4o-mini",
            "messages": [{"role": "user", "content": "What is an AI gateway?"}],
            **changes,
        }
        return httpx.post(f"{self.url}{path}", json=body, timeout=20, trust_env=False)


@contextmanager
def gateway_in(path: Path, **changes: object) -> Iterator[Running]:
    """A gateway with its state in a directory, stopped at the end of the block."""
    home = Home(path)
    assert home.own()
    chosen = {"provider": "simulator", "gateway_port": 0, "stats_port": 0, "admin_port": 0}
    gateway = Gateway(Settings(home.path, **(chosen | changes)), home, lambda: None)  # type: ignore[arg-type]
    try:
        gateway.start()
        yield Running(gateway, home.path)
    finally:
        gateway.stop()
        home.disown()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A gateway with nothing applied yet."""
    with gateway_in(tmp_path / "home") as started:
        yield started


@pytest.fixture
def routed(running: Running) -> Running:
    """A gateway with the exercise's route and a backend without a model of its own."""
    running.apply(ROUTE + "---" + BACKEND)
    return running


def pytest_addoption(parser: pytest.Parser) -> None:
    """--picture: the browser tests replace the screenshots in README."""
    parser.addoption("--picture", action="store_true", help="replace the screenshots in README")
