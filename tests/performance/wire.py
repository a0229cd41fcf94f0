"""Fast ends of a measurement: a provider with fixed answers, and clients that count answers.

Both speak just enough HTTP/1.1 by hand, so that the gateway between them is what is measured.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

USAGE = {"prompt_tokens": 25, "completion_tokens": 60, "total_tokens": 85}
WORDS = ["word "] * 60
WHOLE = {
    "id": "chatcmpl-fixed",
    "object": "chat.completion",
    "model": "gpt-4o-mini-2024-07-18",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "".join(WORDS)},
            "finish_reason": "stop",
        }
    ],
    "usage": USAGE,
}


def _head(kind: str, framing: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\n{framing}\r\n\r\n".encode()


def _whole() -> bytes:
    body = json.dumps(WHOLE).encode()
    return _head("application/json", f"content-length: {len(body)}") + body


def _stream() -> bytes:
    chunks = [
        {"id": "x", "model": WHOLE["model"], "choices": [{"index": 0, "delta": {"content": one}}]}
        for one in WORDS
    ]
    events = [json.dumps(one) for one in (*chunks, {"choices": [], "usage": USAGE})]
    parts = [f"data: {one}\n\n".encode() for one in (*events, "[DONE]")]
    framed = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    return _head("text/event-stream", "transfer-encoding: chunked") + framed + b"0\r\n\r\n"


ANSWERS = {False: _whole(), True: _stream()}


class Responder(asyncio.Protocol):
    """Answers every request on a connection as soon as it is all there."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where to write to."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._got = bytearray()

    def data_received(self, data: bytes) -> None:
        """Read a request by its length; chunked ones are not sent to it."""
        self._got += data
        while (size := _size(self._got)) is not None and len(self._got) >= size:
            self._transport.write(ANSWERS[b'"stream":true' in self._got])
            del self._got[:size]


def _size(message: bytearray) -> int | None:
    """How long a message is with its body, once its headers are there."""
    end = message.find(b"\r\n\r\n")
    if end < 0:
        return None
    at = message.lower().find(b"content-length:", 0, end)
    length = int(message[at + 15 : message.index(b"\r\n", at)]) if at >= 0 else 0
    return end + 4 + length


@contextmanager
def responder(core: int) -> Iterator[int]:
    """A process of its own that answers; gives its port."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    process = multiprocessing.get_context("fork").Process(
        target=_respond, args=(listener, core), daemon=True
    )
    process.start()
    try:
        yield listener.getsockname()[1]
    finally:
        process.terminate()
        process.join()
        listener.close()


def _respond(listener: socket.socket, core: int) -> None:
    pin(core)

    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(Responder, sock=listener)
        await server.serve_forever()

    asyncio.run(serve())


def pin(core: int) -> None:
    """Stay on one core, where the system can do that and has it."""
    if hasattr(os, "sched_setaffinity") and core < (os.cpu_count() or 1):
        os.sched_setaffinity(0, {core})


class _Asker(asyncio.Protocol):
    """One connection that asks again as soon as it has its answer."""

    def __init__(self, request: bytes, load: Load) -> None:
        self._request = request
        self._load = load
        self._got = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._got += data
        chunked = b"chunked" in self._got[:400]
        size = None if chunked else _size(self._got)
        if self._got.endswith(b"0\r\n\r\n") if chunked else len(self._got) == size:
            assert self._got.startswith(b"HTTP/1.1 200"), bytes(self._got[:300])
            self._got.clear()
            self._load.answered += 1
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        self._load.ended(exc)

    def _ask(self) -> None:
        if self._load.over:
            self._transport.close()
        else:
            self._load.asked += 1
            self._transport.write(self._request)


class Load:
    """Requests on some connections at once, for a time or up to a number."""

    def __init__(self, seconds: float | None, count: int | None) -> None:
        self.asked = self.answered = 0
        self._until = None if seconds is None else time.perf_counter() + seconds
        self._count = count
        self._open = 0

    @property
    def over(self) -> bool:
        """Whether no further request is sent."""
        if self._count is not None:
            return self.asked >= self._count
        return self._until is not None and time.perf_counter() >= self._until

    def ended(self, why: Exception | None) -> None:
        """A connection has ended; the last one ends the load."""
        self._open -= 1
        if why is not None and not self._done.done():
            self._done.set_exception(why)
        elif self._open == 0 and not self._done.done():
            self._done.set_result(None)

    async def run(self, port: int, request: bytes, connections: int) -> float:
        """Answers a second."""
        loop = asyncio.get_running_loop()
        self._done: asyncio.Future[None] = loop.create_future()
        self._open = connections
        started = time.perf_counter()
        for _ in range(connections):
            await loop.create_connection(lambda: _Asker(request, self), "127.0.0.1", port)
        await self._done
        return self.answered / (time.perf_counter() - started)


def load(
    port: int,
    body: bytes,
    connections: int = 32,
    seconds: float | None = None,
    count: int | None = None,
) -> float:
    """Answers a second from POST /openai with a body."""
    head = (
        f"POST /openai HTTP/1.1\r\nhost: localhost:{port}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    return asyncio.run(Load(seconds, count).run(port, head.encode() + body, connections))
