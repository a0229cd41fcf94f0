"""``kubectl get -w`` and ``kubectl wait``: changes as they come, one JSON event on each line."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any, Protocol

from fastapi import Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from labgateway.decisions.watching import (
    EventForm,
    WatchOptions,
    bookmark,
    event_of,
    expired,
    watch_options,
)
from labgateway.edges.kubernetes_verbs import Call
from labgateway.memory.changes import Change, Changes
from labgateway.shapes.kinds import Kind

Json = dict[str, Any]

BOOKMARK_EVERY_S = 60.0


class Watched(Protocol):
    """Where objects are and change."""

    @property
    def changes(self) -> Changes:
        """The last changes."""

    def current(self, kind: Kind, namespace: str | None) -> tuple[Sequence[Json], int]:
        """(the objects of a kind for readers, at which version)."""


class Watches:
    """All watches of the API; used on the gateway's event loop."""

    def __init__(self, bookmark_every_s: float = BOOKMARK_EVERY_S) -> None:
        self._bookmark_every_s = bookmark_every_s
        self._news: set[asyncio.Event] = set()
        self._ended = False

    def answer(self, call: Call, place: Watched) -> Response:
        """The events that a call asks for, until its time is up. Errors: ``KubernetesError``."""
        options = watch_options(call.query)
        events = self._lines(_Watch(call, place, options))
        return StreamingResponse(events, media_type="application/json")

    def end(self) -> None:
        """End all watches, now and from now on."""
        self._ended = True
        for news in self._news:
            news.set()

    async def _lines(self, watch: _Watch) -> AsyncIterator[bytes]:
        clock = asyncio.get_running_loop().time
        until = clock() + watch.options.timeout_s
        with self._woken(watch.place.changes) as news:
            yield await run_in_threadpool(watch.begin)
            while not (self._ended or watch.failed):
                left = until - clock()
                try:
                    async with asyncio.timeout(min(left, self._bookmark_every_s)):
                        await news.wait()
                except TimeoutError:
                    yield watch.bookmark()
                    if until <= clock():
                        return
                news.clear()
                yield watch.later()

    @contextlib.contextmanager
    def _woken(self, changes: Changes) -> Iterator[asyncio.Event]:
        """An event that is set when there is something to send, or nothing to wait for."""
        news, loop = asyncio.Event(), asyncio.get_running_loop()
        self._news.add(news)
        try:
            with changes.watched(lambda: loop.call_soon_threadsafe(news.set)):
                yield news
        finally:
            self._news.discard(news)


class _Watch:
    """One watch: what was sent so far, and what comes next."""

    def __init__(self, call: Call, place: Watched, options: WatchOptions) -> None:
        self.place = place
        self.options = options
        self.failed = False
        self._kind = call.kind
        self._namespace = call.namespace
        self._position = 0
        whole = call.query.get("includeObject") == "Object"
        self._form = EventForm(call.kind, call.headers.get("accept", ""), whole=whole)

    def begin(self) -> bytes:
        """What is there now, if it was asked for, and what came since the version given."""
        objects, now = self.place.current(self._kind, self._namespace or None)
        version = self.options.version
        if not self.options.initial:
            self._position = now if version is None else version
            return self.later()
        self._position = now
        events = [("ADDED", one) for one in objects if self.options.wants(one)]
        if self.options.ends_initial:
            events.append(("BOOKMARK", bookmark(self._kind, now, ends_initial=True)))
        return self._text(events)

    def later(self) -> bytes:
        """What has changed since."""
        changes = self.place.changes.after(self._position)
        if changes is None:
            self.failed = True
            _, current = self.place.current(self._kind, self._namespace or None)
            return self._text([("ERROR", expired(self._position, current))])
        if changes:
            self._position = changes[-1].version
        return self._text(filter(None, map(self._event, changes)))

    def bookmark(self) -> bytes:
        """How far the watcher has seen everything, if it wants to know."""
        wanted = self.options.bookmarks
        return self._text([("BOOKMARK", bookmark(self._kind, self._position))] if wanted else [])

    def _event(self, change: Change) -> tuple[str, Json] | None:
        key = change.key
        if (key.group, key.kind) != (self._kind.group, self._kind.kind):
            return None
        if self._namespace not in {"", key.namespace}:
            return None
        return event_of(change.before, change.after, change.version, self.options)

    def _text(self, events: Iterable[tuple[str, Json]]) -> bytes:
        return b"".join(
            json.dumps(self._form.event(what, one)).encode() + b"\n" for what, one in events
        )
