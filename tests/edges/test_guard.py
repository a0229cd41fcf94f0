"""Who may talk to a port on this machine: web pages, foreign names, broken framing."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import BACKEND, ROUTE, Running, gateway_in

BODY = b'{"model":"m","messages":[]}'
CHAT = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One gateway for all of these; what is refused leaves no trace in it."""
    with gateway_in(tmp_path_factory.mktemp("home")) as running:
        running.apply(f"{ROUTE}---{BACKEND}")
        yield running


@pytest.fixture
def routed(started: Running) -> Running:
    """The gateway, its provider not asked yet."""
    started.simulator.requests.clear()
    return started


def raw(port: int, request: bytes) -> bytes:
    """What a port answers to bytes written as they are, until it closes or has said its status."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer and (part := connection.recv(65536)):
            answer += part
    return answer


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost.evil.example"},
        {"origin": "http://localhost:8888"},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_a_web_page_cannot_spend_the_learners_key(routed: Running, headers: dict[str, str]) -> None:
    """A foreign Origin is refused on every port, and the provider is never called."""
    running = routed.gateway.running
    answer = httpx.post(f"{routed.url}/openai", json=CHAT, headers=headers, trust_env=False)
    stats = httpx.get(
        f"http://127.0.0.1:{running.stats_port}/metrics", headers=headers, trust_env=False
    )
    admin = httpx.get(
        f"http://127.0.0.1:{running.admin_port}/{running.secret}/api/v1/namespaces",
        headers=headers,
        trust_env=False,
    )

    assert (answer.status_code, stats.status_code, admin.status_code) == (403, 403, 403)
    assert not routed.simulator.requests


def test_a_preflight_is_not_granted(routed: Running) -> None:
    """No page gets permission to send what it may not send unasked."""
    answer = httpx.options(
        f"{routed.url}/openai",
        headers={"origin": "https://evil.example", "access-control-request-method": "POST"},
        trust_env=False,
    )

    assert answer.status_code == 403
    assert not any(name.startswith("access-control-") for name in answer.headers)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
def test_a_body_must_be_declared_as_json(routed: Running, kind: str | None) -> None:
    """What a page may send without a preflight is refused, and the header is named."""
    headers = {"content-type": kind} if kind else {}

    answer = httpx.post(f"{routed.url}/openai", content=BODY, headers=headers, trust_env=False)

    assert answer.status_code == 415
    assert "content-type" in answer.text
    assert not routed.simulator.requests


def test_a_foreign_host_finds_no_route(routed: Running) -> None:
    """A name rebound to this machine reaches only what a listener or route names."""
    headers = {"host": "evil.example"}

    answer = httpx.post(f"{routed.url}/openai", json=CHAT, headers=headers, trust_env=False)

    assert (answer.status_code, answer.text) == (404, "route not found")


def test_a_foreign_host_is_misdirected_elsewhere(routed: Running) -> None:
    """Stats and admin answer to this machine's own names only, on every path."""
    running = routed.gateway.running
    for port in (running.stats_port, running.admin_port):
        for path in ("/", "/metrics", f"/{running.secret}/api", "/openapi.json"):
            answer = httpx.get(
                f"http://127.0.0.1:{port}{path}", headers={"host": "evil.example"}, trust_env=False
            )
            assert answer.status_code == 421


def test_the_admin_port_wants_its_secret(routed: Running) -> None:
    """Without the secret first path element there is nothing, and the refusal does not tell it."""
    running = routed.gateway.running
    for path in ("/", "/api/v1/secrets", "/observation", f"/{running.secret[:-1]}/api"):
        answer = httpx.get(f"http://127.0.0.1:{running.admin_port}{path}", trust_env=False)
        assert answer.status_code == 401
        assert running.secret not in answer.text


AMBIGUOUS = {
    "CL+TE": b"Host: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two CL": b"Host: localhost\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
    "two Host": b"Host: localhost\r\nHost: evil.example\r\nContent-Length: 0\r\n\r\n",
    "no Host": b"Content-Length: 0\r\n\r\n",
    "bare LF": b"Host: localhost\nContent-Length: 0\n\n",
    "folded": b"Host: localhost\r\nX-A: b\r\n folded\r\nContent-Length: 0\r\n\r\n",
    "odd TE": b"Host: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "space before colon": b"Host : localhost\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("headers", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_ambiguous_framing_is_refused(routed: Running, headers: bytes) -> None:
    """A request that two servers could read in two ways is a 400, and goes no further."""
    line = (
        b"POST /openai HTTP/1.1\n"
        if headers == AMBIGUOUS["bare LF"]
        else b"POST /openai HTTP/1.1\r\n"
    )

    answer = raw(routed.gateway.running.gateway_port, line + headers)

    assert answer.startswith(b"HTTP/1.1 400")
    assert not routed.simulator.requests


@pytest.mark.parametrize(
    "target",
    [
        "/openai/../metrics",
        "/openai/%2e%2e/x",
        "/openai/..%2f..",
        "//openai",
        "/\\openai",
        "/openai;x/../y",
    ],
)
def test_a_path_means_one_thing(routed: Running, target: str) -> None:
    """What is matched is what is forwarded: dots are resolved before either."""
    answer = raw(
        routed.gateway.running.gateway_port,
        b"POST %s HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        % (target.encode(), len(BODY), BODY),
    )

    status = int(answer.split()[1])
    if target == "/openai/..%2f..":
        assert status in {200, 400}
        assert all(one.path == "/v1/chat/completions" for one in routed.simulator.requests)
    else:
        assert status == 404


@pytest.mark.parametrize(
    "target", ["http://evil.example/openai", "http://user@evil.example/openai", "evil.example:80"]
)
def test_a_request_cannot_choose_the_destination(routed: Running, target: str) -> None:
    """Absolute request targets and forwarded-host headers never become an address."""
    raw(
        routed.gateway.running.gateway_port,
        b"POST %s HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Host: evil.example\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        % (target.encode(), len(BODY), BODY),
    )

    assert all(
        one.endpoint is None or one.endpoint.startswith("127.0.0.1") for one in routed.exchanges
    )
