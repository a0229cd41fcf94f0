"""Fields of an object that the API server owns: uid, times, versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

Json = dict[str, Any]

# What clients may send and only the server says.
_OWNED = ("managedFields", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink")


def timestamp(at: datetime) -> str:
    """A time in UTC as Kubernetes writes it: RFC 3339, whole seconds."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def stamped(manifest: Json, old: Json | None, *, uid: str, now: str, version: int) -> Json:
    """The manifest as it is stored; equal to ``old`` when nothing changed.

    ``old`` is what is stored now, None for a new object, which gets this uid and time of creation.
    ``version`` is the next resourceVersion; a changed spec is a new generation.
    """
    fresh = {name: value for name, value in manifest.items() if name != "status"}
    before = old["metadata"] if old else {}
    metadata = {
        **fresh["metadata"],
        "uid": before.get("uid") or uid,
        "creationTimestamp": before.get("creationTimestamp") or now,
        "resourceVersion": before.get("resourceVersion", ""),
        "generation": before.get("generation", 1),
    }
    for name in _OWNED:
        metadata.pop(name, None)
    for name in ("labels", "annotations"):
        if not metadata.get(name):
            metadata.pop(name, None)
    fresh["metadata"] = metadata
    if fresh == old:
        return fresh
    if old is not None and fresh.get("spec") != old.get("spec"):
        metadata["generation"] += 1
    metadata["resourceVersion"] = str(version)
    return fresh
