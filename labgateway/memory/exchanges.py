"""The exchanges: the last ones in memory, every one in the journal."""

from __future__ import annotations

import threading
from collections import deque

from labgateway.decisions.exchange import Exchange, from_json, to_json
from labgateway.memory.journal import Journal
from labgateway.words.errors import HomeUnusable

KEPT_IN_MEMORY = 2000


class ExchangeLog:
    """Records exchanges; whoever has an answer finds its record."""

    def __init__(self, journal: Journal | None) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._kept: deque[Exchange] = deque(maxlen=KEPT_IN_MEMORY)
        self._unwritten: deque[str] = deque(maxlen=KEPT_IN_MEMORY)
        self.lost: str | None = None
        self.notices: list[str] = []
        if journal is not None:
            self.notices = journal.replay(self._replay, last=KEPT_IN_MEMORY)

    def record(self, exchange: Exchange) -> None:
        """Remember one; a full disk does not stop traffic.

        ``lost`` then says so, until what could not be written was written with a later one.
        """
        with self._lock:
            self._kept.append(exchange)
            if self._journal is None:
                return
            self._unwritten.append(to_json(exchange))
            try:
                while self._unwritten:
                    self._journal.append(self._unwritten[0])
                    self._unwritten.popleft()
            except HomeUnusable as error:
                self.lost = str(error)
            else:
                self.lost = None

    def recent(self, count: int | None = None) -> list[Exchange]:
        """The last exchanges, oldest first."""
        with self._lock:
            kept = list(self._kept)
        return kept if count is None else kept[-count:] if count else []

    def _replay(self, line: str) -> None:
        self._kept.append(from_json(line))
