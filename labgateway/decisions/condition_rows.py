"""The conditions of an object as rows: whose they are, and whether each is as one wants it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Json = Mapping[str, Any]

_GOOD_WHEN_FALSE = {"Conflicted"}  # Gateway API v1, ListenerConditionType


class ConditionRow(NamedTuple):
    """One condition; ``of`` is the parent or listener that it is about, "" for the object."""

    of: str
    type: str
    status: str
    reason: str
    message: str
    since: str = ""

    @property
    def good(self) -> bool:
        """Whether nothing has to be done about it."""
        return self.status == ("False" if self.type in _GOOD_WHEN_FALSE else "True")


def condition_rows(manifest: Json) -> tuple[ConditionRow, ...]:
    """An object's own conditions, then those for its parents, listeners and ancestors."""
    return tuple(_rows(manifest.get("status") or {}))


def _rows(status: Json) -> Iterator[ConditionRow]:
    yield from _of("", status)
    for parent in status.get("parents", ()):
        yield from _of(f"Gateway {_named(parent['parentRef'])}", parent)
    for listener in status.get("listeners", ()):
        yield from _of(f"listener {listener['name']}", listener)
    for ancestor in status.get("ancestors", ()):
        yield from _of(_named(ancestor["ancestorRef"]), ancestor)


def _named(ref: Json) -> str:
    section = f", listener {ref['sectionName']}" if ref.get("sectionName") else ""
    return f"{ref['name']}{section}"


def _of(name: str, holder: Json) -> Iterator[ConditionRow]:
    for one in holder.get("conditions", ()):
        yield ConditionRow(
            name,
            one["type"],
            one["status"],
            one["reason"],
            one.get("message", ""),
            one.get("lastTransitionTime", ""),
        )
