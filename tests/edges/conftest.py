"""The Kubernetes API on a loopback port."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.kubernetes_api import Api, serving


@pytest.fixture
def api() -> Iterator[Api]:
    """An API with what a learner starts with."""
    with serving() as one:
        yield one


@pytest.fixture
def client(api: Api) -> Iterator[httpx.Client]:
    """A client of that API."""
    with api.client() as one:
        yield one
