"""``kubectl logs``: the access log as text, and with ``-f`` each new line as it comes."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

from fastapi import Response
from fastapi.responses import PlainTextResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool

from labgateway.decisions.access_log import json_line, text_line
from labgateway.decisions.exchange import Exchange
from labgateway.decisions.pod_logs import (
    Lines,
    LogOptions,
    chosen,
    log_options,
    log_text,
    written_at,
)
from labgateway.memory.exchanges import ExchangeLog
from labgateway.shapes.settings import LogFormat

LINES: dict[LogFormat, Lines] = {"json": json_line, "text": text_line}


class PodLogs:
    """Serves a log whose lines are made by ``line``; used on the gateway's event loop."""

    def __init__(self, log: ExchangeLog, line: Lines) -> None:
        self._log = log
        self._line = line
        self._news: set[asyncio.Event] = set()
        self._ended = False

    async def answer(self, query: Mapping[str, str], pod: str) -> Response:
        """The lines that a query asks for. Errors: ``BadManifest``, ``Invalid``."""
        options = log_options(query, pod, time.time())
        if options.follow:
            return StreamingResponse(self._follow(options), media_type="text/plain")
        return PlainTextResponse(await run_in_threadpool(self._text, options))

    def end(self) -> None:
        """Let everybody who follows read to the end, now and from now on."""
        self._ended = True
        for news in self._news:
            news.set()

    async def _follow(self, options: LogOptions) -> AsyncIterator[bytes]:
        left = options.limit_bytes
        async for text in self._texts(options):
            yield text if left is None else text[:left]
            left = None if left is None else left - len(text)
            if left is not None and left <= 0:
                return

    async def _texts(self, options: LogOptions) -> AsyncIterator[bytes]:
        """What is there, then what comes, until the log ends."""
        with self._woken() as news:
            position = self._log.position
            text, known = await run_in_threadpool(self._earlier, options, position)
            while True:
                yield text
                later, position = self._log.after(position)
                fresh = [one for one in later if one.span_id not in known]
                text = log_text(fresh, options, self._line)
                if later:
                    known = frozenset()
                elif self._ended:
                    return
                else:
                    await news.wait()
                    news.clear()

    def _earlier(self, options: LogOptions, position: int) -> tuple[bytes, frozenset[str]]:
        """(what is there, the spans in it that came after a position while it was read)."""
        earlier = self._chosen(options)
        came = min(self._log.position - position, len(earlier))
        known = frozenset(one.span_id for one in earlier[len(earlier) - came :])
        return log_text(earlier, options, self._line), known

    @contextlib.contextmanager
    def _woken(self) -> Iterator[asyncio.Event]:
        """An event that is set when there is something to read, or nothing to wait for."""
        news, loop = asyncio.Event(), asyncio.get_running_loop()
        self._news.add(news)
        try:
            with self._log.watched(lambda: loop.call_soon_threadsafe(news.set)):
                yield news
        finally:
            self._news.discard(news)

    def _text(self, options: LogOptions) -> bytes:
        return log_text(self._chosen(options), options, self._line)[: options.limit_bytes]

    def _chosen(self, options: LogOptions) -> list[Exchange]:
        recent = self._log.recent()
        known = recent if _suffices(recent, options) else self._log.history()
        return chosen(known, options)


def _suffices(recent: Sequence[Exchange], options: LogOptions) -> bool:
    """Whether what is in memory holds all that is asked for."""
    tail, since = options.tail_lines, options.since
    if tail is not None and tail <= len(recent):
        return True
    return bool(since is not None and recent and written_at(recent[0]) < since)
