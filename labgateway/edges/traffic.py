"""uvicorn's HTTP protocol, counting connections and bytes on their way past."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from labgateway.memory.metrics import Traffic


def counting(protocol: type[HttpToolsProtocol], traffic: Traffic) -> type[HttpToolsProtocol]:
    """A protocol class for one port's connections."""

    class Counting(protocol):  # type: ignore[misc,valid-type]  # a class made of the one given
        def connection_made(self, transport: asyncio.Transport) -> None:
            traffic.connections += 1
            super().connection_made(cast("asyncio.Transport", _Counted(transport, traffic)))

        def data_received(self, data: bytes) -> None:
            traffic.received_bytes += len(data)
            super().data_received(data)

    return Counting


class _Counted:
    """A transport that counts what is written to it."""

    def __init__(self, transport: asyncio.Transport, traffic: Traffic) -> None:
        self._transport = transport
        self._traffic = traffic

    def write(self, data: bytes) -> None:
        self._traffic.sent_bytes += len(data)
        self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
