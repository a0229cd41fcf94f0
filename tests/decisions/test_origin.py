"""Who may talk to a port on this machine."""

from __future__ import annotations

import pytest

from labgateway.decisions.origin import (
    is_loopback,
    one_host,
    refuse_foreign_origin,
    require_json,
    split_host,
)
from labgateway.words.errors import BadRequest, ForeignOrigin, UnsupportedMediaType

PORTS = frozenset({8080, 15000})


@pytest.mark.parametrize(
    ("authority", "host"),
    [
        ("localhost", "localhost"),
        ("localhost:8080", "localhost"),
        ("LocalHost:8080", "localhost"),
        ("localhost.", "localhost"),
        ("localhost:", "localhost"),
        ("127.0.0.1:8080", "127.0.0.1"),
        ("[::1]:8080", "::1"),
        ("[::1]", "::1"),
        ("api.example.com:443", "api.example.com"),
        ("localhost.evil.example", "localhost.evil.example"),
        ("127.0.0.1.nip.io", "127.0.0.1.nip.io"),
        ("a_b:80", "a_b"),
    ],
)
def test_the_host_is_the_authority_without_its_port(authority: str, host: str) -> None:
    """Lower case, without the root's dot or the brackets of an address."""
    assert split_host(authority) == host
    assert one_host([(b"host", authority.encode())]) == host


@pytest.mark.parametrize(
    "authority",
    [
        "",
        ":8080",
        ".",
        "localhost..",
        "user@localhost",
        "localhost@evil.example",
        "localhost/evil",
        "localhost?x",
        "localhost#x",
        "localhost\\evil",
        "local host",
        "localhost\t",
        "http://localhost",
        "localhost:port",
        "localhost:99999",
        "localhost:-1",
        "localhost:80:80",
        "[::1",
        "::1]",
        "[localhost",
        "[]",
    ],
)
def test_what_is_no_host_is_a_bad_request(authority: str) -> None:
    """400, never a guess (F28, F29)."""
    assert split_host(authority) == ""
    with pytest.raises(BadRequest, match="the Host header is not a host name"):
        one_host([(b"host", authority.encode())])


@pytest.mark.parametrize("count", [0, 2])
def test_there_is_exactly_one_host(count: int) -> None:
    """Two would let the next hop choose (F31)."""
    with pytest.raises(BadRequest, match=f"expected one Host header, got {count}"):
        one_host([(b"host", b"localhost")] * count)


@pytest.mark.parametrize(
    "host", ["localhost", "app.localhost", "127.0.0.1", "127.255.0.9", "::1", "0:0:0:0:0:0:0:1"]
)
def test_names_and_addresses_of_this_machine(host: str) -> None:
    """All of 127.0.0.0/8, and whatever ends in .localhost (RFC 6761)."""
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "localhost.evil.example",
        "notlocalhost",
        "127.0.0.1.nip.io",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0.0.0.0",
        "::",
        "192.168.0.1",
        "evil.example",
    ],
)
def test_names_that_only_look_like_this_machine(host: str) -> None:
    """A DNS name may be rebound, and 0.0.0.0 is reachable from web pages (F28)."""
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:8080",
        "http://127.0.0.1:8080",
        "http://127.0.0.1:15000",
        "http://[::1]:8080",
        "HTTP://LOCALHOST:8080",
        "https://localhost:8080",
    ],
)
def test_pages_of_the_labs_own_ports_may_call(origin: str) -> None:
    """The console is one, a site behind an HTTPS listener another."""
    refuse_foreign_origin([(b"origin", origin.encode())], PORTS)


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://localhost.evil",
        "http://localhost.evil:8080",
        "http://evil.localhost.example:8080",
        "http://localhost:8080.evil.example",
        "http://localhost:8080@evil.example",
        "http://user@localhost:8080",
        "http://localhost",
        "http://localhost:8888",
        "http://localhost:0",
        "https://localhost",
        "https://localhost:8888",
        "ws://localhost:8080",
        "file://",
        "null",
        "",
        "localhost:8080",
        "//localhost:8080",
        "http://",
        "http://[::1",
        "http://localhost:8080/",
        "http://localhost:8080/path",
        "http://localhost:8080 http://evil.example",
        "http://127.0.0.1.nip.io:8080",
        "chrome-extension://abcdefghijklmnop",
        "\xff",
    ],
)
def test_any_other_page_may_not(origin: str) -> None:
    """403, and the learner's key stays unused (F27)."""
    with pytest.raises(ForeignOrigin, match="authorization failed"):
        refuse_foreign_origin([(b"origin", origin.encode("latin-1"))], PORTS)


def test_every_origin_counts() -> None:
    """A good one does not excuse a second."""
    good, bad = (b"origin", b"http://localhost:8080"), (b"origin", b"https://evil.example")
    with pytest.raises(ForeignOrigin):
        refuse_foreign_origin([good, bad], PORTS)


def test_a_browser_that_says_cross_site_is_believed() -> None:
    """Some requests of a page carry no Origin."""
    with pytest.raises(ForeignOrigin):
        refuse_foreign_origin([(b"sec-fetch-site", b"cross-site")], PORTS)
    refuse_foreign_origin([(b"sec-fetch-site", b"same-origin")], PORTS)


def test_a_client_that_is_no_browser_has_no_origin() -> None:
    """curl, httpx, the OpenAI SDK."""
    refuse_foreign_origin([(b"host", b"localhost:8080"), (b"user-agent", b"curl/8")], PORTS)


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON; charset=utf-8", "application/vnd.api+json"],
)
def test_json_is_declared(content_type: str) -> None:
    """In any case, with parameters."""
    require_json([(b"content-type", content_type.encode())])


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "text/plain; application/json",
        "text/plain;charset=application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=json",
        "application/json, text/plain",
        "application/jsonp",
        "",
        ";",
    ],
)
def test_what_a_page_may_send_without_asking_is_refused(content_type: str) -> None:
    """415 that names what came (F27)."""
    with pytest.raises(UnsupportedMediaType) as refused:
        require_json([(b"content-type", content_type.encode())])
    assert refused.value.status == 415
    assert "expected content-type application/json, got " in str(refused.value)


def test_a_missing_content_type_is_refused() -> None:
    """And said to be missing."""
    with pytest.raises(UnsupportedMediaType, match="got no content-type header"):
        require_json([])
