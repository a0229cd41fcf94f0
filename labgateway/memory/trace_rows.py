"""Every request that is still known as a row: read from the journal once, then followed."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import replace

import pydantic_core

from labgateway.decisions.access_log import to_record
from labgateway.decisions.trace_filter import Filter
from labgateway.decisions.trace_rows import TraceRow, row_of
from labgateway.memory.exchanges import ExchangeLog

KEPT_ROWS = 60_000  # about as many as two full files of the journal have lines
_SHORT_BYTES = 500_000  # a journal up to this length is read at once
_AFTER_S = 0.5


class TraceRows:
    """Rows of requests, oldest first. Nothing is read before somebody asks.

    Reading 20,000 lines takes about a second, so a long journal is read on a thread, after the
    page that asked first; until then the rows are those in memory and ``complete`` is False.
    """

    def __init__(self, log: ExchangeLog) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._rows: deque[TraceRow] = deque(maxlen=KEPT_ROWS)
        self._position: int | None = None  # of the log, up to which the rows go
        self._reading: threading.Thread | None = None

    @property
    def complete(self) -> bool:
        """Whether the rows go back to the oldest request that is known."""
        return self._position is not None

    def all(self) -> list[TraceRow]:
        """The rows that are known now."""
        with self._lock:
            if self._position is not None and self._follow(self._position):
                return list(self._rows)
            if self._reading is None and self._log.size_bytes > _SHORT_BYTES:
                self._reading = threading.Timer(_AFTER_S, self._read)
                self._reading.daemon = True
                self._reading.start()
        if self._reading is None:
            self._read()
            return list(self._rows)
        return [row_of(to_record(one)) for one in self._log.recent()]

    def find(self, wanted: Filter) -> list[TraceRow]:
        """The rows that a filter takes, newest first; a text is looked for in bodies too."""
        without_text = replace(wanted, text=None)
        rows = [one for one in reversed(self.all()) if without_text.takes(one)]
        if not wanted.text:
            return rows
        said = self._log.saying(wanted.text)
        return [one for one in rows if one.span_id in said or wanted.says(one)]

    def wait(self, deadline_s: float) -> bool:
        """Whether reading, if it has begun, is done before a deadline."""
        reading = self._reading
        if reading is not None:
            reading.join(deadline_s)
        return self.complete

    def _follow(self, position: int) -> bool:
        """Add what came since; False when more came than the log remembers."""
        fresh, now = self._log.after(position)
        if len(fresh) < now - position:
            self._position = None
            return False
        self._rows.extend(row_of(to_record(one)) for one in fresh)
        self._position = now
        return True

    def _read(self) -> None:
        position = self._log.position
        rows = _rows(self._log.lines(lambda _line: True))
        fresh, now = self._log.after(position)  # those may be on disk by now as well
        rows |= {one.span_id: one for one in (row_of(to_record(each)) for each in fresh)}
        with self._lock:
            self._rows = deque(rows.values(), maxlen=KEPT_ROWS)
            self._position = now
            self._reading = None


def _rows(lines: Iterable[str]) -> dict[str, TraceRow]:
    rows = {}
    for line in lines:
        with contextlib.suppress(ValueError):
            row = row_of(pydantic_core.from_json(line))
            rows[row.span_id] = row
    return rows
