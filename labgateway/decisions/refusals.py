"""Refusals of writes and reads in the API server's words."""

from __future__ import annotations

import re

from labgateway.shapes.kinds import SERVED, Kind
from labgateway.shapes.resource import Key
from labgateway.words.errors import AlreadyExists, Conflict, MethodNotAllowed, NotFound


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


def status_is_written(kind: Kind, name: str) -> MethodNotAllowed:
    """Somebody else than the gateway writes a status."""
    return MethodNotAllowed(
        f"{kind.plural}/status is written by the gateway and can only be read",
        kind=kind.plural,
        group=kind.group,
        name=name,
    )


def not_served(path: str) -> NotFound:
    """A path of the API leads nowhere; ``path`` is what follows ``/api/`` or ``/apis/``."""
    parts = path.split("/")
    # GROUP/VERSION/… or VERSION/…, then perhaps the namespace.
    rest = parts[1:] if re.fullmatch(r"v[0-9]+[a-z0-9]*", parts[0]) else parts[2:]
    if len(rest) > 2 and rest[0] == "namespaces":
        rest = rest[2:]
    message = "the server could not find the requested resource"
    if rest and rest[0]:
        shown = "/".join((rest[0], *rest[2:]))
        message += f": {shown} is not served here, see kubectl api-resources"
    return NotFound(message)
