"""A loopback socket for each Gateway and port, opened and closed as Gateways come and go.

Whoever writes a resource opens its sockets, so that they listen before the write is answered;
the servers behind them run on the gateway's loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Collection

from labgateway.decisions.listeners import Bind, Ports
from labgateway.edges.serving import ASGIApp, bind, port_of, served
from labgateway.memory.metrics import Traffic

DRAIN_S = 60.0  # agentgateway's longest wait for requests in flight where a port is gone


class Binds:
    """The sockets by Gateway and port; ``first`` is served by others, on a port of its own."""

    def __init__(self, first: Bind) -> None:
        self._first = first
        self._first_port: int | None = None
        self._sockets: dict[Bind, socket.socket] = {}
        self._ends: dict[Bind, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def ports(self) -> frozenset[int]:
        """The ports that listen, but for the first one."""
        return frozenset(port_of(one) for one in list(self._sockets.values()))

    def open(self, first_port: int) -> None:
        """From now on there are sockets; the first bind has this port."""
        self._first_port = first_port

    def listen(self, wanted: Collection[Bind]) -> Ports:
        """Have sockets for these and no others; where each of them listens.

        A port that another program has is replaced by a free one; a bind that gets none at all is
        left out. Before ``open()`` nothing listens.
        """
        if self._first_port is None:
            return {}
        for gone in self._sockets.keys() - set(wanted):
            self._end(gone, self._sockets.pop(gone))
        ports: dict[Bind, int] = {}
        for one in wanted:
            with contextlib.suppress(OSError):
                ports[one] = self._first_port if one == self._first else self._port_of(one)
        return ports

    def close(self) -> None:
        """Close what is left; for sockets that nobody has begun to serve."""
        self._first_port = None
        for listener in self._sockets.values():
            listener.close()
        self._sockets.clear()

    @contextlib.asynccontextmanager
    async def serving(
        self, app: Callable[[Bind], ASGIApp], traffic: Callable[[Bind], Traffic]
    ) -> AsyncIterator[None]:
        """Serve the sockets that there are and those to come, on this loop, within the block.

        ``app`` answers on a bind's socket; its connections are counted in ``traffic``.
        """
        self._app, self._traffic = app, traffic
        self._loop = asyncio.get_running_loop()
        for one, listener in list(self._sockets.items()):
            self._begin(one, listener)
        try:
            yield
        finally:
            self._loop = None
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _port_of(self, one: Bind) -> int:
        listener = self._sockets.get(one)
        if listener is None:
            listener = self._sockets[one] = bind(one[1], strict=False)
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._begin, one, listener)
        return port_of(listener)

    def _begin(self, one: Bind, listener: socket.socket) -> None:
        end = self._ends[one] = asyncio.Event()
        task = asyncio.ensure_future(self._serve(one, listener, end))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _end(self, one: Bind, listener: socket.socket) -> None:
        if self._loop is None:
            listener.close()
        else:
            # Looked up on the loop, where it was begun before.
            self._loop.call_soon_threadsafe(lambda: self._ends.pop(one).set())

    async def _serve(self, one: Bind, listener: socket.socket, end: asyncio.Event) -> None:
        place = (self._app(one), listener)
        async with served(place, traffic=self._traffic(one)) as drained:
            await end.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(DRAIN_S):
                    await drained()
