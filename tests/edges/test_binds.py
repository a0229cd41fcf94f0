"""A socket for each Gateway and port: opened, published, kept and closed with the resources."""

from __future__ import annotations

import contextlib
import http.client
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from labgateway.decisions.listeners import Bind, Certificates
from labgateway.edges.binds import Binds
from labgateway.edges.serving import bind, port_of
from labgateway.shapes.resource import Key
from tests.conftest import Running, gateway_in
from tests.edges.plain_servers import DEADLINE_S, Server, route, service, serving
from tests.edges.waiting import eventually

GATEWAY_API = "gateway.networking.k8s.io"
NAMESPACE = "agentgateway-system"


def key(name: str) -> Key:
    """A Gateway of the lab's namespace."""
    return Key(GATEWAY_API, "Gateway", NAMESPACE, name)


def gateway(name: str, *ports: int, protocol: str = "HTTP") -> str:
    """A Gateway with a listener on each port."""
    listeners = ", ".join(f"{{name: l{p}, port: {p}, protocol: {protocol}}}" for p in ports)
    return f"""
apiVersion: {GATEWAY_API}/v1
kind: Gateway
metadata: {{name: {name}, namespace: {NAMESPACE}}}
spec: {{gatewayClassName: agentgateway, listeners: [{listeners}]}}
"""


def free_port() -> int:
    """A port that nobody has now."""
    with contextlib.closing(bind(0, strict=True)) as found:
        return port_of(found)


def listens(port: int) -> bool:
    """Whether something takes connections there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway for all; each test takes its Gateways away."""
    home = tmp_path_factory.mktemp("binds") / "home"
    with gateway_in(home, gateway_port=free_port()) as running:
        yield running


@pytest.fixture
def server(shared: Running) -> Iterator[Server]:
    """A server behind the Service ``plain``."""
    one = Server()
    with serving(one) as port:
        shared.apply(service(port))
        yield one


def published(running: Running) -> dict[tuple[str, int], int]:
    """(Gateway's name, port) → where it listens, as ``/config_dump`` says."""
    now = running.gateway.running
    url = f"http://127.0.0.1:{now.admin_port}/{now.secret}/config_dump"
    binds = httpx.get(url, trust_env=False, timeout=DEADLINE_S).json()["binds"]
    assert all(one["url"].endswith(f"://{one['address']}") for one in binds)
    return {
        (one["gateway"].rpartition("/")[2], one["port"]): int(one["address"].rpartition(":")[2])
        for one in binds
    }


def conditions(running: Running, name: str) -> dict[str, tuple[str, str]]:
    """Type → (status, reason) of a Gateway's conditions."""
    found: Any = running.gateway.store.get(key(name))["status"]["conditions"]
    return {one["type"]: (one["status"], one["reason"]) for one in found}


def ask(port: int, path: str = "/echo") -> httpx.Response:
    """A request to a port."""
    return httpx.get(f"http://127.0.0.1:{port}{path}", trust_env=False, timeout=DEADLINE_S)


@pytest.mark.usefixtures("server")
def test_each_gateway_and_port_has_a_socket_of_its_own(shared: Running) -> None:
    """Open when the write is answered; the second Gateway with a port gets another one for it."""
    port, other = free_port(), free_port()
    shared.apply("---".join((gateway("one", port, other), gateway("two", port))))
    shared.apply("---".join(route(name=n, gateway=n) for n in ("one",)))

    found = published(shared)
    answers = {name: ask(place).status_code for name, place in found.items()}

    assert (found["one", port], found["one", other]) == (port, other)
    assert found["two", port] not in {port, other}
    assert answers == {
        ("agentgateway", 8080): 404,
        ("one", port): 201,
        ("one", other): 201,
        ("two", port): 404,
    }
    assert found["agentgateway", 8080] == shared.gateway.running.gateway_port
    assert conditions(shared, "two")["Programmed"] == ("True", "Programmed")
    assert shared.exchanges[-1].bind in {f"{port}/{NAMESPACE}/one", f"{port}/{NAMESPACE}/two"}
    forget(shared, "one", "two")


def forget(running: Running, *names: str) -> None:
    """Delete Gateways."""
    for name in names:
        running.gateway.store.delete(key(name))


