"""Values of Secrets: plain text merged in, and what readers see of those that the lab provides.

A provided Secret shows a placeholder, and writing the placeholder back changes nothing.
"""

from __future__ import annotations

import base64
from typing import Any

from labgateway.decisions.redaction import LAST_APPLIED, REDACTED
from labgateway.words.errors import Forbidden

Json = dict[str, Any]

PLACEHOLDER = base64.b64encode(b"(kept by the lab)").decode()


def with_string_data(manifest: Json) -> Json:
    """A Secret's ``stringData`` merged into ``data``, as the API server stores it."""
    given = manifest.get("stringData")
    data = manifest.get("data") or {}
    if (
        manifest.get("kind") != "Secret"
        or not isinstance(given, dict)
        or not isinstance(data, dict)
    ):
        return manifest
    if not all(isinstance(one, str) for one in given.values()):
        return manifest
    encoded = {name: base64.b64encode(one.encode()).decode() for name, one in given.items()}
    kept = {name: one for name, one in manifest.items() if name != "stringData"}
    return {**kept, "data": {**data, **encoded}}


def masked(secret: Json) -> Json:
    """A Secret for readers: every value is the placeholder."""
    return _with_values(secret, PLACEHOLDER)


def anonymous(manifest: Json) -> Json:
    """A manifest for records: a Secret keeps the names of its entries, other kinds stay whole."""
    return _with_values(manifest, REDACTED) if manifest.get("kind") == "Secret" else manifest


def unmasked(manifest: Json, kept: Json) -> Json:
    """What a write means: placeholders stand for the values of ``kept``, the Secret as stored.

    Errors: ``Forbidden`` for a mixture of the lab's values
    and others, because storing it would put the lab's values on disk.
    """
    manifest = with_string_data(manifest)
    data = manifest.get("data")
    if not isinstance(data, dict) or PLACEHOLDER not in data.values():
        return manifest
    if set(data.values()) != {PLACEHOLDER} or not data.keys() <= kept["data"].keys():
        name = kept["metadata"]["name"]
        raise Forbidden(
            f'secrets "{name}" is forbidden: its values are kept by the lab; give every entry a'
            " value of your own, or none",
            kind="secrets",
            name=name,
        )
    return {**manifest, "data": {entry: kept["data"][entry] for entry in data}}


def _with_values(secret: Json, value: str) -> Json:
    """A Secret with one text for every value, and without kubectl's copy of them."""
    shown = dict(secret)
    for entries in ("data", "stringData"):
        if isinstance(shown.get(entries), dict):
            shown[entries] = dict.fromkeys(shown[entries], value)
    metadata = shown.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    if isinstance(metadata, dict) and isinstance(annotations, dict):
        left = {name: one for name, one in annotations.items() if name != LAST_APPLIED}
        shown["metadata"] = {**metadata, "annotations": left}
    return shown
