"""A store in a home that is new."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from labgateway.memory.journal import Journal
from labgateway.memory.store import Store
from tests.memory.stores import Clock


@pytest.fixture
def clock() -> Clock:
    """A clock at the beginning of 2026."""
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The journal of resources."""
    return tmp_path / "resources.jsonl"


@pytest.fixture
def store(path: Path, clock: Clock) -> Iterator[Store]:
    """A store with nothing in it."""
    journal = Journal(path)
    yield Store(journal, clock)
    journal.close()
