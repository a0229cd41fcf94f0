"""ASGI applications on loopback sockets, on a thread and an event loop of their own.

A kernel's own event loop is busy with the learner's cells, so the servers get another. Sockets are
bound in the caller, so that a busy port is an error where the learner can see it.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import selectors
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from labgateway.edges.peers import Peers, own_user_only
from labgateway.edges.traffic import counting
from labgateway.memory.metrics import Traffic
from labgateway.words.errors import LabError, PortInUse

START_DEADLINE_S = 10.0
STOP_DEADLINE_S = 10.0
# Longer than any client of ours keeps an idle connection, so that the client closes first.
KEEP_ALIVE_S = 75
DRAIN_STEP_S = 0.1

ASGIApp = Callable[[Any, Any, Any], Awaitable[None]]


def application() -> FastAPI:
    """An application without pages about itself, and without telemetry of its own.

    FastAPI would trace each request through the process's tracer provider, which is the learner's:
    spans nobody asked for, and one more for every export that they send here.
    """
    return FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )


def bind(port: int, *, strict: bool, instead: int = 0) -> socket.socket:
    """A listening socket on 127.0.0.1; port 0 is any free one.

    A busy port is replaced by ``instead`` or any free one, unless ``strict``. Errors:
    ``PortInUse``.
    """
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it on, an answer's
    # second segment waits 40 ms for an acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
            raise
        if strict:
            raise PortInUse(
                f"port {port} on 127.0.0.1 cannot be had ({error.strerror}); stop what uses it or"
                " choose another port (0 is any free one)"
            ) from error
        return bind(instead, strict=False) if instead not in {0, port} else bind(0, strict=True)
    return listener


def port_of(listener: socket.socket) -> int:
    """The port a socket listens on."""
    return int(listener.getsockname()[1])


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: the process belongs to the notebook."""

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield


@contextlib.asynccontextmanager
async def served(
    *apps: tuple[ASGIApp, socket.socket],
    traffic: Traffic | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Serve applications, each on its socket, while the block runs; then close them together.

    Another user's connections are refused. Connections and bytes are counted in ``traffic``, if
    given; with ``tls`` they are HTTPS. What the block gets stops taking connections and waits until
    all requests in flight are answered.
    """
    with Peers() as peers:
        protocol = own_user_only(peers)
        http = protocol if traffic is None else counting(protocol, traffic)
        async with _serving(apps, http, tls) as drained:
            yield drained


@contextlib.asynccontextmanager
async def _serving(
    apps: Sequence[tuple[ASGIApp, socket.socket]],
    http: type[HttpToolsProtocol],
    tls: ssl.SSLContext | None,
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    servers = [_Server(_config(app, http, tls)) for app, _ in apps]
    running = [
        asyncio.ensure_future(server.serve(sockets=[listener]))
        for server, (_, listener) in zip(servers, apps, strict=True)
    ]
    try:
        while not all(server.started for server in servers):
            for one in running:
                if one.done():
                    one.result()
                    raise LabError("a server ended before it had started")
            await asyncio.sleep(0)  # uvicorn has no event for this; it takes one or two turns
        yield lambda: _drained(servers)
    finally:
        for server in servers:
            server.should_exit = True
        await asyncio.gather(*running)
        for _, listener in apps:
            listener.close()


async def _drained(servers: Sequence[_Server]) -> None:
    """No new connections; those that are idle close, the others after their answer."""
    states = [server.server_state for server in servers]
    for server in servers:
        for one in server.servers:
            one.close()
        for connection in list(server.server_state.connections):
            connection.shutdown()
    while any(state.connections for state in states):  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(DRAIN_STEP_S)


def _config(
    app: ASGIApp, http: type[HttpToolsProtocol], tls: ssl.SSLContext | None
) -> uvicorn.Config:
    """Parsing is httptools': it refuses what h11 lets through (two framings in one request)."""
    return uvicorn.Config(
        app,
        http=http,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # else a client could choose the address in its log line
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=1,
        ssl_context_factory=None if tls is None else lambda _config, _default: tls,
    )


class _Selector(selectors.DefaultSelector):
    """The system's own, which adds up how long it had to wait."""

    idle_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        began = time.perf_counter()
        ready = super().select(timeout)
        self.idle_s += time.perf_counter() - began
        return ready


class Loop:
    """A thread that runs one asynchronous block until it is told to stop."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._selector = _Selector()
        self._stopping: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def alive(self) -> bool:
        """Whether the block is running."""
        return self._thread is not None and self._thread.is_alive() and self._failure is None

    @property
    def idle_s(self) -> float:
        """Seconds so far in which there was nothing to do, or another thread was in the way."""
        return self._selector.idle_s

    def start(self, block: Callable[[], AbstractAsyncContextManager[None]]) -> None:
        """Enter the block on the thread; returns when it has been entered.

        Errors: whatever the block raised while it was entered.
        """
        self._thread = threading.Thread(
            target=self._run, args=(block,), name=self._name, daemon=True
        )
        self._thread.start()
        if not self._ready.wait(START_DEADLINE_S):
            raise LabError(f"{self._name} did not start within {START_DEADLINE_S:.0f} s")
        if self._failure is not None:
            self._thread.join(STOP_DEADLINE_S)
            raise self._failure

    def stop(self) -> None:
        """Leave the block and end the thread. Errors: ``LabError`` when it does not end in time."""
        if self._thread is None:
            return
        if self._loop is not None and self._stopping is not None and self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # the loop has just closed by itself
                self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(STOP_DEADLINE_S)
        if self._thread.is_alive():
            raise LabError(f"{self._name} did not stop within {STOP_DEADLINE_S:.0f} s")
        self._thread = None

    def submit(self, work: Awaitable[None]) -> None:
        """Run something on the loop and wait until it is done."""

        async def run() -> None:
            await work

        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(run(), self._loop).result(STOP_DEADLINE_S)

    def _run(self, block: Callable[[], AbstractAsyncContextManager[None]]) -> None:
        # Servers log on their own thread, whose output would land under another cell.
        logging.getLogger("uvicorn").addHandler(logging.NullHandler())
        logging.getLogger("uvicorn").propagate = False
        try:
            with asyncio.Runner(loop_factory=self._event_loop) as runner:
                runner.run(self._main(block))
        except BaseException as error:  # noqa: BLE001 - handed to the caller of start()
            self._failure = error
            self._ready.set()

    def _event_loop(self) -> asyncio.AbstractEventLoop:
        return asyncio.SelectorEventLoop(self._selector)

    async def _main(self, block: Callable[[], AbstractAsyncContextManager[None]]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        async with block():
            self._ready.set()
            await self._stopping.wait()
