"""Whose process is at the other end of a loopback connection; only our own user's are served.

On a machine with several users a loopback port is open to all of them. The kernel knows the user of
each socket, and Linux tells: sock_diag(7) looks one socket up by its four addresses, in about 20 µs
and whatever the number of connections.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import sys
from types import TracebackType
from typing import Any, Self

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

Address = tuple[Any, ...]  # (host, port), and two numbers more for IPv6

# linux/netlink.h, linux/sock_diag.h, linux/inet_diag.h
_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_REQUEST = 1
_HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port id
_ASK = struct.Struct("=BBBxI")  # family, protocol, extensions, states
_SOCKET = struct.Struct("!HH16s16s")  # ports and addresses, ours of the socket and its peer's
_ANY = struct.Struct("=III")  # interface, and a cookie that fits each socket
_ANSWER = struct.Struct("=BBBB48xIIIII")  # family, state, …; expires, queues, uid, inode
_ALL_STATES = 0xFFFFFFFF
_NO_COOKIE = 0xFFFFFFFF
_LISTEN = 10
_BUFFER_BYTES = 4096

_SENTENCE = b"this port answers processes of the user who started the lab, and of nobody else\n"
_REFUSAL = (
    b"HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\nconnection: close\r\n"
    b"content-length: %d\r\n\r\n%s" % (len(_SENTENCE), _SENTENCE)
)


class Peers:
    """Asks the kernel about connections while the block lasts."""

    def __init__(self) -> None:
        self._kernel: socket.socket | None = None

    def __enter__(self) -> Self:
        """Open the way to the kernel, where there is one."""
        self._kernel = _kernel()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        if self._kernel is not None:
            self._kernel.close()

    def ours(self, peer: Address, here: Address) -> bool:
        """Whether a process of our own user holds the other end; True where nobody can tell.

        A socket that no process holds any more belongs to nobody.
        """
        return self._kernel is None or _uid(self._kernel, peer, here) == os.geteuid()


def own_user_only(peers: Peers) -> type[HttpToolsProtocol]:
    """A protocol class for a port's connections: who is refused hears why, and nothing is read."""

    class OwnUserOnly(HttpToolsProtocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
            peer, here = (transport.get_extra_info(name) for name in ("peername", "sockname"))
            if peers.ours(peer, here):
                super().connection_made(transport)
                return
            self.transport = transport  # which uvicorn closes once more when it is lost
            transport.write(_REFUSAL)
            transport.close()

    return OwnUserOnly


def _kernel() -> Any:
    """A netlink socket that is known to tell; None on other systems, and where it is forbidden."""
    if sys.platform != "linux":
        return None
    try:
        kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _NETLINK_SOCK_DIAG)
    except OSError:
        return None
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as probe,
    ):
        if _uid(kernel, probe.getsockname(), listener.getsockname()) is not None:
            return kernel
    kernel.close()
    return None


def _uid(kernel: socket.socket, peer: Address, here: Address) -> int | None:
    """The user of the process that holds the socket at ``peer`` connected to ``here``."""
    family = socket.AF_INET6 if ":" in here[0] else socket.AF_INET
    ends = (socket.inet_pton(family, one[0]) for one in (peer, here))
    addresses = _SOCKET.pack(peer[1], here[1], *ends)
    ask = _ASK.pack(family, socket.IPPROTO_TCP, 0, _ALL_STATES)
    body = ask + addresses + _ANY.pack(0, _NO_COOKIE, _NO_COOKIE)
    header = _HEADER.pack(_HEADER.size + len(body), _SOCK_DIAG_BY_FAMILY, _REQUEST, 0, 0)
    kernel.send(header + body)
    answer = kernel.recv(_BUFFER_BYTES)
    if _HEADER.unpack_from(answer)[1] != _SOCK_DIAG_BY_FAMILY:
        return None
    _, state, *_, uid, inode = _ANSWER.unpack_from(answer, _HEADER.size)
    return int(uid) if inode and state != _LISTEN else None
