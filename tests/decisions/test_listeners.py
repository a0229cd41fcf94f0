"""Which listeners of a Gateway are served, and what its status says of them."""

from __future__ import annotations

import pytest

from labgateway.decisions.certificates import Keyring
from labgateway.decisions.listeners import Bind, Certificates, binds_of, gateway_status
from labgateway.decisions.reconcile import Resources
from labgateway.shapes.gateway_api import Gateway
from labgateway.shapes.resource import Condition
from tests.decisions.resources import GATEWAY, HTTP, Json, admitted, gateway
from tests.decisions.statuses import condition

NONE: Resources = {}


def of(*listeners: Json) -> Gateway:
    """A Gateway with these listeners."""
    found = admitted(gateway(*listeners))
    assert isinstance(found, Gateway)
    return found


def on(port: int, **changes: object) -> Json:
    """The listener ``http`` with another port, and other changes."""
    return {**HTTP, "port": port, **changes}


def status(one: Gateway, *binds: Bind, state: Resources = NONE) -> Json:
    """Its status where these binds listen at their own port."""
    ports = {bind: bind[1] for bind in binds}
    return gateway_status(one, Keyring(state), ports, lambda _listener: 0)


def bound(one: Gateway, state: Resources = NONE) -> dict[Bind, Certificates]:
    """The binds that it wants."""
    return binds_of(one, Keyring(state))


def of_listener(found: Json, index: int, type_: str) -> Condition:
    """A condition of a listener."""
    return condition(found["listeners"][index]["conditions"], type_)


def test_a_port_with_several_listeners_is_one_bind() -> None:
    """They are told apart by hostname."""
    one = of(on(80, name="a", hostname="a.org"), on(80, name="b"), on(81, name="c"))
    assert bound(one) == {(GATEWAY, 80): {}, (GATEWAY, 81): {}}


def test_a_listener_says_where_it_listens() -> None:
    """Which need not be the port that it asks for."""
    found = gateway_status(of(), Keyring({}), {(GATEWAY, 8080): 40001}, lambda _listener: 3)
    assert of_listener(found, 0, "Programmed").message == "Listens on 127.0.0.1:40001"
    assert found["listeners"][0]["attachedRoutes"] == 3
    assert condition(found["conditions"], "Programmed").status == "True"


def test_a_port_that_cannot_be_had_is_unavailable() -> None:
    """The other listener goes on, and the Gateway is accepted in part."""
    found = status(of(on(80, name="a"), on(81, name="b")), (GATEWAY, 80))
    assert of_listener(found, 1, "Accepted")[:3] == ("Accepted", "False", "PortUnavailable")
    assert of_listener(found, 1, "Programmed").status == "False"
    assert of_listener(found, 0, "Programmed").status == "True"
    assert condition(found["conditions"], "Accepted")[1:3] == ("True", "ListenersNotValid")


@pytest.mark.parametrize("protocol", ["UDP", "TCP", "example.org/own"])
def test_a_protocol_that_is_not_spoken_is_unsupported(protocol: str) -> None:
    """And is not served."""
    one = of(on(80, protocol=protocol))
    found = status(one)
    assert bound(one) == {}
    assert of_listener(found, 0, "Accepted")[1:3] == ("False", "UnsupportedProtocol")
    assert condition(found["conditions"], "Programmed")[1:3] == ("False", "Invalid")
    assert found["listeners"][0]["supportedKinds"] == []


def test_listeners_without_fault_are_in_no_conflict() -> None:
    """Every type of condition is there."""
    found = status(of(), (GATEWAY, 8080))
    said = {one.type: one.status for one in found["listeners"][0]["conditions"]}
    assert said == {
        "Accepted": "True",
        "Conflicted": "False",
        "ResolvedRefs": "True",
        "Programmed": "True",
    }
