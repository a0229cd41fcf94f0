"""One request on its way through the gateway port, once a rule has taken it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from urllib.parse import quote

import aiohttp

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.filters import Asked, replaced_path
from labgateway.decisions.routes import Destination, RequestHead, Rule, Selected
from labgateway.edges.downstream import Headers, Receive, Send
from labgateway.edges.transit import Scope, Transit
from labgateway.words.errors import RequestTimeout, UpstreamCallTimeout

_AS_THEY_ARE = "".join(map(chr, range(33, 127)))  # the rest of a path is percent-encoded


@dataclass(frozen=True)
class Passage:
    """The client's side, what is known of the request, and the destination that was chosen."""

    scope: Scope
    receive: Receive
    send: Send
    transit: Transit
    head: RequestHead
    selected: Selected
    destination: Destination
    record: Callable[[Exchange], None]

    @property
    def headers(self) -> Headers:
        """The client's headers, names in lower case."""
        headers: Headers = self.scope["headers"]
        return headers

    def target(self) -> str:
        """Path and query for the backend, after a rewrite of the path."""
        path, modifier = self.head.path, self.destination.course.path
        if modifier is not None:
            path = replaced_path(modifier, asked(self.scope, self.head, self.selected))
        query = self.scope["query_string"].decode("latin-1")
        return quote(f"{path}?{query}" if query else path, safe=_AS_THEY_ARE, encoding="latin-1")


def asked(scope: Scope, head: RequestHead, selected: Selected, port: int = 0) -> Asked:
    """What a redirect or rewrite starts from; a rewrite has no use for the port."""
    path = selected.match.path
    return Asked(
        scope["scheme"],
        head.host,
        port,
        head.path,
        scope["query_string"].decode("latin-1"),
        path.value if path.type == "PathPrefix" else None,
    )


@contextlib.asynccontextmanager
async def within(rule: Rule) -> AsyncIterator[None]:
    """Run the block within the rule's timeouts.

    Errors: ``RequestTimeout``, ``UpstreamCallTimeout``.
    """
    try:
        async with asyncio.timeout(rule.timeout_s):
            try:
                async with asyncio.timeout(rule.backend_timeout_s):
                    yield
            except TimeoutError as error:
                if rule.backend_timeout_s is None:
                    raise
                raise UpstreamCallTimeout from error
    except TimeoutError as error:
        raise RequestTimeout from error


def endpoint_of(response: aiohttp.ClientResponse) -> str:
    """Host and port of the server that answered."""
    return f"{response.url.host}:{response.url.port}"
