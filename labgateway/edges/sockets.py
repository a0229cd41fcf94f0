"""The gateway's own listening sockets, by what they are for."""

from __future__ import annotations

import socket
from collections.abc import Mapping

from labgateway.edges.serving import bind, port_of


class Sockets:
    """Sockets by name; opened and closed once."""

    def __init__(self) -> None:
        self._open: dict[str, socket.socket] = {}

    def __getitem__(self, name: str) -> socket.socket:
        """The socket of that name, which has been opened."""
        return self._open[name]

    def open(
        self, wanted: Mapping[str, int], last: Mapping[str, int], *, strict: bool
    ) -> list[str]:
        """Open one for each wanted port (0: any free one); a sentence for each replaced port.

        ``last`` are ports to take where a wanted one is 0 or busy. Errors: ``PortInUse`` when
        ``strict``.
        """
        replaced = []
        for name, port in wanted.items():
            before = last.get(name, 0)
            self._open[name] = bind(port or before, strict=strict, instead=before)
            got = self.port(name)
            if port and got != port:
                replaced.append(f"port {port} is in use by another program; {name} has {got}")
        return replaced

    def port(self, name: str) -> int:
        """The port of a socket, 0 once it is closed."""
        listener = self._open[name]
        return port_of(listener) if listener.fileno() >= 0 else 0

    def close(self) -> None:
        """Close what was opened."""
        for listener in self._open.values():
            listener.close()
