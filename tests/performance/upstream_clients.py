"""Which HTTP client the gateway should call providers with, measured.

One upstream process answers with a fixed chat completion, whole or as 200 small events; each client
runs in this process on one event loop, alone, then 32 at a time. Clients that are not installed are
left out.

    .venv/bin/python tests/performance/upstream_clients.py [--seconds 3]
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import multiprocessing
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import httpx
import uvicorn

BODY = json.dumps({"model": "m", "messages": [{"role": "user", "content": "hi"}]}).encode()
WHOLE = json.dumps(
    {
        "id": "x",
        "model": "m",
        "choices": [{"message": {"content": "word " * 100}}],
        "usage": {"prompt_tokens": 1},
    }
).encode()
EVENT = b'data: {"choices":[{"index":0,"delta":{"content":"word "}}]}\n\n'
EVENTS = 200
HEADERS = {"content-type": "application/json"}

Call = Callable[[str], Awaitable[int]]


async def upstream(scope: Any, receive: Any, send: Any) -> None:
    """A provider: /whole answers at once, /events as a stream."""
    while (await receive()).get("more_body"):
        pass
    streaming = scope["path"] == "/events"
    kind = b"text/event-stream" if streaming else b"application/json"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
    for _ in range(EVENTS if streaming else 0):
        await send({"type": "http.response.body", "body": EVENT, "more_body": True})
    await send({"type": "http.response.body", "body": b"" if streaming else WHOLE})


def serve(listener: socket.socket) -> None:
    """Run the upstream."""
    config = uvicorn.Config(
        upstream, http="httptools", lifespan="off", log_level="error", access_log=False
    )
    uvicorn.Server(config).run(sockets=[listener])


@asynccontextmanager
async def with_aiohttp() -> AsyncIterator[Call]:
    """Aiohttp."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:

        async def call(url: str) -> int:
            size = 0
            async with session.post(url, data=BODY, headers=HEADERS) as response:
                async for chunk in response.content.iter_any():
                    size += len(chunk)
            return size

        yield call


@asynccontextmanager
async def with_httpx() -> AsyncIterator[Call]:
    """Httpx."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(limits=limits, trust_env=False) as client:

        async def call(url: str) -> int:
            size = 0
            async with client.stream("POST", url, content=BODY, headers=HEADERS) as response:
                async for chunk in response.aiter_raw():
                    size += len(chunk)
            return size

        yield call


@asynccontextmanager
async def with_pyreqwest() -> AsyncIterator[Call]:
    """Pyreqwest (Rust)."""
    from pyreqwest.client import ClientBuilder  # noqa: PLC0415 - need not be installed

    async with ClientBuilder().build() as client:

        async def call(url: str) -> int:
            request = client.post(url).body_bytes(BODY).header("content-type", "application/json")
            size = 0
            async with request.build_streamed() as response:
                while (chunk := await response.body_reader.read_chunk()) is not None:
                    size += len(chunk)
            return size

        yield call


CLIENTS = {"aiohttp": with_aiohttp, "httpx": with_httpx, "pyreqwest": with_pyreqwest}


async def rate(call: Call, url: str, at_once: int, seconds: float) -> float:
    """Calls a second."""
    done = 0
    until = time.perf_counter() + seconds

    async def worker() -> None:
        nonlocal done
        while time.perf_counter() < until:
            assert await call(url) > 0
            done += 1

    await asyncio.gather(*(worker() for _ in range(at_once)))
    return done / seconds


async def measure(origin: str, seconds: float) -> None:
    """Print one row a client."""
    print(
        f"{'client':12}{'whole, 1':>14}{'whole, 32':>14}{'events, 1':>14}{'events, 8':>14}"
        "   calls a second"
    )
    for name, opened in CLIENTS.items():
        if importlib.util.find_spec(name) is None:
            print(f"{name:12} not installed")
            continue
        async with opened() as call:
            await rate(call, f"{origin}/whole", 1, 0.3)
            cells = [
                await rate(call, f"{origin}/{what}", at_once, seconds)
                for what, at_once in (("whole", 1), ("whole", 32), ("events", 1), ("events", 8))
            ]
        print(f"{name:12}" + "".join(f"{cell:14.0f}" for cell in cells))


def main() -> None:
    """Start the upstream, measure, stop it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    chosen = parser.parse_args()
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    process = multiprocessing.get_context("fork").Process(
        target=serve, args=(listener,), daemon=True
    )
    process.start()
    asyncio.run(measure(f"http://127.0.0.1:{listener.getsockname()[1]}", chosen.seconds))
    process.terminate()
    process.join()


if __name__ == "__main__":
    main()
