"""A chat through the real gateway port on behalf of the console's page.

The browser may be on another machine, behind JupyterLab's server, where it cannot reach the port.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable

import aiohttp
from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response, StreamingResponse
from pydantic import BaseModel, Field
from yarl import URL

from labgateway.decisions.chats_to_try import Way, chat_body
from labgateway.decisions.origin import require_json
from labgateway.words.errors import UnsupportedMediaType

LONGEST_PROMPT = 200_000
_PASSED_BACK = ("content-type", "x-trace-id")
_SILENCE_S = 300.0


class Chat(BaseModel):
    """What somebody wants to try."""

    way: str = Field(max_length=1_000)
    prompt: str = Field(min_length=1, max_length=LONGEST_PROMPT)
    model: str = Field("", max_length=1_000)
    stream: bool = True


def relay_api(ways: Callable[[], list[Way]]) -> APIRouter:
    """``POST /ui/try``: the gateway's own answer, passed on as it comes."""
    api = APIRouter()

    @api.post("/ui/try")
    async def chat(request: Request, wanted: Chat) -> Response:
        try:
            require_json(request.scope["headers"])  # a page elsewhere would have to ask first
        except UnsupportedMediaType as error:
            return PlainTextResponse(str(error), error.status)
        way = next((one for one in ways() if one.id == wanted.way), None)
        if way is None:
            said = "no such route any more; reload the page for those that there are"
            return PlainTextResponse(said, 404)
        return await _relayed(way, wanted)

    return api


async def _relayed(way: Way, wanted: Chat) -> Response:
    stack = contextlib.AsyncExitStack()
    session = await stack.enter_async_context(
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None, sock_read=_SILENCE_S))
    )
    headers = {"content-type": "application/json", **dict(way.headers)}
    headers["host"] = f"{way.host or 'localhost'}:{way.port}"
    url = URL(f"http://127.0.0.1:{way.port}{way.target}", encoded=True)
    body = chat_body(wanted.prompt, wanted.model, stream=wanted.stream)
    try:
        answer = await stack.enter_async_context(session.post(url, data=body, headers=headers))
    except aiohttp.ClientError as error:
        await stack.aclose()
        return PlainTextResponse(f"the gateway did not answer: {error}", 502)
    passed = {name: answer.headers[name] for name in _PASSED_BACK if name in answer.headers}
    return StreamingResponse(_chunks(answer, stack), answer.status, passed)


async def _chunks(
    answer: aiohttp.ClientResponse, stack: contextlib.AsyncExitStack
) -> AsyncIterator[bytes]:
    """What the gateway sends; its connection ends with the browser's, whoever goes first."""
    async with stack:
        with contextlib.suppress(aiohttp.ClientError):  # broken off: the trace says why
            async for chunk in answer.content.iter_any():
                yield chunk
