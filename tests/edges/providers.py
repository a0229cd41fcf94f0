"""Providers with an answer of their own, on a loopback port."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from labgateway.edges.serving import ASGIApp, Loop, bind, port_of, served
from tests.conftest import BACKEND


@contextmanager
def provider(app: ASGIApp) -> Iterator[str]:
    """Serve an application; gives the manifest of a backend that calls it."""
    listener = bind(0, strict=True)
    port = port_of(listener)

    @contextlib.asynccontextmanager
    async def block() -> AsyncIterator[None]:
        async with served((app, listener)):
            yield

    loop = Loop("provider")
    loop.start(block)
    try:
        yield BACKEND.replace(
            "openai: {}", f"openai: {{}}, host: 127.0.0.1, port: {port}, path: /v1"
        )
    finally:
        loop.stop()


def saying(parts: Sequence[bytes], kind: bytes = b"application/json", status: int = 200) -> ASGIApp:
    """Answers every request with these parts, each sent on its own."""

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        headers = [(b"content-type", kind)]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for part in parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    return app


def events(*payloads: str) -> list[bytes]:
    """A stream of these, then ``[DONE]``."""
    return [f"data: {one}\n\n".encode() for one in (*payloads, "[DONE]")]
