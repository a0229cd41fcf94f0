"""Streams through the gateway port: chunk by chunk, cancelled, cut off, held back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from labgateway.edges.serving import Loop, bind, port_of, served
from tests.conftest import BACKEND, Running
from tests.edges.waiting import eventually


def ask_stream(routed: Running, simulate: str = "", **changes: Any) -> Any:
    """Open a streaming request."""
    return httpx.stream(
        "POST",
        f"{routed.url}/openai",
        json={
            "model": "gpt-4o-mini",
            "messages": [{"role": "user", "content": "Count to 10"}],
            "stream": True,
            **changes,
        },
        headers={"x-simulate": simulate} if simulate else {},
        timeout=20,
        trust_env=False,
    )


def payloads(text: str) -> list[dict[str, Any]]:
    """The JSON of each event."""
    lines = [line[6:] for line in text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


@pytest.mark.slow
def test_chunks_come_as_they_are_sent(routed: Running) -> None:
    """The first chunk is here long before the last one was sent."""
    with ask_stream(routed, "chunk-delay=100ms") as answer:
        started = time.monotonic()
        arrivals = [time.monotonic() - started for _ in answer.iter_raw()]

    assert "content-length" not in answer.headers
    assert arrivals[-1] - arrivals[0] > 0.3


@pytest.mark.parametrize("asked", [False, True])
def test_usage_is_counted_whether_or_not_the_client_asked(routed: Running, *, asked: bool) -> None:
    """The gateway asks for usage; the extra chunk goes only to a client that asked for it."""
    options: dict[str, Any] = {"stream_options": {"include_usage": True}} if asked else {}

    with ask_stream(routed, **options) as answer:
        text = answer.read().decode()

    chunks = payloads(text)
    assert any(chunk["choices"] == [] for chunk in chunks) == asked
    assert text.rstrip().endswith("data: [DONE]")
    last = routed.exchanges[-1]
    assert last.usage.output_tokens
    assert last.first_token_ns is not None
    assert json.loads(routed.simulator.requests[-1].body)["stream_options"] == {
        "include_usage": True
    }


def test_the_record_is_there_when_done_is(routed: Running) -> None:
    """A client that stops reading at [DONE] already finds its record."""
    with ask_stream(routed) as answer:
        for line in answer.iter_lines():
            if line == "data: [DONE]":
                assert routed.exchanges[-1].trace_id == answer.headers["x-trace-id"]
                break


@pytest.mark.parametrize("simulate", ["delay=10s", "chunk-delay=1s"])
def test_a_client_that_goes_away_cancels_the_call(routed: Running, simulate: str) -> None:
    """Before the first token and in the middle of a stream: the provider sees the end at once."""
    with (
        contextlib.suppress(httpx.ReadTimeout),
        httpx.stream(
            "POST",
            f"{routed.url}/openai",
            json={"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": True},
            headers={"x-simulate": simulate},
            timeout=0.5,
            trust_env=False,
        ) as answer,
    ):
        next(answer.iter_raw())

    assert eventually(lambda: routed.simulator.cancelled == 1)
    assert eventually(lambda: bool(routed.exchanges) and routed.exchanges[-1].status == 499)


def test_a_client_that_goes_away_cancels_a_plain_call(routed: Running) -> None:
    """Without streaming as well."""
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            f"{routed.url}/openai",
            json={"model": "m", "messages": [{"role": "user", "content": "hi"}]},
            headers={"x-simulate": "delay=10s"},
            timeout=0.3,
            trust_env=False,
        )

    assert eventually(lambda: routed.simulator.cancelled == 1)


def test_a_cut_stream_is_a_broken_transfer(routed: Running) -> None:
    """The client must not take a half answer for a whole one."""
    with pytest.raises(httpx.RemoteProtocolError), ask_stream(routed, "cut=3") as answer:
        answer.read()

    last = routed.exchanges[-1]
    assert last.error is not None
    assert "closed in the middle" in last.error
    assert last.reason == "UpstreamFailure"


@pytest.mark.slow
def test_a_slow_client_holds_the_provider_back(routed: Running) -> None:
    """What the client does not read is not piled up in the gateway."""
    sent = 0

    async def flood(_scope: Any, receive: Any, send: Any) -> None:
        nonlocal sent
        while (await receive()).get("more_body"):
            pass
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        chunk = b"data: " + json.dumps({"choices": [], "pad": "x" * 65_000}).encode() + b"\n\n"
        for _ in range(2000):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            sent += 1
        await send({"type": "http.response.body", "body": b""})

    listener = bind(0, strict=True)

    @contextlib.asynccontextmanager
    async def block() -> AsyncIterator[None]:
        async with served((flood, listener)):
            yield

    loop = Loop("flood")
    loop.start(block)
    port = port_of(listener)
    routed.apply(
        BACKEND.replace("openai: {}", f"openai: {{}}, host: 127.0.0.1, port: {port}, path: /v1")
    )
    with ask_stream(routed) as answer:
        unread = answer.iter_raw()
        next(unread)
        settled = asyncio.run(_settles(lambda: sent))
        unread.close()
    loop.stop()

    # 2,000 chunks are 130 MB; sockets and two bounded buffers hold a few of them.
    assert 0 < settled < 300


async def _settles(count: Callable[[], int]) -> int:
    """The count once it has stopped growing for half a second."""
    last, since = count(), time.monotonic()
    while time.monotonic() - since < 0.5:
        await asyncio.sleep(0.05)
        if count() != last:
            last, since = count(), time.monotonic()
    return last
