"""Where calls to providers go."""

from __future__ import annotations

import asyncio

import pytest

from labgateway.decisions.backends import Address
from labgateway.decisions.forwarding import UpstreamCall
from labgateway.edges.upstream import Directory


async def openai() -> str:
    """The provider's base URL."""
    return "https://api.example/x/v1/"


async def model() -> str:
    """The small model's origin."""
    return "http://127.0.0.1:4321"


DIRECTORY = Directory(openai, {Address("local-model.ns.svc", 8080): model}, "http://proxy:3128")


@pytest.mark.parametrize(
    ("address", "path", "whole", "url"),
    [
        (None, "/chat/completions?a=b", False, "https://api.example/x/v1/chat/completions?a=b"),
        (None, "/v2/chat", True, "https://api.example/v2/chat"),
        (Address("local-model.ns.svc", 8080), "/v1", False, "http://127.0.0.1:4321/v1"),
        (Address("::1", 80), "/p%2Fq", False, "http://[::1]/p%2Fq"),
        (Address("host.example", 81), "/%23@", False, "http://host.example:81/%23@"),
    ],
)
def test_a_call_has_one_url(address: Address | None, path: str, *, whole: bool, url: str) -> None:
    """The manifest decides where; nothing of the path can become a host."""
    assert str(asyncio.run(DIRECTORY.url(UpstreamCall(address, path, whole, [], b"")))) == url


@pytest.mark.parametrize(
    ("address", "proxied"),
    [(None, True), (Address("127.0.0.1", 80), False), (Address("localhost", 80), False)],
)
def test_this_machine_is_reached_without_a_proxy(address: Address | None, *, proxied: bool) -> None:
    """A corporate proxy gets calls to other machines only."""
    url = asyncio.run(DIRECTORY.url(UpstreamCall(address, "/", False, [], b"")))

    assert (DIRECTORY.proxy_for(url) is not None) == proxied
