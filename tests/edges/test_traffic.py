"""Connections and bytes of the gateway port are counted as they pass."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx

from labgateway.edges.serving import Loop, bind, port_of, served
from labgateway.memory.metrics import Traffic
from tests.conftest import Running

REQUEST = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"


async def hello(_scope: Any, _receive: Any, send: Any) -> None:
    """An application that answers in two parts."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hel", "more_body": True})
    await send({"type": "http.response.body", "body": b"lo"})


def received(connection: socket.socket, end: bytes) -> bytes:
    """Bytes up to an end."""
    got = b""
    while not got.endswith(end):
        part = connection.recv(4096)
        assert part, got
        got += part
    return got


def test_a_connection_counts_once_and_every_byte_counts() -> None:
    """Two requests over one connection, then nonsense over another, which is refused."""
    listener, traffic = bind(0, strict=True), Traffic()

    @contextlib.asynccontextmanager
    async def block() -> AsyncIterator[None]:
        async with served((hello, listener), traffic=traffic):
            yield

    loop = Loop("counting")
    loop.start(block)
    try:
        place = ("127.0.0.1", port_of(listener))
        with socket.create_connection(place, 10) as one:
            one.sendall(REQUEST)
            first = received(one, b"0\r\n\r\n")
            one.sendall(REQUEST)
            second = received(one, b"0\r\n\r\n")
        with socket.create_connection(place, 10) as other:
            other.sendall(b"nonsense\r\n\r\n")
            third = received(other, b"received.")
    finally:
        loop.stop()

    assert b"hel" in first
    assert traffic == Traffic(
        connections=2,
        received_bytes=2 * len(REQUEST) + len(b"nonsense\r\n\r\n"),
        sent_bytes=len(first) + len(second) + len(third),
    )


def test_the_gateway_port_is_counted_and_the_others_are_not(routed: Running) -> None:
    """A client that keeps its connection is one connection, however much it asks."""
    with httpx.Client(trust_env=False) as client:
        for _ in range(3):
            client.post(f"{routed.url}/nowhere", json={})
    httpx.get(f"http://127.0.0.1:{routed.gateway.running.stats_port}/metrics", trust_env=False)

    samples = {one.name: one for one in routed.gateway.metrics.samples()}
    connections = samples["agentgateway_downstream_connections_total"]

    assert connections.value == 1
    assert connections.labels["gateway"] == "agentgateway-system/agentgateway"
    assert samples["agentgateway_downstream_received_bytes_total"].value > 0
    assert samples["agentgateway_downstream_sent_bytes_total"].value > 0
