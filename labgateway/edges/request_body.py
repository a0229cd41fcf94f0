"""The body of a request to the Kubernetes API, as far as it may be long."""

from __future__ import annotations

from fastapi import Request

from labgateway.words.errors import RequestEntityTooLarge

BODY_LIMIT_BYTES = 3 * 1024 * 1024  # the API server's
# A client that is answered while it still sends sees a broken connection instead of the answer.
DISCARD_LIMIT_BYTES = 64 * 1024 * 1024


async def body_of(request: Request) -> bytes:
    """All of it. Errors: ``RequestEntityTooLarge``."""
    body, total = bytearray(), 0
    async for chunk in request.stream():
        total += len(chunk)
        if total > DISCARD_LIMIT_BYTES:
            break
        if total <= BODY_LIMIT_BYTES:
            body += chunk
    if total > BODY_LIMIT_BYTES:
        raise RequestEntityTooLarge(f"Request entity too large: limit is {BODY_LIMIT_BYTES}")
    return bytes(body)
