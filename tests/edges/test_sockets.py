"""The gateway's own sockets: the ports that they get, and what is said of others."""

from __future__ import annotations

import pytest

from labgateway.edges.serving import bind, port_of
from labgateway.edges.sockets import Sockets
from labgateway.words.errors import PortInUse


def test_each_name_has_a_port_until_it_is_closed() -> None:
    """A free one where none is asked for, and again the last one where it is free."""
    sockets = Sockets()
    assert sockets.open({"a": 0, "b": 0}, {}, strict=True) == []
    ports = {name: sockets.port(name) for name in ("a", "b")}
    assert ports == {name: port_of(sockets[name]) for name in ("a", "b")}
    assert 0 not in ports.values()
    sockets.close()
    assert sockets.port("a") == 0
    again = Sockets()
    assert again.open({"a": 0}, ports, strict=False) == []
    assert again.port("a") == ports["a"]
    again.close()


def test_a_busy_port_is_replaced_and_named_or_refused() -> None:
    """With the last one that there was, if it is free; strict means never."""
    with bind(0, strict=True) as taken, bind(0, strict=True) as free:
        busy, last = port_of(taken), port_of(free)
        free.close()
        sockets = Sockets()
        (said,) = sockets.open({"gateway": busy}, {"gateway": last}, strict=False)
        assert said == f"port {busy} is in use by another program; gateway has {last}"
        sockets.close()
        with pytest.raises(PortInUse):
            Sockets().open({"gateway": busy}, {}, strict=True)
