"""OTLP over HTTP on the stats port: spans of the learner's own code come into the lab.

Source: OpenTelemetry protocol 1.x, "OTLP/HTTP" (media types, status codes, partial success).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from labgateway.decisions.spans import Span
from labgateway.words.errors import LabError

BODY_LIMIT_BYTES = 4 * 1024 * 1024
JSON = "application/json"
PROTOBUF = "application/x-protobuf"

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_INVALID_ARGUMENT = 3  # google.rpc.Code

Record = Callable[[Iterable[Span]], None]


class _Refused(LabError):
    """An export that cannot be taken, and the status that says so."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def otlp_api(record: Record) -> APIRouter:
    """``POST /v1/traces``: what a standard OTLP exporter sends over HTTP, protobuf or JSON."""
    api = APIRouter()

    @api.post("/v1/traces")
    async def traces(request: Request) -> Response:
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        try:
            body = await _body(request, media_type)
            answer = await run_in_threadpool(_receive, record, body, media_type)
        except _Refused as refused:
            answer = _status(str(refused), media_type)
            written_in = PROTOBUF if media_type == PROTOBUF else JSON
            return Response(answer, refused.status, media_type=written_in)
        return Response(answer, media_type=media_type)

    return api


async def _body(request: Request, media_type: str) -> bytes:
    """The body, decompressed. Errors: ``_Refused`` over the limit, or when it cannot be had."""
    if media_type not in {JSON, PROTOBUF}:
        raise _Refused(415, f"expected content-type {PROTOBUF} or {JSON}")
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", "deflate"}:
        raise _Refused(415, "expected content-encoding gzip, deflate or none")
    body = bytearray()
    size = 0
    try:
        # What is too long is read to its end, or four times the limit, and thrown away: the
        # client, which is still writing, gets to read the answer.
        async for chunk in request.stream():
            size += len(chunk)
            body += chunk if size <= BODY_LIMIT_BYTES else b""
            if size > 4 * BODY_LIMIT_BYTES:
                break
    except ClientDisconnect as error:
        raise _Refused(400, "the client went away") from error
    if size > BODY_LIMIT_BYTES:
        raise _too_long()
    return bytes(body) if encoding == "identity" else _decompressed(bytes(body))


def _decompressed(body: bytes) -> bytes:
    decompression = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        plain = decompression.decompress(body, BODY_LIMIT_BYTES + 1)
    except zlib.error as error:
        raise _Refused(400, "the body is not compressed as content-encoding says") from error
    if len(plain) > BODY_LIMIT_BYTES:
        raise _too_long()
    if not decompression.eof:
        raise _Refused(400, "the compressed body breaks off")
    return plain


def _too_long() -> _Refused:
    return _Refused(413, f"the body exceeds the limit of {BODY_LIMIT_BYTES} bytes")


def _receive(record: Record, body: bytes, media_type: str) -> bytes:
    """Read and remember; the answer says how many spans could not be taken."""
    from labgateway.decisions import otlp  # noqa: PLC0415 - 20 MB that most learners never need

    read = otlp.read_json if media_type == JSON else otlp.read_protobuf
    try:
        received = read(body)
    except otlp.UnreadableSpans as error:
        raise _Refused(400, str(error)) from error
    record(received.spans)
    return _answer(received.rejected, media_type)


def _answer(rejected: int, media_type: str) -> bytes:
    """An ``ExportTraceServiceResponse``."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (  # noqa: PLC0415 - as above
        ExportTraceServiceResponse,
    )

    why = "a span needs an id, a trace id, and an end that is not before its start"
    if media_type == JSON:
        # Numbers of 64 bits are texts in protobuf's JSON.
        partial = {"rejectedSpans": str(rejected), "errorMessage": why}
        return json.dumps({"partialSuccess": partial} if rejected else {}).encode()
    answer = ExportTraceServiceResponse()
    if rejected:
        answer.partial_success.rejected_spans = rejected
        answer.partial_success.error_message = why
    return bytes(answer.SerializeToString())


def _status(why: str, media_type: str) -> bytes:
    """A ``google.rpc.Status``, which is how OTLP says what is wrong."""
    if media_type != PROTOBUF:
        return json.dumps({"code": _INVALID_ARGUMENT, "message": why}).encode()
    from google.rpc.status_pb2 import Status  # noqa: PLC0415 - as above

    return bytes(Status(code=_INVALID_ARGUMENT, message=why).SerializeToString())
