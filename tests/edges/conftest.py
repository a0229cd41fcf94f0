"""The Kubernetes API on a loopback port."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.kubernetes_api import Api, Front


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
