"""The Kubernetes API on a loopback port."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.kubectls import WHICH, kubectls
from tests.kubernetes_api import Api, Front
from tests.terminals import Terminal, terminal


@pytest.fixture(scope="session")
def front() -> Iterator[Front]:
    """A port for the whole session."""
    with Front() as one:
        yield one


@pytest.fixture
def api(front: Front) -> Api:
    """An API with what a learner starts with."""
    return front.fresh()


@pytest.fixture
def client(api: Api) -> Iterator[httpx.Client]:
    """A client of that API."""
    with api.client() as one:
        yield one


@pytest.fixture(scope="session", params=WHICH)
def kubectl(request: pytest.FixtureRequest) -> str:
    """One kubectl after the other."""
    found = kubectls()[request.param]
    if found is None:
        pytest.skip(f"no kubectl of the kind '{request.param}' here")
    return found


@pytest.fixture(scope="session")
def kube_homes(kubectl: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this kubectl keeps what it discovered."""
    return tmp_path_factory.mktemp(Path(kubectl).name)


@pytest.fixture
def each_shell(api: Api, kubectl: str, kube_homes: Path, tmp_path: Path) -> Terminal:
    """A terminal with it."""
    return replace(terminal(api, kube_homes, tmp_path), kubectl=kubectl)
