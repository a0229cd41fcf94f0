"""The gateway port: raw ASGI from a client's request to the provider's answer and back.

Decisions are made by pure functions; this module does the I/O, in the order of agentgateway
v1.4.1: select, read, translate, call, pass back, remember.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from urllib.parse import parse_qsl

import aiohttp

from labgateway.decisions.chat import ChatRequest, read_answer, read_request
from labgateway.decisions.forwarding import (
    UpstreamCall,
    request_headers,
    response_headers,
    upstream_path,
)
from labgateway.decisions.origin import is_loopback, one_host, refuse_foreign_origin, require_json
from labgateway.decisions.reconcile import Snapshot
from labgateway.decisions.references import choose
from labgateway.decisions.routes import RequestHead, Rule, Selected, plain_path
from labgateway.decisions.sse import EventStream
from labgateway.edges.downstream import (
    ClientGone,
    ClientWatch,
    Headers,
    Receive,
    Send,
    read_body,
)
from labgateway.edges.transit import Recording, Scope, Transit
from labgateway.edges.upstream import Upstream, chunks, whole
from labgateway.shapes.resource import Key
from labgateway.words.errors import (
    BindNotFound,
    GatewayError,
    LLMRequestUnreadable,
    RequestTimeout,
    RouteNotFound,
    ServiceNotFound,
    StreamStalled,
    UpstreamCallTimeout,
)

STALL_S = 300.0  # silence in the middle of a stream after which the provider counts as gone
HTTP_OK = 200
OK_STATUS = range(HTTP_OK, 300)
CLIENT_CLOSED = 499  # nginx's status for a client that went away; only ever in the log


class DataPlane:
    """The ASGI application of one Gateway's port.

    ``snapshot`` gives what is in force, ``recording`` remembers an exchange before the client has
    its last byte, ``ports`` are the loopback ports whose pages may call (the lab's own).
    """

    def __init__(
        self,
        bind: tuple[Key, int],
        snapshot: Callable[[], Snapshot],
        upstream: Upstream,
        recording: Recording,
        ports: Callable[[], frozenset[int]],
    ) -> None:
        key, port = bind
        self._bind = bind
        self._bind_name = f"{port}/{key.namespace}/{key.name}"
        self._snapshot = snapshot
        self._upstream = upstream
        self._recording = recording
        self._record = recording.record
        self._ports = ports

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; whatever happens is recorded once."""
        transit = Transit(scope, self._bind_name, self._recording)
        try:
            await self._serve(scope, transit, receive, send)
        except GatewayError as error:
            await self._refuse(transit, error, send)
        except ClientGone as gone:
            if not transit.finished:
                self._record(transit.finish(CLIENT_CLOSED, "Internal", str(gone)))
        except Exception:  # the one place that answers for a bug of ours
            if not transit.finished:
                await self._refuse(transit, GatewayError(), send)
            raise

    async def _serve(self, scope: Scope, transit: Transit, receive: Receive, send: Send) -> None:
        head, selected = self._select(scope, transit)
        body = await read_body(receive, scope["headers"])
        transit.said("request", body)
        destination = choose(selected.rule.destinations, random.random())  # noqa: S311 - a share of traffic, no secret
        transit.facts["backend"] = destination.name
        if destination.error is not None or destination.backend is None:
            raise destination.error or ServiceNotFound()
        if head.method not in {"GET", "HEAD"}:
            require_json(scope["headers"])
        backend = destination.backend
        try:
            request = read_request(body, backend.model)
        except LLMRequestUnreadable as error:
            transit.facts["fields"] = error.fields
            raise
        transit.sends(backend, request)
        transit.said("sent", request.body)
        target = head.path + (
            f"?{query}" if (query := scope["query_string"].decode("latin-1")) else ""
        )
        call = UpstreamCall(
            backend.address,
            upstream_path(backend, target),
            backend.path is not None,
            request_headers(scope["headers"], backend, transit.trace.headers),
            request.body,
        )
        async with ClientWatch(receive):
            await self._forward(selected.rule, request, call, transit, send)

    def _select(self, scope: Scope, transit: Transit) -> tuple[RequestHead, Selected]:
        headers: Headers = scope["headers"]
        host = one_host(headers)
        transit.facts["host"] = host
        refuse_foreign_origin(headers, self._ports())
        table = self._snapshot().tables.get(self._bind)
        if table is None:
            raise BindNotFound
        head = RequestHead(
            scope["method"],
            host,
            plain_path(scope["raw_path"].decode("latin-1")),
            dict(
                reversed(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
            ),
            {n.decode("latin-1"): v.decode("latin-1") for n, v in reversed(headers)},
        )
        if not head.path.startswith("/"):
            raise RouteNotFound
        selected = table.match(head, named_only=not is_loopback(host))
        transit.selected(head, selected, f"{table.gateway.namespace}/{table.gateway.name}")
        return head, selected

    async def _forward(
        self,
        rule: Rule,
        request: ChatRequest,
        call: UpstreamCall,
        transit: Transit,
        send: Send,
    ) -> None:
        try:
            async with asyncio.timeout(rule.timeout_s):
                try:
                    async with asyncio.timeout(rule.backend_timeout_s):
                        response = await self._upstream.send(call)
                        transit.facts["endpoint"] = _endpoint(response)
                        transit.facts["sent_path"] = response.url.raw_path
                        transit.mark("headers_ns")
                        streaming = _is_event_stream(response)
                        body = b"" if streaming else await whole(response)
                        if not streaming:
                            transit.mark("received_ns")
                except TimeoutError as error:
                    if rule.backend_timeout_s is None:
                        raise
                    raise UpstreamCallTimeout from error
        except TimeoutError as error:
            raise RequestTimeout from error
        if streaming:
            await self._pass_stream(response, request, transit, send)
        else:
            await self._pass_body(response, body, transit, send)

    async def _pass_body(
        self, response: aiohttp.ClientResponse, body: bytes, transit: Transit, send: Send
    ) -> None:
        transit.said("response", body)
        if response.status in OK_STATUS:
            transit.answer(read_answer(body))
        transit.facts["response_bytes"] = len(body)
        self._record(transit.finish(response.status))
        headers = [*self._headers(response, transit), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _pass_stream(
        self,
        response: aiohttp.ClientResponse,
        request: ChatRequest,
        transit: Transit,
        send: Send,
    ) -> None:
        """Pass chunks on as they come; the record is made before the chunk that ends the stream."""
        headers = self._headers(response, transit)
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        transit.answered = True
        events = EventStream(drop_usage=request.drop_usage)
        try:
            async for chunk in chunks(response, STALL_S):
                transit.said("response", chunk)
                await self._pass_chunk(events, events.feed(chunk), response.status, transit, send)
            rest = events.finish()
        except TimeoutError as error:
            raise StreamStalled from error
        finally:
            response.close()
            transit.answer(events.answer)
        if not transit.finished:
            transit.mark("received_ns")
            self._record(transit.finish(response.status))
        await send({"type": "http.response.body", "body": rest})

    async def _pass_chunk(
        self, events: EventStream, passed: bytes, status: int, transit: Transit, send: Send
    ) -> None:
        if events.started:
            transit.mark("first_token_ns")
        transit.facts["response_bytes"] = transit.facts.get("response_bytes", 0) + len(passed)
        if events.done and not transit.finished:
            transit.mark("received_ns")
            transit.answer(events.answer)
            self._record(transit.finish(status))
        if passed:
            await send({"type": "http.response.body", "body": passed, "more_body": True})

    @staticmethod
    def _headers(response: aiohttp.ClientResponse, transit: Transit) -> Headers:
        return [
            *response_headers(list(response.raw_headers)),
            (b"x-trace-id", transit.trace.trace_id.encode()),
        ]

    async def _refuse(self, transit: Transit, error: GatewayError, send: Send) -> None:
        if transit.answered:
            # Headers are out: the client must see a broken transfer, not a short success.
            if not transit.finished:
                self._record(transit.finish(HTTP_OK, error.reason, str(error)))
            raise error
        self._record(transit.finish(error.status, error.reason, str(error)))
        body = str(error).encode()
        headers = [
            (b"content-type", b"text/plain"),
            (b"content-length", b"%d" % len(body)),
            (b"x-trace-id", transit.trace.trace_id.encode()),
        ]
        await send({"type": "http.response.start", "status": error.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _is_event_stream(response: aiohttp.ClientResponse) -> bool:
    return response.status in OK_STATUS and response.content_type == "text/event-stream"


def _endpoint(response: aiohttp.ClientResponse) -> str:
    return f"{response.url.host}:{response.url.port}"
