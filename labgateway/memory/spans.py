"""The spans that came from outside: the last ones in memory, more of them in two files."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.spans import Span, spans_of
from labgateway.memory.exchanges import ExchangeLog
from labgateway.memory.journal import Journal
from labgateway.words.errors import HomeUnusable

KEPT_IN_MEMORY = 2000
KEPT_CHARACTERS = 8_000_000

Json = dict[str, Any]

_SPAN = TypeAdapter(Span)


class SpanLog:
    """Records received spans, each once: whoever sends one again has sent it before."""

    def __init__(self, journal: Journal | None) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], tuple[Span, int]] = {}  # with its length in the journal
        self._characters = 0
        self._position = 0
        self.lost: str | None = None
        self.notices: list[str] = []
        if journal is not None:
            self.notices = journal.recall(self._replay, last=KEPT_IN_MEMORY)

    def record(self, spans: Iterable[Span]) -> None:
        """Remember them; on a full disk in memory only, and ``lost`` says so."""
        with self._lock:
            for span in spans:
                line = json.dumps(to_json(span), ensure_ascii=False, separators=(",", ":"))
                if self._keep(span, len(line)):
                    self._write(line)

    def recent(self) -> list[Span]:
        """The last spans, in the order in which they came."""
        with self._lock:
            return [span for span, _characters in self._kept.values()]

    @property
    def position(self) -> int:
        """How many spans have been kept."""
        return self._position

    def _keep(self, span: Span, characters: int) -> bool:
        key = (span.trace_id, span.span_id)
        if key in self._kept:
            return False
        self._kept[key] = (span, characters)
        self._characters += characters
        self._position += 1
        while len(self._kept) > KEPT_IN_MEMORY or self._characters > KEPT_CHARACTERS:
            _, forgotten = self._kept.pop(next(iter(self._kept)))
            self._characters -= forgotten
        return True

    def _write(self, line: str) -> None:
        if self._journal is None:
            return
        try:
            self._journal.append(line)
        except HomeUnusable as error:
            self.lost = str(error)
        else:
            self.lost = None

    def _replay(self, line: str) -> None:
        try:
            span = from_json(json.loads(line))
        except RecursionError as error:
            raise ValueError("not a span: nested too deeply") from error
        self._keep(span, len(line))


def known_spans(log: ExchangeLog, received: SpanLog, trace_id: str | None = None) -> list[Span]:
    """All spans, or those of a trace, by their beginning: the gateway's own and received ones.

    Of a trace that is not among the last requests, they are looked for on disk.
    """
    exchanges = log.recent() if trace_id is None else log.of_trace(trace_id)
    return joined(exchanges, [one for one in received.recent() if trace_id in {None, one.trace_id}])


def joined(exchanges: Iterable[Exchange], received: Iterable[Span]) -> list[Span]:
    """The spans of sampled requests and those that came from outside, by their beginning."""
    own = [span for one in exchanges if one.sampled for span in spans_of(one)]
    ids = {(span.trace_id, span.span_id) for span in own}
    # The gateway's own may have come back to it, when it exports to itself.
    others = [one for one in received if (one.trace_id, one.span_id) not in ids]
    return sorted([*own, *others], key=lambda one: one.start_ns)


def to_json(span: Span) -> Json:
    """A span as JSON."""
    return asdict(span)


def from_json(payload: Json) -> Span:
    """The span of such JSON. Errors: ``ValueError``."""
    return _SPAN.validate_python(payload)
