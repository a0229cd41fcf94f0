"""A loopback socket for each Gateway and port, opened and closed as Gateways come and go.

Whoever writes a resource opens its sockets, so that they listen before the write is answered;
the servers behind them run on the gateway's loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

from labgateway.decisions.listeners import Bind, Certificates, Ports
from labgateway.edges.serving import ASGIApp, bind, port_of, served
from labgateway.edges.tls import PortTLS
from labgateway.memory.metrics import Traffic

DRAIN_S = 60.0  # agentgateway's longest wait for requests in flight where a port is gone


@dataclass
class _Place:
    """A listening socket, the certificates that it serves with, and what ends it."""

    listener: socket.socket
    tls: PortTLS | None
    end: asyncio.Event = field(default_factory=asyncio.Event)


class Binds:
    """The sockets by Gateway and port; ``first`` is served by others, unless it wants TLS.

    ``any_port``: free ports are used, and none at its own number.
    """

    def __init__(self, first: Bind, *, any_port: bool) -> None:
        self._first = first
        self._any_port = any_port
        self._first_port: int | None = None
        self._places: dict[Bind, _Place] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def ports(self) -> frozenset[int]:
        """The ports that listen, but for the first one."""
        return frozenset(port_of(one.listener) for one in list(self._places.values()))

    def open(self, first_port: int) -> None:
        """From now on there are sockets; the first bind has this port."""
        self._first_port = first_port

    def listen(self, wanted: Mapping[Bind, Certificates]) -> Ports:
        """Have sockets for these and no others; where each of them listens.

        A port that another program has is replaced by a free one; a bind that gets none at all, or
        has a key of another chain, is left out. Before ``open()`` nothing listens.
        """
        if self._first_port is None:
            return {}
        ours = {one: tls for one, tls in wanted.items() if tls or one != self._first}
        for one, place in list(self._places.items()):
            if one not in ours or bool(ours[one]) != (place.tls is not None):
                self._end(self._places.pop(one))
        ports: dict[Bind, int] = {}
        for one in wanted:
            with contextlib.suppress(OSError):  # ssl.SSLError is one
                ports[one] = self._port_of(one, ours[one]) if one in ours else self._first_port
        return ports

    def close(self) -> None:
        """Close what is left; for sockets that nobody has begun to serve."""
        self._first_port = None
        for place in self._places.values():
            place.listener.close()
        self._places.clear()

    @contextlib.asynccontextmanager
    async def serving(
        self, app: Callable[[Bind], ASGIApp], traffic: Callable[[Bind], Traffic]
    ) -> AsyncIterator[None]:
        """Serve the sockets that there are and those to come, on this loop, within the block.

        ``app`` answers on a bind's socket; its connections are counted in ``traffic``.
        """
        self._app, self._traffic = app, traffic
        self._loop = asyncio.get_running_loop()
        for one, place in list(self._places.items()):
            self._begin(one, place)
        try:
            yield
        finally:
            self._loop = None
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _port_of(self, one: Bind, certificates: Certificates) -> int:
        place = self._places.get(one)
        if place is None:
            tls = PortTLS(certificates) if certificates else None
            place = self._places[one] = _Place(
                bind(0 if self._any_port else one[1], strict=False), tls
            )
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._begin, one, place)
        elif place.tls is not None:
            place.tls.use(certificates)
        return port_of(place.listener)

    def _begin(self, one: Bind, place: _Place) -> None:
        task = asyncio.ensure_future(self._serve(one, place))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _end(self, place: _Place) -> None:
        if self._loop is None:
            place.listener.close()
        else:
            self._loop.call_soon_threadsafe(place.end.set)

    async def _serve(self, one: Bind, place: _Place) -> None:
        app = (self._app(one), place.listener)
        tls = place.tls.context if place.tls else None
        async with served(app, traffic=self._traffic(one), tls=tls) as drained:
            await place.end.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(DRAIN_S):
                    await drained()
