"""Who may talk to a port on this machine: Host, Origin and content type.

Any web page can send requests to a loopback port, and a gateway adds the learner's key to them.
Sources: the Fetch standard (simple requests, the Origin header), RFC 9110 §7.2 (Host).
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from labgateway.words.errors import BadRequest, ForeignOrigin, UnsupportedMediaType

Headers = list[tuple[bytes, bytes]]

DEFAULT_PORTS = {"http": 80, "https": 443}


def one_host(headers: Headers) -> str:
    """The Host header, lower case, without its port.

    Errors: ``BadRequest`` unless there is exactly one Host of a legal form.
    """
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) != 1:
        raise BadRequest(f"bad request: expected one Host header, got {len(hosts)}")
    host = split_host(hosts[0].decode("latin-1"))
    if not host:
        raise BadRequest("bad request: the Host header is not a host name")
    return host


def split_host(authority: str) -> str:
    """Host name of ``host``, ``host:port`` or ``[v6]:port``, lower case; "" when it is neither."""
    if any(mark in authority for mark in "/?#@\\ \t"):
        return ""
    try:
        parts = urlsplit(f"//{authority}")
        _ = parts.port
    except ValueError:
        return ""
    # One dot at the end is the root of the DNS; more is no host name.
    host = (parts.hostname or "").removesuffix(".")
    return "" if host.endswith(".") else host


def is_loopback(host: str) -> bool:
    """Whether a host name can only mean this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_address(host: str) -> bool:
    """Whether a host is an IP address and no name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def refuse_foreign_origin(headers: Headers, ports: frozenset[int]) -> None:
    """Refuse a request that a web page sent, unless the page came from one of these loopback ports.

    Errors: ``ForeignOrigin``.
    """
    for name, value in headers:
        if name == b"origin" and not _is_ours(value.decode("latin-1"), ports):
            raise ForeignOrigin
        if name == b"sec-fetch-site" and value == b"cross-site":
            raise ForeignOrigin


def _is_ours(origin: str, ports: frozenset[int]) -> bool:
    try:
        parts = urlsplit(origin)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return False
    bare = origin.lower() == f"{parts.scheme}://{parts.netloc.lower()}" and "@" not in origin
    web = bare and parts.scheme in DEFAULT_PORTS
    return web and is_loopback(parts.hostname or "") and port in ports


def require_json(headers: Headers) -> None:
    """Refuse a body that is not declared as JSON: what a page may send without asking first.

    Errors: ``UnsupportedMediaType``, naming the header and what was got.
    """
    given = next((value for name, value in headers if name == b"content-type"), b"")
    media_type = given.decode("latin-1").split(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        got = f"content-type {media_type!r}" if media_type else "no content-type header"
        raise UnsupportedMediaType(
            f"failed to process LLM request: expected content-type application/json, got {got}"
        )
