"""Lenient decoding (``fieldValidation`` Warn and Ignore): unknown fields are dropped."""

from __future__ import annotations

import re
from typing import Any

from labgateway.decisions.admission import UNKNOWN_FIELD, admit, without_nulls
from labgateway.shapes.kinds import Kind
from labgateway.words.errors import BadManifest, Invalid

Json = dict[str, Any]


def without_unknown(kind: Kind, manifest: Json) -> tuple[Json, tuple[str, ...]]:
    """(the manifest without fields its kind does not have, their paths): lenient decoding."""
    dropped: list[str] = []
    manifest = without_nulls(manifest)
    while True:
        try:
            admit(kind, manifest)
        except BadManifest as error:
            paths = [one.field for one in error.causes if one.reason == UNKNOWN_FIELD]
            if not paths:
                return manifest, tuple(dropped)
            dropped += paths
            for path in paths:
                manifest = _without(manifest, path)
        except Invalid:
            return manifest, tuple(dropped)
        else:
            return manifest, tuple(dropped)


def _without(value: Any, path: str) -> Any:
    """The value without the member at a path such as ``spec.rules[0].x``."""
    if isinstance(value, list):
        found = re.match(r"\[(\d+)\]\.?(.*)", path, re.DOTALL)
        assert found is not None
        return [
            _without(one, found[2]) if i == int(found[1]) else one for i, one in enumerate(value)
        ]
    return {
        name: _without(one, path.removeprefix(name).removeprefix("."))
        if path.startswith((f"{name}.", f"{name}["))
        else one
        for name, one in value.items()
        if name != path
    }
