"""Backends of the conformance tests: servers on loopback that answer with what they were asked."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import parse_qs

from labgateway.edges.serving import ASGIApp, Loop, bind, port_of, served

Backend = tuple[str, str]  # namespace, name


def echo(backend: Backend) -> ASGIApp:
    """Answers with itself and the request; ``?delay=1s`` holds the answer back."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        query = scope["query_string"].decode()
        for delay in parse_qs(query).get("delay", []):
            await asyncio.sleep(float(delay.removesuffix("s")))
        headers: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode(), []).append(value.decode())
        seen = {
            "namespace": backend[0],
            "backend": backend[1],
            "method": scope["method"],
            "path": scope["raw_path"].decode() + (f"?{query}" if query else ""),
            "host": headers["host"][0],
            "headers": {name: ",".join(values) for name, values in headers.items()},
        }
        body = json.dumps(seen).encode()
        start = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": start})
        await send({"type": "http.response.body", "body": body})

    return app


@contextlib.contextmanager
def echoing(backends: list[Backend]) -> Iterator[dict[Backend, dict[str, int]]]:
    """Serve backends, each on a port of its own; gives address → port of each."""
    places: list[tuple[ASGIApp, socket.socket]] = []
    ports: dict[Backend, dict[str, int]] = {}
    for backend in backends:
        listener, app = bind(0, strict=True), echo(backend)
        places.append((app, listener))
        ports[backend] = {"127.0.0.1": port_of(listener)}
        with contextlib.suppress(OSError):  # a machine without IPv6
            other = socket.create_server(("::1", 0), family=socket.AF_INET6)
            places.append((app, other))
            ports[backend]["::1"] = port_of(other)

    @contextlib.asynccontextmanager
    async def block() -> AsyncIterator[None]:
        async with served(*places):
            yield

    loop = Loop("echo")
    loop.start(block)
    try:
        yield ports
    finally:
        loop.stop()
