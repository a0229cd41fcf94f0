"""The simulated provider over ASGI and over real sockets: what it sends, remembers and breaks."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable

import httpx
import openai
import pytest
from openai.types.chat import ChatCompletionUserMessageParam

from labgateway.decisions.simulation import Behaviour
from labgateway.edges.serving import bind, port_of, served
from labgateway.edges.simulator import Simulator

KEY = "sk-simulated-0123456789"
DEADLINE_S = 10.0
PATH = "/v1/chat/completions"
CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Count to 10"}]}
STREAM = {**CHAT, "stream": True}


def client_of(simulator: Simulator) -> httpx.AsyncClient:
    """A client without a socket in between."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(simulator),
        base_url="http://simulator",
        headers={"authorization": f"Bearer {KEY}"},
    )


@contextlib.asynccontextmanager
async def listening(simulator: Simulator) -> AsyncIterator[httpx.AsyncClient]:
    """A client over a real socket."""
    listener = bind(0, strict=True)
    async with (
        served((simulator, listener)),
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port_of(listener)}",
            headers={"authorization": f"Bearer {KEY}"},
            trust_env=False,
        ) as client,
    ):
        yield client


async def read(
    exchange: contextlib.AbstractAsyncContextManager[httpx.Response], received: bytearray
) -> None:
    """Read a body as it comes, so that what came before an error is kept."""
    async with exchange as answer:
        async for chunk in answer.aiter_raw():
            received.extend(chunk)


async def becomes(fact: Callable[[], bool]) -> bool:
    """Whether something becomes true before a deadline."""
    deadline = time.monotonic() + DEADLINE_S
    while not fact():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.01)
    return True


def test_a_request_is_answered_and_remembered() -> None:
    """A test can read method, path, query, headers and body as the provider received them."""

    async def run() -> None:
        simulator = Simulator(KEY)
        async with client_of(simulator) as client:
            answer = await client.post(f"{PATH}?a=b", json=CHAT, headers={"x-test": "1"})

        (request,) = simulator.requests
        assert answer.json()["model"] == "gpt-4o-2024-08-06"
        assert (request.method, request.path, request.query) == ("POST", PATH, "a=b")
        assert json.loads(request.body) == CHAT
        assert request.header(b"x-test") == "1"
        assert dict(request.headers)[b"authorization"] == f"Bearer {KEY}".encode()
        assert KEY not in repr(request) + repr(simulator)

    asyncio.run(run())


def test_two_equal_requests_have_two_ids() -> None:
    """The simulator counts what it answers."""

    async def run() -> None:
        async with client_of(Simulator(KEY)) as client:
            ids = [(await client.post(PATH, json=CHAT)).json()["id"] for _ in range(2)]
        assert len(set(ids)) == 2

    asyncio.run(run())


def test_another_key_is_401() -> None:
    """The provider's own refusal, and it is remembered too."""

    async def run() -> None:
        simulator = Simulator("sk-another")
        async with client_of(simulator) as client:
            refusal = await client.post(PATH, json=CHAT)
        assert refusal.status_code == 401
        assert refusal.json()["error"]["code"] == "invalid_api_key"
        assert len(simulator.requests) == 1

    asyncio.run(run())


def test_behaviour_changes_while_it_runs() -> None:
    """A provider that fails and then recovers."""

    async def run() -> None:
        simulator = Simulator(KEY)
        statuses = []
        async with client_of(simulator) as client:
            for behaviour in (Behaviour(), Behaviour(status=503, retry_after_s=7), Behaviour()):
                simulator.behaviour = behaviour
                statuses.append((await client.post(PATH, json=CHAT)).status_code)
        assert statuses == [200, 503, 200]

    asyncio.run(run())


def test_the_openai_sdk_understands_it() -> None:
    """Whole answers, streams with usage and errors are what the SDK expects."""

    async def run() -> None:
        async with listening(Simulator(KEY)) as client:
            sdk = openai.AsyncOpenAI(
                api_key=KEY,
                base_url=f"{client.base_url}/v1",
                max_retries=0,
                http_client=openai.DefaultAsyncHttpxClient(trust_env=False),
            )
            messages: list[ChatCompletionUserMessageParam] = [
                {"role": "user", "content": "Count to 3"}
            ]
            whole = await sdk.chat.completions.create(model="gpt-4o", messages=messages)
            stream = await sdk.chat.completions.create(
                model="gpt-4o",
                messages=messages,
                stream=True,
                stream_options={"include_usage": True},
            )
            chunks = [chunk async for chunk in stream]
            with pytest.raises(openai.RateLimitError):
                await sdk.chat.completions.create(
                    model="gpt-4o",
                    messages=messages,
                    extra_headers={"x-simulate": "status=429"},
                )

        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        assert whole.choices[0].message.content == text == "1, 2, 3"
        assert chunks[-1].usage == whole.usage

    asyncio.run(run())


