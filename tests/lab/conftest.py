"""Our kubectl and the real one, each with an API of the same content."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from labgateway.lab.kubectl import Kubectl
from tests.kubernetes_api import Api, Front
from tests.terminals import Terminal, find_kubectl, terminal


@pytest.fixture(scope="module")
def front() -> Iterator[Front]:
    """The port that our kubectl talks to."""
    with Front() as one:
        yield one


@pytest.fixture(scope="module")
def other_front() -> Iterator[Front]:
    """The port that the real kubectl talks to, with the same content."""
    with Front() as one:
        yield one


@pytest.fixture
def api(front: Front) -> Api:
    """An API with what a learner starts with."""
    return front.fresh()


@pytest.fixture
def kubectl(api: Api) -> Iterator[Kubectl]:
    """Our kubectl."""
    with api.client() as client:
        yield Kubectl(client)


@pytest.fixture(scope="module")
def kube_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the real kubectl keeps what it discovered."""
    return tmp_path_factory.mktemp("kube")


@pytest.fixture
def other_api(other_front: Front) -> Api:
    """The API that the real kubectl talks to."""
    return other_front.fresh()


@pytest.fixture
def shell(other_api: Api, kube_home: Path, tmp_path: Path) -> Terminal:
    """The real kubectl."""
    shell = terminal(other_api, kube_home, tmp_path)
    version = json.loads(shell.run("version", "--client", "-o", "json").stdout)
    if int(version["clientVersion"]["minor"].rstrip("+")) < 35:
        pytest.skip(f"{find_kubectl()} is older than the kubectl whose words ours are")
    return shell
