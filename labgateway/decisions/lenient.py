"""Lenient decoding (``fieldValidation`` Warn and Ignore): unknown fields are dropped."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

from labgateway.decisions.admission import unknown_fields, without_nulls
from labgateway.shapes.kinds import Kind

Json = dict[str, Any]


def without_unknown(kind: Kind, manifest: Json) -> tuple[Json, tuple[str, ...]]:
    """(the manifest without fields its kind does not have, their paths): lenient decoding.

    Errors: ``Invalid`` when there are too many mistakes to look at.
    """
    dropped: list[str] = []
    manifest = without_nulls(manifest)
    while paths := unknown_fields(kind, manifest):
        dropped += paths
        manifest = {
            name: _without(one, frozenset(paths), name)
            for name, one in manifest.items()
            if name not in paths
        }
    return manifest, tuple(dropped)


def _without(value: Any, paths: AbstractSet[str], at: str) -> Any:
    """A value that stands ``at`` a path such as ``spec.rules[0]``, without what the paths name."""
    if isinstance(value, list):
        return [_without(one, paths, f"{at}[{index}]") for index, one in enumerate(value)]
    if isinstance(value, dict):
        return {
            name: _without(one, paths, f"{at}.{name}")
            for name, one in value.items()
            if f"{at}.{name}" not in paths
        }
    return value
