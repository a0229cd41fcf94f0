"""Connections of another user's processes, on the ports of a real gateway."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from labgateway.edges.peers import Peers
from tests.conftest import BACKEND, ROUTE, Running, gateway_in

NOBODY = 65534
ASK = """
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5) as connection:
    try:
        connection.sendall(sys.argv[2].encode())
        print(connection.recv(4096).decode())
    except ConnectionError as error:
        print(type(error).__name__)
"""
REQUEST = (
    "POST /openai HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    'Content-Length: 27\r\n\r\n{"model":"m","messages":[]}'
)

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells whose a socket is")
as_root = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0,
    reason="only root can start a process of another user",
)


@pytest.fixture(scope="module")
def routed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway with a route."""
    with gateway_in(tmp_path_factory.mktemp("home")) as running:
        running.apply(f"{ROUTE}---{BACKEND}")
        yield running


def said(port: int, user: int) -> str:
    """What a port answers to a process of a user."""
    # The system's Python: another user may not be allowed to read ours.
    done = subprocess.run(
        ["/usr/bin/env", "python3", "-I", "-c", ASK, str(port), REQUEST],
        user=user,
        cwd="/",
        env={"PATH": "/usr/local/bin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return done.stdout


@as_root
@pytest.mark.parametrize("name", ["gateway", "stats", "admin", "simulator"])
def test_another_users_process_is_refused_on_every_port(routed: Running, name: str) -> None:
    """It hears why, or that the connection was reset; no request is read or recorded."""
    before = len(routed.exchanges)

    answer = said(routed.gateway.sockets.port(name), NOBODY)

    assert answer.startswith(("HTTP/1.1 403", "ConnectionResetError", "BrokenPipeError"))
    assert len(routed.exchanges) == before
    assert not routed.simulator.requests


@as_root
def test_our_own_users_process_is_answered(routed: Running) -> None:
    """The same program, as the user of the lab, gets as far as the gateway."""
    answer = said(routed.gateway.running.gateway_port, os.geteuid())

    assert answer.startswith("HTTP/1.1 ")
    assert not answer.startswith("HTTP/1.1 403")
    routed.simulator.requests.clear()


@linux
@pytest.mark.parametrize(
    ("host", "family"), [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)]
)
def test_a_socket_that_nobody_holds_is_nobodys(host: str, family: socket.AddressFamily) -> None:
    """Who connects, sends and leaves before the answer cannot pass as our own user."""
    with (
        Peers() as peers,
        socket.create_server((host, 0), family=family) as listener,
        socket.create_connection(listener.getsockname()[:2]) as client,
    ):
        accepted, peer = listener.accept()
        with accepted:
            here = accepted.getsockname()
            open_ = peers.ours(peer, here)
            client.shutdown(socket.SHUT_WR)
            half_closed = peers.ours(peer, here)
            client.close()
            closed = peers.ours(peer, here)
            strange = peers.ours((peer[0], listener.getsockname()[1]), here)

    assert (open_, half_closed, closed, strange) == (True, True, False, False)
