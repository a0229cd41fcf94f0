"""What is said of a field as a whole, beside its type; admission looks at these by itself.

The API server reports them beside other mistakes in the same list, which pydantic would not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema


@dataclass(frozen=True)
class Rules:
    """Rules of a field's value: ``broken`` gives the messages of the broken ones."""

    broken: Callable[[Any], Iterator[str]]


@dataclass(frozen=True)
class Distinct:
    """A list in which nothing stands twice: a set, or with ``key`` a map by that field.

    (``x-kubernetes-list-type``, ``x-kubernetes-list-map-keys``.)
    """

    key: str | None = None

    def repeated(self, entries: list[Any]) -> Iterator[tuple[int, Any]]:
        """(index, what it is known by) of each entry whose like stands before it."""
        seen: set[str] = set()
        for index, entry in enumerate(entries):
            known = self._known_by(entry)
            text = json.dumps(known, sort_keys=True, default=repr)
            if text in seen:
                yield index, known
            seen.add(text)

    def _known_by(self, entry: Any) -> Any:
        if self.key is None:
            return entry
        given = entry.get(self.key) if isinstance(entry, dict) else getattr(entry, self.key, None)
        return {} if given is None else {self.key: given}


@dataclass(frozen=True)
class Immutable:
    """A value that stays as it was when the object was made.

    ``built_in`` is whether the API server itself says so, in its own words, and not a CRD.
    """

    built_in: bool = False


@dataclass(frozen=True)
class AtMost:
    """A list, or ``of=dict``, with no more entries than this (``maxItems``, ``maxProperties``)."""

    entries: int
    of: type[list[Any] | dict[str, Any]] = list

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """For ``kubectl explain``."""
        found = handler(schema)
        return {**found, "maxItems": self.entries} if found.get("type") == "array" else found
