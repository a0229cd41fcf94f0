"""Calls to providers: where each one is, and the pooled client that reaches them.

The client is aiohttp, chosen by ``tests/performance/upstream_clients.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from labgateway.decisions.backends import Address
from labgateway.decisions.forwarding import UpstreamCall
from labgateway.decisions.origin import is_loopback
from labgateway.words.errors import LLMResponseUnreadable, UpstreamCallFailed

# Shorter than the 5 s after which common servers close an idle connection, so that no request
# is written to one that is just being closed.
IDLE_CONNECTION_S = 4.0
CONNECT_TIMEOUT_S = 10.0
ANSWER_LIMIT_BYTES = 32 * 1024 * 1024

Locate = Callable[[], Awaitable[str]]


@dataclass(frozen=True)
class Directory:
    """Where providers are: base URLs, found when a request needs them.

    ``default`` gives the openai provider's base URL (it ends in ``/v1``); ``names`` maps a cluster
    address to the origin of a server on this machine. ``proxy`` is for hosts elsewhere only.
    """

    default: Locate
    names: Mapping[Address, Locate] = field(default_factory=dict)
    proxy: str | None = None

    async def url(self, call: UpstreamCall) -> URL:
        """The URL of a call. Errors: those of the provider that has to start first."""
        if call.address is None:
            base = await self.default()
        elif call.address in self.names:
            base = await self.names[call.address]()
        else:
            host = call.address.host
            base = f"http://{f'[{host}]' if ':' in host else host}:{call.address.port}"
        if call.whole_path:
            base = str(URL(base).origin())
        return URL(base.rstrip("/") + call.path, encoded=True)

    def proxy_for(self, url: URL) -> str | None:
        """The proxy for a URL; this machine is never reached through one."""
        return None if is_loopback(url.host or "") else self.proxy


class Upstream:
    """A pooled HTTP client; made, used and closed on one event loop."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_CONNECTION_S),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S),
        )

    async def send(
        self, call: UpstreamCall, body: AsyncIterator[bytes] | None = None
    ) -> aiohttp.ClientResponse:
        """The response as soon as its headers are there; redirects are passed on, not followed.

        ``body`` is one that follows in parts, if the call has none. Errors: ``UpstreamCallFailed``.
        """
        url = await self._directory.url(call)
        headers = CIMultiDict(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in call.headers
        )
        try:
            return await self._session.request(
                call.method,
                url,
                data=call.body if body is None else body,
                headers=headers,
                allow_redirects=False,
                proxy=self._directory.proxy_for(url),
            )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise UpstreamCallFailed(f"{url.host}:{url.port}: {_why(error)}") from error

    async def close(self) -> None:
        """Close the pool."""
        await self._session.close()


async def chunks(response: aiohttp.ClientResponse, stall_s: float | None) -> AsyncIterator[bytes]:
    """The body as it arrives.

    Errors: ``UpstreamCallFailed`` when it breaks off, ``TimeoutError`` after ``stall_s`` of none.
    """
    try:
        while True:
            async with asyncio.timeout(stall_s):
                chunk = await response.content.readany()
            if not chunk:
                return
            yield chunk
    except aiohttp.ClientError as error:
        raise UpstreamCallFailed(_why(error)) from error


async def whole(response: aiohttp.ClientResponse) -> bytes:
    """The whole body. Errors: ``UpstreamCallFailed``, ``LLMResponseUnreadable`` over the limit."""
    parts = []
    size = 0
    try:
        async for chunk in chunks(response, None):
            size += len(chunk)
            if size > ANSWER_LIMIT_BYTES:
                raise LLMResponseUnreadable(f"the body exceeds {ANSWER_LIMIT_BYTES} bytes")
            parts.append(chunk)
    finally:
        if not response.content.at_eof():
            response.close()
    response.release()
    return b"".join(parts)


def _why(error: Exception) -> str:
    """The kind of trouble, without the URL or headers that some messages repeat."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "the host name does not resolve"
    if isinstance(error, aiohttp.ClientConnectorError):
        return error.strerror or "connection refused"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the connection was closed before an answer came"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the connection was closed in the middle of the answer"
    return type(error).__name__
