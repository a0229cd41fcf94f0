"""The exchanges: the last ones in memory, more of them in two files of bounded size."""

from __future__ import annotations

import contextlib
import json
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pydantic_core

from labgateway.decisions.access_log import from_json, from_record, to_json
from labgateway.decisions.exchange import Exchange
from labgateway.decisions.trace_filter import holds, plain_run
from labgateway.memory.journal import Journal, lines_of, lines_that
from labgateway.memory.watched import Watched
from labgateway.words.errors import HomeUnusable

KEPT_IN_MEMORY = 2000
KEPT_BODY_CHARACTERS = 8_000_000
FILE_LIMIT_BYTES = 32 * 1024 * 1024

Json = dict[str, Any]


class ExchangeLog(Watched):
    """Records exchanges; whoever has an answer finds its record."""

    def __init__(self, journal: Journal | None) -> None:
        super().__init__()
        self._journal = journal
        self._lock = threading.Lock()
        self._kept: deque[Exchange] = deque(maxlen=KEPT_IN_MEMORY)
        self._body_characters = 0
        self._unwritten: deque[str] = deque(maxlen=KEPT_IN_MEMORY)
        self._position = 0
        self.lost: str | None = None
        self.notices: list[str] = []
        if journal is not None:
            self.notices = journal.recall(self._replay, last=KEPT_IN_MEMORY)

    def record(self, exchange: Exchange) -> None:
        """Remember one; a full disk does not stop traffic.

        ``lost`` then says so, until what could not be written was written with a later one.
        """
        with self._lock:
            self._keep(exchange)
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

    @property
    def position(self) -> int:
        """How many exchanges have been kept, for ``after()``."""
        return self._position

    def after(self, position: int) -> tuple[list[Exchange], int]:
        """(those that were kept since a position and still are, the position now)."""
        with self._lock:
            fresh = min(self._position - position, len(self._kept))
            return list(self._kept)[len(self._kept) - fresh :], self._position

    def history(self) -> list[Exchange]:
        """Every exchange that is still known, on disk or in memory, oldest first."""
        if self._journal is None:
            return self.recent()
        return [from_record(one) for one in self.records()]

    def records(self) -> list[Json]:
        """As ``history()``, as journal lines that were read."""
        with self._lock:
            unwritten = list(self._unwritten)
        on_disk = [] if self._journal is None else read_records(self._journal.path)
        return on_disk + [json.loads(line) for line in unwritten]

    def lines(self, take: Callable[[bytes], bool]) -> Iterator[str]:
        """Journal lines of what is still known and ``take`` wants, oldest first.

        A line comes twice when its file is set aside meanwhile.
        """
        with self._lock:
            unwritten = list(self._unwritten)
        if self._journal is None:
            unwritten = [to_json(one) for one in self.recent()]
        else:
            for path in (self._journal.older, self._journal.path):
                yield from lines_that(path, take)
        yield from (line for line in unwritten if take(line.encode(errors="replace")))

    def of_trace(self, trace_id: str) -> list[Exchange]:
        """The requests of a trace: those in memory; when there are none, those on disk."""
        found = [one for one in self.recent() if one.trace_id == trace_id]
        if found:
            return found
        written = f'"trace.id":{json.dumps(trace_id)}'.encode()
        lines = self.lines(lambda line: written in line)
        records = [one for one in map(_record, lines) if isinstance(one, dict)]
        return list({one.span_id: one for one in read_exchanges(records)}.values())

    def saying(self, text: str) -> set[str]:
        """Span ids of the requests in whose bodies a text occurs, whatever the case."""
        part = plain_run(text).encode()
        lines = self.lines(lambda line: b'.body":' in line and part in line.lower())
        return {
            record["span.id"]
            for record in map(_record, lines)
            if isinstance(record, dict) and holds(_said(record), text)
        }

    @property
    def size_bytes(self) -> int:
        """How much there is to be read on disk."""
        if self._journal is None:
            return 0
        older = self._journal.older
        return self._journal.size_bytes + (older.stat().st_size if older.exists() else 0)

    def _keep(self, exchange: Exchange) -> None:
        if len(self._kept) == KEPT_IN_MEMORY:
            self._forget()
        self._kept.append(exchange)
        self._position += 1
        self._wake()
        self._body_characters += exchange.body_characters
        while self._body_characters > KEPT_BODY_CHARACTERS:
            self._forget()

    def _forget(self) -> None:
        self._body_characters -= self._kept.popleft().body_characters

    def _replay(self, line: str) -> None:
        self._keep(from_json(line))


def read_records(path: Path) -> list[Json]:
    """The journal lines of a file and of the one set aside before it, as they stand on disk.

    Whoever writes them may go on writing; lines that are none are left out.
    """
    current = lines_of(path)  # first: what is set aside in between is then found twice, not never
    lines = [*lines_of(Journal.set_aside(path)), *current]
    try:
        records = json.loads(f"[{','.join(lines)}]")
    except (ValueError, RecursionError):
        records = [_record(line) for line in lines]
    by_span = {one["span.id"]: one for one in records if isinstance(one, dict) and "span.id" in one}
    return list(by_span.values())


def read_exchanges(records: Iterable[Json]) -> list[Exchange]:
    """The exchanges of such records; what is none of them is left out."""
    exchanges = []
    for record in records:
        with contextlib.suppress(ValueError):
            exchanges.append(from_record(record))
    return exchanges


def _record(line: str) -> object:
    try:
        return pydantic_core.from_json(line)
    except (ValueError, RecursionError):
        return None


def _said(record: Json) -> str:
    bodies = (record.get("request.body"), record.get("response.body"))
    return "\n".join(one for one in bodies if isinstance(one, str))
