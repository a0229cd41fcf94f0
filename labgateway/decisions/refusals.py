"""Refusals of writes and reads in the API server's words."""

from __future__ import annotations

from labgateway.shapes.kinds import SERVED, Kind
from labgateway.shapes.resource import Key
from labgateway.words.errors import AlreadyExists, Conflict, NotFound


def not_found(key: Key) -> NotFound:
    """Nothing is stored under a key."""
    plural = next((k.plural for k in SERVED if k.kind == key.kind), key.kind)
    resource = f"{plural}.{key.group}" if key.group else plural
    return NotFound(
        f'{resource} "{key.name}" not found', kind=plural, group=key.group, name=key.name
    )


def already_exists(kind: Kind, name: str) -> AlreadyExists:
    """A new object has the name of another."""
    return AlreadyExists(
        f'{kind.resource} "{name}" already exists', kind=kind.plural, group=kind.group, name=name
    )


def outdated(kind: Kind, name: str) -> Conflict:
    """A write was made from an older resourceVersion."""
    return Conflict(
        f'Operation cannot be fulfilled on {kind.resource} "{name}": the object has been modified;'
        " please apply your changes to the latest version and try again",
        kind=kind.plural,
        group=kind.group,
        name=name,
    )
