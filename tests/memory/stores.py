"""Writing to a store, and a clock for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from labgateway.memory.journal import Journal
from labgateway.memory.store import Store
from labgateway.shapes.kinds import kind_of
from tests.decisions.resources import Json


class Clock:
    """Seconds pass when a test says so."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **time: int) -> None:
        """Let time pass; less than none when the computer's clock is set back."""
        self.now += timedelta(**time)


def create(store: Store, manifest: Json, **how: bool) -> Json:
    """Store a new object; returns what readers see of it."""
    return store.create(kind_of_manifest(manifest), manifest, **how).manifest


def replace(store: Store, manifest: Json, **how: bool) -> Json:
    """Store a new state of an object; returns what readers see of it."""
    return store.replace(kind_of_manifest(manifest), manifest, **how).manifest


def provide(store: Store, manifest: Json) -> None:
    """Put an object of the environment in place."""
    store.provide(kind_of_manifest(manifest), manifest)


def kind_of_manifest(manifest: Json) -> Any:
    """The kind that a manifest names."""
    return kind_of(manifest["apiVersion"], manifest["kind"])


def restarted(path: Path, clock: Clock) -> Store:
    """The store as the next owner of the home finds it."""
    return Store(Journal(path), clock)


def times(one: Json) -> set[str]:
    """Transition times of an object's conditions."""
    status = one["status"]
    lists = [
        status.get("conditions", []),
        *(each["conditions"] for each in status.get("parents", [])),
    ]
    return {condition["lastTransitionTime"] for group in lists for condition in group}
