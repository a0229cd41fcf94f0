"""A request to a model's provider: read, translated, sent, and its answer passed back."""

from __future__ import annotations

import aiohttp

from labgateway.decisions.backends import Backend
from labgateway.decisions.chat import ChatRequest, read_answer, read_request
from labgateway.decisions.filters import edited
from labgateway.decisions.forwarding import (
    UpstreamCall,
    request_headers,
    response_headers,
    upstream_path,
)
from labgateway.decisions.origin import require_json
from labgateway.decisions.sse import EventStream
from labgateway.edges.downstream import ClientWatch, Headers, read_body
from labgateway.edges.passage import Passage, endpoint_of, within
from labgateway.edges.upstream import Upstream, chunks, whole
from labgateway.words.errors import LLMRequestUnreadable, ServiceNotFound, StreamStalled

STALL_S = 300.0  # silence in the middle of a stream after which the provider counts as gone
OK_STATUS = range(200, 300)


async def call_model(passage: Passage, upstream: Upstream) -> None:
    """Serve a request whose destination is a provider, or nothing that could answer."""
    transit, destination = passage.transit, passage.destination
    body = await read_body(passage.receive, passage.headers)
    transit.said("request", body)
    if destination.error is not None or destination.backend is None:
        raise destination.error or ServiceNotFound()
    if passage.head.method not in {"GET", "HEAD"}:
        require_json(passage.headers)
    backend = destination.backend
    try:
        request = read_request(body, backend.model)
    except LLMRequestUnreadable as error:
        transit.facts["fields"] = error.fields
        raise
    transit.sends(backend, request)
    transit.said("sent", request.body)
    async with ClientWatch(passage.receive):
        await _forward(passage, upstream, request, _call(passage, backend, request))


def _call(passage: Passage, backend: Backend, request: ChatRequest) -> UpstreamCall:
    trace, course = passage.transit.trace.headers, passage.destination.course
    return UpstreamCall(
        backend.address,
        upstream_path(backend, passage.target()),
        backend.path is not None,
        request_headers(passage.headers, backend, trace, course),
        request.body,
    )


async def _forward(
    passage: Passage, upstream: Upstream, request: ChatRequest, call: UpstreamCall
) -> None:
    transit = passage.transit
    async with within(passage.selected.rule):
        response = await upstream.send(call)
        transit.facts["endpoint"] = endpoint_of(response)
        transit.facts["sent_path"] = response.url.raw_path
        transit.mark("headers_ns")
        streaming = _is_event_stream(response)
        body = b"" if streaming else await whole(response)
        if not streaming:
            transit.mark("received_ns")
    if streaming:
        await _pass_stream(passage, response, request)
    else:
        await _pass_body(passage, response, body)


async def _pass_body(passage: Passage, response: aiohttp.ClientResponse, body: bytes) -> None:
    transit = passage.transit
    transit.said("response", body)
    if response.status in OK_STATUS:
        transit.answer(read_answer(body))
    transit.facts["response_bytes"] = len(body)
    passage.record(transit.finish(response.status))
    headers = [*_headers(passage, response), (b"content-length", b"%d" % len(body))]
    await passage.send(
        {"type": "http.response.start", "status": response.status, "headers": headers}
    )
    await passage.send({"type": "http.response.body", "body": body})


async def _pass_stream(
    passage: Passage, response: aiohttp.ClientResponse, request: ChatRequest
) -> None:
    """Pass chunks on as they come; the record is made before the chunk that ends the stream."""
    transit = passage.transit
    headers = _headers(passage, response)
    await passage.send(
        {"type": "http.response.start", "status": response.status, "headers": headers}
    )
    transit.answered = True
    events = EventStream(drop_usage=request.drop_usage)
    try:
        async for chunk in chunks(response, STALL_S):
            transit.said("response", chunk)
            await _pass_chunk(passage, events, events.feed(chunk), response.status)
        rest = events.finish()
    except TimeoutError as error:
        raise StreamStalled from error
    finally:
        response.close()
        transit.answer(events.answer)
    if not transit.finished:
        transit.mark("received_ns")
        passage.record(transit.finish(response.status))
    await passage.send({"type": "http.response.body", "body": rest})


async def _pass_chunk(passage: Passage, events: EventStream, passed: bytes, status: int) -> None:
    transit = passage.transit
    if events.started:
        transit.mark("first_token_ns")
    transit.facts["response_bytes"] = transit.facts.get("response_bytes", 0) + len(passed)
    if events.done and not transit.finished:
        transit.mark("received_ns")
        transit.answer(events.answer)
        passage.record(transit.finish(status))
    if passed:
        await passage.send({"type": "http.response.body", "body": passed, "more_body": True})


def _headers(passage: Passage, response: aiohttp.ClientResponse) -> Headers:
    return [
        *edited(response_headers(list(response.raw_headers)), passage.destination.course.response),
        (b"x-trace-id", passage.transit.trace.trace_id.encode()),
    ]


def _is_event_stream(response: aiohttp.ClientResponse) -> bool:
    return response.status in OK_STATUS and response.content_type == "text/event-stream"
