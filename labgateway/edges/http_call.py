"""A request that goes as it is: any method and body, streamed both ways, no more held than needed.

An end that does not read holds up the other one: nothing of a body is kept but the part under way.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import aiohttp

from labgateway.decisions.backends import HTTPBackend
from labgateway.decisions.filters import edited
from labgateway.decisions.forwarding import UpstreamCall, passed_headers, returned_headers
from labgateway.edges.downstream import ClientWatch, Headers, Message, Receive
from labgateway.edges.passage import Passage, endpoint_of, within
from labgateway.edges.transit import Transit
from labgateway.edges.upstream import Upstream, chunks
from labgateway.words.errors import NoHealthyBackends

_NO_BODY = frozenset({204, 304})  # these statuses have none, whatever their headers say


class ClientBody:
    """A client's body in parts, at most one of them ahead of who reads it."""

    def __init__(self, receive: Receive, transit: Transit) -> None:
        self._receive = receive
        self._transit = transit
        self._parts: asyncio.Queue[bytes] = asyncio.Queue(1)

    async def pump(self) -> Message:
        """Take the body in, then wait; the message that the client is gone."""
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                return message
            if message.get("body"):
                await self._parts.put(message["body"])
            if not message.get("more_body"):
                await self._parts.put(b"")
                return await self._receive()

    async def parts(self) -> AsyncIterator[bytes]:
        """The parts as they come."""
        facts = self._transit.facts
        while part := await self._parts.get():
            self._transit.said("request", part)
            facts["request_bytes"] = facts.get("request_bytes", 0) + len(part)
            yield part


async def call_server(passage: Passage, backend: HTTPBackend, upstream: Upstream) -> None:
    """Serve a request whose destination gets it as it is. Errors: ``NoHealthyBackends``."""
    if not backend.addresses:
        raise NoHealthyBackends
    call = _call(passage, backend)
    passage.transit.passes(backend)
    if _has_body(passage.headers):
        body = ClientBody(passage.receive, passage.transit)
        async with ClientWatch(body.pump):
            await _forward(passage, upstream, call, body.parts())
    else:
        await passage.receive()
        async with ClientWatch(passage.receive):
            await _forward(passage, upstream, call, None)


def _call(passage: Passage, backend: HTTPBackend) -> UpstreamCall:
    trace, course = passage.transit.trace.headers, passage.destination.course
    address = random.choice(backend.addresses)  # noqa: S311 - a share of traffic, no secret
    headers = passed_headers(passage.headers, backend, trace, course)
    method = passage.head.method
    return UpstreamCall(address, passage.target(), False, headers, None, method)  # noqa: FBT003 - a field, not a switch


async def _forward(
    passage: Passage, upstream: Upstream, call: UpstreamCall, body: AsyncIterator[bytes] | None
) -> None:
    transit = passage.transit
    async with within(passage.selected.rule):
        response = await upstream.send(call, body)
    try:
        transit.facts["endpoint"] = endpoint_of(response)
        transit.facts["sent_path"] = response.url.raw_path
        transit.mark("headers_ns")
        await _pass_back(passage, response)
    finally:
        # What was not read to its end would be the next request's answer.
        if not response.content.at_eof():
            response.close()
        response.release()


async def _pass_back(passage: Passage, response: aiohttp.ClientResponse) -> None:
    """Pass parts on as they come; the record is made before the part that ends the body."""
    transit, send = passage.transit, passage.send
    headers, length = _headers(passage, response), _length(passage, response)
    if length == 0:
        _record(passage, response, 0)
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    transit.answered = True
    passed = 0
    if length != 0:
        async for chunk in chunks(response, None):
            transit.said("response", chunk)
            passed += len(chunk)
            if passed == length:
                _record(passage, response, passed)
            transit.facts["response_bytes"] = passed
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    if not transit.finished:
        _record(passage, response, passed)
    await send({"type": "http.response.body", "body": b""})


def _record(passage: Passage, response: aiohttp.ClientResponse, size: int) -> None:
    passage.transit.facts["response_bytes"] = size
    passage.transit.mark("received_ns")
    passage.record(passage.transit.finish(response.status))


def _headers(passage: Passage, response: aiohttp.ClientResponse) -> Headers:
    returned = returned_headers(list(response.raw_headers))
    if response.status in _NO_BODY:
        returned = [pair for pair in returned if pair[0] != b"content-length"]
    return [
        *edited(returned, passage.destination.course.response),
        (b"x-trace-id", passage.transit.trace.trace_id.encode()),
    ]


def _length(passage: Passage, response: aiohttp.ClientResponse) -> int | None:
    """Bytes of the body, None when only its end will tell."""
    if passage.head.method == "HEAD" or response.status in _NO_BODY:
        return 0
    declared = response.headers.get("content-length", "")
    return int(declared) if declared.isdecimal() else None


def _has_body(headers: Headers) -> bool:
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
        for name, value in headers
    )
