"""What many have in common but for one header: found by that header, without looking at all."""

from __future__ import annotations

import heapq
import operator
from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")
Wanted = tuple[str, str]  # a header's name, lower case, and the value that it has to have

_position = operator.itemgetter(0)


class HeaderIndex(Generic[T]):
    """Entries in order, each with a header that it cannot do without, or None."""

    def __init__(self, entries: Iterable[tuple[Wanted | None, T]]) -> None:
        self._others: list[tuple[int, T]] = []
        self._by_value: dict[Wanted, list[tuple[int, T]]] = {}
        for position, (wanted, entry) in enumerate(entries):
            found = self._others if wanted is None else self._by_value.setdefault(wanted, [])
            found.append((position, entry))
        self._names = tuple(dict.fromkeys(name for name, _ in self._by_value))

    def possible(self, headers: Mapping[str, str]) -> Iterator[T]:
        """The entries that these headers do not rule out, in order."""
        found = [
            self._by_value.get((name, headers[name]), ()) for name in self._names if name in headers
        ]
        for _, entry in heapq.merge(self._others, *found, key=_position):
            yield entry
