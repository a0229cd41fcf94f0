"""The client's side of the gateway port: its body, and its going away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from types import TracebackType
from typing import Any

from labgateway.words.errors import BodyTooLarge, LabError

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

BODY_LIMIT_BYTES = 32 * 1024 * 1024


class ClientGone(LabError):
    """The client closed its connection before it had its answer."""


class ClientWatch:
    """Cancels the work inside the block when the client goes away."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._left = False

    async def __aenter__(self) -> None:
        self._task = asyncio.current_task()
        self._watch = asyncio.ensure_future(self._receive())
        self._watch.add_done_callback(self._on_message)

    def _on_message(self, watch: asyncio.Future[Message]) -> None:
        if not watch.cancelled() and self._task is not None:
            self._left = True
            self._task.cancel()

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        error: BaseException | None,
        _tb: TracebackType | None,
    ) -> None:
        self._watch.remove_done_callback(self._on_message)
        self._watch.cancel()
        if self._left and isinstance(error, asyncio.CancelledError) and self._task is not None:
            self._task.uncancel()
            raise ClientGone("client went away") from error


async def read_body(receive: Receive, headers: Headers) -> bytes:
    """The whole request body.

    A body over the limit is read to its end and thrown away, so that the client, which is still
    writing, gets to read the answer. Errors: ``BodyTooLarge``, ``ClientGone``.
    """
    declared = next((value for name, value in headers if name == b"content-length"), b"0")
    too_large = declared.isdigit() and int(declared) > BODY_LIMIT_BYTES
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone("client went away")
        size += len(message.get("body", b""))
        too_large = too_large or size > BODY_LIMIT_BYTES
        if too_large:
            parts.clear()
        else:
            parts.append(message.get("body", b""))
        if size > 4 * BODY_LIMIT_BYTES:
            raise BodyTooLarge(BODY_LIMIT_BYTES)
        if not message.get("more_body"):
            break
    if too_large:
        raise BodyTooLarge(BODY_LIMIT_BYTES)
    return parts[0] if len(parts) == 1 else b"".join(parts)