def test_connections_are_counted_for_each(shared: Running) -> None:
    """Under the bind's own labels."""
    port = free_port()
    shared.apply(gateway("counted", port))

    ask(port)

    counted = {
        one.labels["bind"]: one.value
        for one in shared.gateway.metrics.samples()
        if one.name == "agentgateway_downstream_connections_total"
    }
    assert counted[f"{port}/{NAMESPACE}/counted"] == 1
    forget(shared, "counted")


def test_a_port_that_is_gone_answers_what_is_under_way(shared: Running, server: Server) -> None:
    """Nobody new gets in; who is in gets the whole answer."""
    port = free_port()
    shared.apply("---".join((gateway("going", port), route(name="going", gateway="going"))))
    with httpx.stream(
        "GET", f"http://127.0.0.1:{port}/held", trust_env=False, timeout=DEADLINE_S
    ) as answer:
        parts = answer.iter_raw()
        assert next(parts) == b"first,"

        forget(shared, "going")

        assert ("going", port) not in published(shared)
        assert eventually(lambda: not listens(port))
        server.go.set()
        assert b"".join(parts) == b"last"


@pytest.mark.usefixtures("server")
def test_a_change_leaves_other_sockets_and_connections_alone(shared: Running) -> None:
    """One connection lives through a listener more, a listener less and another Gateway."""
    port, other = free_port(), free_port()
    shared.apply("---".join((gateway("kept", port), route(name="kept", gateway="kept"))))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)
    connection.auto_open = 0
    connection.connect()
    statuses = []

    for manifest in (gateway("kept", port, other), gateway("kept", port), gateway("new", other)):
        shared.apply(manifest)
        connection.request("GET", "/echo")
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)

    connection.close()
    assert statuses == [201, 201, 201]
    assert published(shared)["new", other] > 0
    forget(shared, "kept", "new")


def test_many_changes_at_once_end_as_the_last_says(shared: Running) -> None:
    """Opened and closed from several threads, nothing is left over and nothing fails."""
    ports = [free_port() for _ in range(4)]
    for number, port in enumerate(ports):
        shared.apply(gateway(f"many-{number}", port))

    def flap(number: int) -> None:
        for _ in range(10):
            forget(shared, f"many-{number}")
            shared.apply(gateway(f"many-{number}", ports[number]))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(flap, range(4)))

    assert all(
        ask(published(shared)[f"many-{n}", p]).status_code == 404 for n, p in enumerate(ports)
    )
    forget(shared, *(f"many-{number}" for number in range(4)))
    assert set(published(shared)) == {("agentgateway", 8080)}


def test_a_protocol_that_is_not_spoken_has_no_socket(shared: Running) -> None:
    """Its Gateway is not programmed and says why."""
    port = free_port()
    shared.apply(gateway("tcp", port, protocol="TCP"))

    assert conditions(shared, "tcp") == {
        "Accepted": ("False", "ListenersNotValid"),
        "Programmed": ("False", "Invalid"),
    }
    assert not listens(port)
    forget(shared, "tcp")


def test_a_page_of_a_port_may_call_it(shared: Running) -> None:
    """A site behind a Gateway of the learner's is no foreign origin."""
    port = free_port()
    shared.apply(gateway("site", port))

    def status(origin: str) -> int:
        url = f"http://127.0.0.1:{port}/"
        headers = {"origin": origin}
        return httpx.get(url, headers=headers, trust_env=False, timeout=DEADLINE_S).status_code

    assert status(f"http://localhost:{port}") == 404
    assert status("http://evil.example") == 403
    forget(shared, "site")


def test_nothing_listens_before_it_may() -> None:
    """Sockets are the running gateway's; a store that is only read opens none."""
    first: Bind = (key("first"), 8080)
    other: Bind = (key("other"), 0)
    binds = Binds(first, any_port=True)
    wanted: dict[Bind, Certificates] = {first: {}, other: {}}
    assert binds.listen(wanted) == {}

    binds.open(1234)
    try:
        found = binds.listen(wanted)
        assert found[first] == 1234
        assert listens(found[other])
    finally:
        binds.close()
    assert not listens(found[other])
