"""The last changes of the resources, for whoever watches them."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

from labgateway.memory.watched import Watched
from labgateway.shapes.resource import Key

Json = dict[str, Any]

KEPT_CHANGES = 2_048
KEPT_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True)
class Change:
    """An object as readers saw it before and after a change; None where it was not there.

    ``version`` is the resourceVersion that the change brought, ``size_bytes`` what of it is not
    shared with other changes.
    """

    version: int
    key: Key
    before: Json | None
    after: Json | None
    size_bytes: int


class Changes(Watched):
    """Changes in order, bounded in number and size; ``version`` is the one they begin after."""

    def __init__(self, version: int) -> None:
        super().__init__()
        self._kept: deque[Change] = deque()
        self._from = version
        self._version = version
        self._bytes = 0
        self._lock = threading.Lock()

    def record(self, change: Change) -> None:
        """Remember a change and wake whoever watches."""
        with self._lock:
            self._kept.append(change)
            self._version = change.version
            self._bytes += change.size_bytes
            while len(self._kept) > KEPT_CHANGES or self._bytes > KEPT_BYTES:
                forgotten = self._kept.popleft()
                self._from = forgotten.version
                self._bytes -= forgotten.size_bytes
            self._wake()

    def after(self, version: int) -> list[Change] | None:
        """The changes after a version; None when some are forgotten, or it never was."""
        with self._lock:
            if not self._from <= version <= self._version:
                return None
            newer = 0
            for change in reversed(self._kept):
                if change.version <= version:
                    break
                newer += 1
            return list(self._kept)[len(self._kept) - newer :]