@pytest.mark.parametrize(("body", "cut"), [(STREAM, 0), (STREAM, 3), (CHAT, 0), (CHAT, 100)])
def test_a_cut_is_a_broken_transfer(body: dict[str, object], cut: int) -> None:
    """Whole or streamed, the client gets the part before the cut and then an error, not an end."""

    async def run() -> None:
        received = bytearray()
        words = {"x-simulate": f"cut={cut}"}
        async with listening(Simulator(KEY)) as client:
            with pytest.raises(httpx.RemoteProtocolError):
                await read(client.stream("POST", PATH, json=body, headers=words), received)
        sent = received.count(b"\n\n") if body is STREAM else len(received)
        assert sent == cut

    asyncio.run(run())


def test_a_delay_comes_before_the_answer() -> None:
    """Nothing is sent before it is over."""

    async def run() -> None:
        async with listening(Simulator(KEY)) as client:
            started = time.monotonic()
            async with client.stream(
                "POST", PATH, json=STREAM, headers={"x-simulate": "delay=300ms"}
            ):
                assert time.monotonic() - started >= 0.3

    asyncio.run(run())


def test_a_chunk_delay_spreads_the_stream() -> None:
    """The first event is there at once, the others one by one."""

    async def run() -> None:
        async with (
            listening(Simulator(KEY)) as client,
            client.stream(
                "POST", PATH, json=STREAM, headers={"x-simulate": "chunk-delay=20ms"}
            ) as answer,
        ):
            arrivals = [time.monotonic() async for line in answer.aiter_lines() if line]
        assert len(arrivals) == 1 + 19 + 1 + 1  # role, 10 numbers and 9 commas, finish, [DONE]
        assert arrivals[-1] - arrivals[0] >= 21 * 0.02

    asyncio.run(run())


@pytest.mark.parametrize("words", ["delay=3600s", "chunk-delay=3600s"])
def test_a_client_that_goes_away_is_counted(words: str) -> None:
    """Before the answer and in the middle of a stream; nothing stays in flight."""

    async def run() -> None:
        simulator = Simulator(KEY)
        async with listening(simulator) as client:
            with contextlib.suppress(httpx.ReadTimeout):
                async with client.stream(
                    "POST", PATH, json=STREAM, headers={"x-simulate": words}, timeout=0.2
                ) as answer:
                    await anext(answer.aiter_raw())
                    assert simulator.in_flight == 1
            assert await becomes(lambda: simulator.cancelled == 1)
            assert await becomes(lambda: simulator.in_flight == 0)

    asyncio.run(run())


def test_a_client_that_goes_away_in_mid_request_is_counted() -> None:
    """A body that is announced and never comes is not remembered as a request."""

    async def run() -> None:
        simulator = Simulator(KEY)
        async with listening(simulator) as client:
            port = client.base_url.port
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{{".encode())
            assert await becomes(lambda: simulator.in_flight == 1)
            writer.close()
            assert await becomes(lambda: simulator.cancelled == 1)
        assert not simulator.requests

    asyncio.run(run())


def test_an_answered_client_is_not_counted_as_gone() -> None:
    """Closing the connection after the answer cancels nothing."""

    async def run() -> None:
        simulator = Simulator(KEY)
        async with listening(simulator) as client:
            await client.post(PATH, json=STREAM)
            await client.post(PATH, json=CHAT)
        assert (simulator.cancelled, simulator.in_flight) == (0, 0)

    asyncio.run(run())


def test_anything_but_http_is_refused() -> None:
    """A WebSocket or a lifespan is not this application's to answer."""
    with pytest.raises(NotImplementedError, match="lifespan"):
        asyncio.run(Simulator(KEY)({"type": "lifespan"}, None, None))
