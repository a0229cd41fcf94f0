"""HTTPS listeners over real TLS: which certificate a client gets, and when it changes."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.certificates import OPENSSL, certificate
from tests.conftest import Running, gateway_in
from tests.edges.plain_servers import DEADLINE_S
from tests.edges.test_binds import NAMESPACE, conditions, free_port, key, published

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="needs openssl to make a certificate")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway for all; each test takes its Gateways away."""
    with gateway_in(tmp_path_factory.mktemp("tls") / "home") as running:
        yield running


def secret(name: str, entries: dict[str, str]) -> str:
    """A TLS Secret, as JSON."""
    metadata = {"name": name, "namespace": NAMESPACE}
    kind = {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls"}
    return json.dumps({**kind, "metadata": metadata, "stringData": entries})


def gateway(name: str, port: int, **secrets: str) -> str:
    """A Gateway with an HTTPS listener for each hostname ("any" has none), as JSON."""
    listeners: list[dict[str, Any]] = [
        {
            "name": host,
            "port": port,
            "protocol": "HTTPS",
            "tls": {"certificateRefs": [{"name": ref}]},
            **({} if host == "any" else {"hostname": f"{host}.example"}),
        }
        for host, ref in secrets.items()
    ]
    return json.dumps(
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "Gateway",
            "metadata": {"name": name, "namespace": NAMESPACE},
            "spec": {"gatewayClassName": "agentgateway", "listeners": listeners},
        }
    )


def names(port: int, asked: str | None) -> set[str]:
    """The host names of the certificate that a client gets who asks for a name."""
    context = ssl.create_default_context()
    context.check_hostname = False
    for one in ("a", "b", "c"):
        context.load_verify_locations(cadata=certificate(f"{one}.example")["tls.crt"])
    with (
        socket.create_connection(("127.0.0.1", port), DEADLINE_S) as plain,
        context.wrap_socket(plain, server_hostname=asked) as client,
    ):
        found: Any = client.getpeercert()
        return {name for _kind, name in found["subjectAltName"]}


def apply(running: Running, *texts: str) -> None:
    """Store manifests."""
    running.apply("\n---\n".join(texts))


def test_the_name_that_is_asked_for_chooses_the_certificate(shared: Running) -> None:
    """The listener without a hostname has the rest; without one there is no handshake."""
    port = free_port()
    secrets = [secret(one, certificate(f"{one}.example")) for one in ("a", "b")]
    apply(shared, *secrets, gateway("named", port, a="a", any="b"))
    place = published(shared)["named", port]

    assert names(place, "a.example") == {"a.example"}
    assert names(place, "elsewhere.example") == {"b.example"}
    assert names(place, None) == {"b.example"}

    apply(shared, gateway("named", port, a="a"))
    with pytest.raises(ssl.SSLError):
        names(place, "elsewhere.example")
    assert published(shared)["named", port] == place
    shared.gateway.store.delete(key("named"))


def test_a_new_certificate_is_for_the_next_connection(shared: Running) -> None:
    """A connection that there is goes on with the old one."""
    port = free_port()
    apply(shared, secret("turned", certificate("a.example")), gateway("turned", port, any="turned"))
    url = f"https://127.0.0.1:{published(shared)['turned', port]}/"
    with httpx.Client(verify=False, trust_env=False, timeout=DEADLINE_S) as client:
        assert client.get(url).status_code == 404

        apply(shared, secret("turned", certificate("c.example")))

        answer = client.get(url)
        stream = answer.extensions["network_stream"].get_extra_info("ssl_object")
        assert answer.status_code == 404
        assert stream.getpeercert(True) == ssl.PEM_cert_to_DER_cert(
            certificate("a.example")["tls.crt"]
        )
    assert names(int(url.rstrip("/").rpartition(":")[2]), "c.example") == {"c.example"}
    assert shared.exchanges[-1].scheme == "https"
    shared.gateway.store.delete(key("turned"))


def test_a_key_of_another_chain_is_not_served(shared: Running) -> None:
    """The Gateway says so, and nothing else suffers."""
    mixed = {**certificate("a.example"), "tls.key": certificate("b.example")["tls.key"]}
    port = free_port()
    apply(shared, secret("mixed", mixed), gateway("mixed", port, any="mixed"))

    assert conditions(shared, "mixed")["Programmed"] == ("False", "Invalid")
    assert ("mixed", port) not in published(shared)

    apply(shared, secret("mixed", certificate("a.example")))

    assert names(published(shared)["mixed", port], None) == {"a.example"}
    shared.gateway.store.delete(key("mixed"))


def test_the_labs_own_gateway_may_turn_to_https(shared: Running) -> None:
    """On another socket; over HTTP its routes are not to be had, until it turns back."""
    before = shared.gateway.store.get(key("agentgateway"))
    apply(shared, secret("own", certificate("a.example")), gateway("agentgateway", 8080, any="own"))
    place = published(shared)["agentgateway", 8080]

    assert names(place, None) == {"a.example"}
    plain = httpx.get(f"{shared.url}/", trust_env=False, timeout=DEADLINE_S)
    assert (plain.status_code, plain.text) == (404, "bind not found")

    metadata = {name: before["metadata"][name] for name in ("name", "namespace")}
    apply(shared, json.dumps({**before, "metadata": metadata, "status": None}))
    again = httpx.get(f"{shared.url}/", trust_env=False, timeout=DEADLINE_S)
    assert again.text == "route not found"
    assert published(shared)["agentgateway", 8080] == shared.gateway.running.gateway_port
