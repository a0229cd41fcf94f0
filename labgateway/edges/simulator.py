"""The deterministic provider as an ASGI application, which remembers what it received."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import Any

from labgateway.decisions.simulation import Behaviour, Reply, SimulatedRequest, reply

REMEMBERED_REQUESTS = 1000


class ConnectionCut(Exception):
    """Raised through the server, which then closes the connection in mid-answer."""


class Simulator:
    """An OpenAI-compatible provider that demands ``api_key``.

    ``behaviour`` may be replaced at any time; a request's ``x-simulate`` header overrides it.
    ``requests`` holds the last 1,000 as they came in, ``cancelled`` counts clients that went away
    before their answer was complete, ``in_flight`` the requests being answered now.
    """

    def __init__(self, api_key: str) -> None:
        self.behaviour = Behaviour()
        self.requests: deque[SimulatedRequest] = deque(maxlen=REMEMBERED_REQUESTS)
        self.cancelled = 0
        self.in_flight = 0
        self._api_key = api_key
        self._answered = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            raise NotImplementedError(f"the simulator speaks HTTP only, not {scope['type']}")
        self.in_flight += 1
        try:
            await self._answer(scope, receive, send)
        except _ClientGone:
            self.cancelled += 1
        finally:
            self.in_flight -= 1

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        request = SimulatedRequest(
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            headers=tuple((bytes(name), bytes(value)) for name, value in scope["headers"]),
            body=await _body(receive),
        )
        self.requests.append(request)
        self._answered += 1
        decided = reply(
            request, self._api_key, self.behaviour, self._answered, created=int(time.time())
        )
        gone = asyncio.ensure_future(_disconnect(receive))
        try:
            await _play(decided, gone, send)
        finally:
            gone.cancel()


class _ClientGone(Exception):
    """The client closed the connection before its answer was complete."""


async def _body(receive: Any) -> bytes:
    chunks = []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _ClientGone
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(chunks)


async def _disconnect(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def _play(decided: Reply, gone: asyncio.Future[None], send: Any) -> None:
    """Send a reply as its behaviour says. Errors: ``ConnectionCut``."""
    behaviour = decided.behaviour
    await _wait(behaviour.delay_s, gone)
    await send(
        {"type": "http.response.start", "status": decided.status, "headers": decided.headers}
    )
    for index, part in enumerate(_kept(decided)):
        await _wait(behaviour.chunk_delay_s if index else 0.0, gone)
        await send({"type": "http.response.body", "body": part, "more_body": True})
    if behaviour.cut is not None:
        raise ConnectionCut(f"cut after {behaviour.cut}, as x-simulate or behaviour asked")
    await send({"type": "http.response.body", "body": b""})


def _kept(decided: Reply) -> tuple[bytes, ...]:
    """The parts up to the cut, which counts events in a stream and bytes in a body."""
    cut = decided.behaviour.cut
    if cut is None:
        return decided.parts
    if len(decided.parts) > 1:
        return decided.parts[:cut]
    return (decided.parts[0][:cut],)


async def _wait(duration_s: float, gone: asyncio.Future[None]) -> None:
    """Take that long, but not longer than the client is there. Errors: ``_ClientGone``."""
    await asyncio.wait({gone}, timeout=duration_s)
    if gone.done():
        raise _ClientGone
