"""Conditions in time: when each took the status that it has (metav1.Condition)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labgateway.shapes.resource import Condition


def dated(status: Any, old: Any, generation: int, now: str) -> Any:
    """A status with times: a condition keeps its transition time while its status stays the same.

    ``old`` is the dated status before, None when there was none; ``now`` is an RFC 3339 time.
    """
    if isinstance(status, list):
        olds = old if isinstance(old, list) else []
        return [dated(one, _same(one, olds), generation, now) for one in status]
    if isinstance(status, Condition):
        kept = isinstance(old, Mapping) and old.get("status") == status.status
        return {
            **status._asdict(),
            "observedGeneration": generation,
            "lastTransitionTime": old["lastTransitionTime"] if kept else now,
        }
    if isinstance(status, Mapping):
        before = old if isinstance(old, Mapping) else {}
        return {
            name: dated(value, before.get(name), generation, now) for name, value in status.items()
        }
    return status


def _same(one: Any, olds: list[Any]) -> Any:
    """The earlier entry of a list that this one continues: same condition type, name or parent."""
    for old in olds:
        if isinstance(one, Condition):
            if old.get("type") == one.type:
                return old
        elif isinstance(one, Mapping) and isinstance(old, Mapping):
            identity = ("name", "parentRef")
            if any(name in one and one.get(name) == old.get(name) for name in identity):
                return old
    return None
