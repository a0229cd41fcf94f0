"""Merges of JSON: merge patch (RFC 7386), kubectl's three-way merge."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def merge(target: Any, patch: Any) -> Any:
    """The target with a merge patch applied; null members of the patch delete."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


def three_way(original: Json, modified: Json, current: Json) -> Json:
    """The merge patch of ``kubectl apply``: {} when there is nothing to do.

    It deletes what ``original`` (applied last) had and ``modified`` (applied now) has not, and sets
    what ``modified`` has and ``current`` (live) has otherwise; a list is one value.
    Source: apimachinery, jsonmergepatch.CreateThreeWayJSONMergePatch.
    """
    patch: Json = {}
    for name in {**original, **modified}:
        old, new, live = original.get(name), modified.get(name), current.get(name)
        if new is None:
            if old is not None:
                patch[name] = None
        elif isinstance(new, dict) and isinstance(live, dict):
            inner = three_way(old if isinstance(old, dict) else {}, new, live)
            if inner:
                patch[name] = inner
        elif new != live or isinstance(new, bool) != isinstance(live, bool):
            patch[name] = new
    return patch
