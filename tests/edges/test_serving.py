"""Applications on a thread of their own: started, failed, stopped."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from labgateway.edges.serving import Loop, bind, port_of, served
from labgateway.words.errors import PortInUse


async def hello(_scope: Any, _receive: Any, send: Any) -> None:
    """An application."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": threading.current_thread().name.encode()})


def test_two_applications_are_served_on_the_loops_thread() -> None:
    """Both answer from the one thread, and both ports are free afterwards."""
    first, second = bind(0, strict=True), bind(0, strict=True)
    ports = (port_of(first), port_of(second))

    @contextlib.asynccontextmanager
    async def block() -> AsyncIterator[None]:
        async with served((hello, first), (hello, second)):
            yield

    loop = Loop("the lab's loop")
    loop.start(block)
    said = {httpx.get(f"http://127.0.0.1:{port}", trust_env=False).text for port in ports}
    loop.stop()

    assert said == {"the lab's loop"}
    for port in ports:
        bind(port, strict=True).close()


def test_what_fails_at_the_start_is_raised_by_start() -> None:
    """An error on the thread is the caller's to see, not a silent dead thread."""

    @contextlib.asynccontextmanager
    async def block() -> AsyncIterator[None]:
        if threading.active_count():
            raise RuntimeError("no model today")
        yield

    loop = Loop("failing")
    with pytest.raises(RuntimeError, match="no model today"):
        loop.start(block)

    assert not loop.alive
    loop.stop()


def test_a_busy_port_is_named_or_replaced() -> None:
    """Strictly it is an error with the remedy, else another port is had."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(PortInUse, match=f"port {port} .*choose another"):
            bind(port, strict=True)
        with contextlib.closing(bind(port, strict=False)) as replaced:
            assert port_of(replaced) != port
