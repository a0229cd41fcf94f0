"""Requests at random, and what each of the views says of the tokens that they used."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from dataclasses import dataclass
from typing import Any

import httpx
from hypothesis import strategies as st

from labgateway.decisions.chat import Usage
from labgateway.decisions.exchange import Exchange
from labgateway.decisions.metric_families import TOKEN_USAGE, Moved, Sample
from labgateway.decisions.simulation import Behaviour, SimulatedRequest, reply
from labgateway.edges.simulator import _kept
from labgateway.memory.exchanges import read_records
from tests.conftest import Running
from tests.edges.waiting import comes_true

DEADLINE_S = 20.0
Json = dict[str, Any]
TYPES = {  # metric label: (field of the log line, attribute of a span)
    "input": "gen_ai.usage.input_tokens",
    "output": "gen_ai.usage.output_tokens",
    "input_cache_read": "gen_ai.usage.cache_read.input_tokens",
}
Tokens = dict[str, int]  # by metric label; what nobody counted is not there


@dataclass(frozen=True)
class Asked:
    """One request: where to, what, and when its client goes away (after so many events)."""

    path: str
    body: Json
    simulate: str
    escaped: bool
    leaves_after: int | None

    @property
    def stream(self) -> bool:
        """Whether a stream was asked for."""
        return self.body.get("stream") is True

    @property
    def wants_usage(self) -> bool:
        """Whether the client asked for the chunk of usage."""
        return (self.body.get("stream_options") or {}).get("include_usage") is True


@dataclass
class Seen:
    """What the client had of an answer; ``complete`` is up to the last byte."""

    asked: Asked
    trace_id: str
    status: int | None = None
    text: str = ""
    complete: bool = False


PROMPTS = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["", "Count to 60", "안녕 🚀 ü", "a\u2028b\r\n\r\ndata: [DONE]\n\n"]),
    st.integers(200, 3000).map(lambda words: "word " * words),
)
# Mostly what works: hypothesis finds the rare by itself, and tokens come with answers only.
MODELS = st.sampled_from([*("gpt-4o-mini", "gpt-4o", "gpt-3.5-turbo") * 3, "", None]) | st.text(
    min_size=1, max_size=20
)
SIMULATED = st.sampled_from(
    [*[""] * 6, "no-usage", "delay=20ms", "chunk-delay=1ms", "no-usage,chunk-delay=1ms"]
) | st.sampled_from([*[""] * 4, *(f"cut={n}" for n in range(0, 40, 3)), "status=429", "status=503"])
PATHS = st.sampled_from([*("/openai", "/pinned") * 5, "/nowhere"])


@st.composite
def requests(draw: st.DrawFn) -> Asked:
    """A request: a stream or not, to a backend with or without a model, or to nowhere."""
    roles = draw(st.lists(st.sampled_from(["system", "user", "assistant"]), max_size=2))
    texts = [{"role": role, "content": draw(PROMPTS)} for role in [*roles, "user"]]
    body: Json = {"model": draw(MODELS), "messages": texts}
    body |= draw(st.sampled_from([{}, {"stream": False}, {"stream": True}, {"stream": True}]))
    options = [{}, {"stream_options": None}, {"stream_options": {"include_usage": False}}]
    body |= draw(st.sampled_from([*options, {"stream_options": {"include_usage": True}}]))
    body |= draw(st.sampled_from([{}, {}, {"max_tokens": 3}, {"temperature": 0.5}]))
    path, simulate = draw(PATHS), draw(SIMULATED)
    leaves = draw(st.sampled_from([*[None] * 8, *range(7)])) if body.get("stream") else None
    if leaves is not None:
        simulate = draw(st.sampled_from(["chunk-delay=2ms", "chunk-delay=30ms", "delay=10s"]))
    return Asked(path, body, simulate, draw(st.booleans()), leaves)


async def ask(running: Running, client: httpx.AsyncClient, asked: Asked) -> Seen:
    """Send one and read its answer, or go away."""
    seen = Seen(asked, secrets.token_hex(16))
    answering = asyncio.ensure_future(_answer(running, client, seen))
    if "delay=10s" in asked.simulate:
        # There is no answer to count events in: it leaves as soon as the provider has the question.
        await comes_true(lambda: answering.done() or received(running, seen.trace_id) is not None)
        answering.cancel()
    with contextlib.suppress(httpx.RemoteProtocolError, asyncio.CancelledError):
        await answering
    return seen


async def _answer(running: Running, client: httpx.AsyncClient, seen: Seen) -> None:
    asked = seen.asked
    headers = {
        "content-type": "application/json",
        "traceparent": f"00-{seen.trace_id}-{secrets.token_hex(8)}-01",
        "x-simulate": asked.simulate,
    }
    text = json.dumps(asked.body, ensure_ascii=asked.escaped).encode(errors="surrogatepass")
    url = f"{running.url}{asked.path}"
    async with client.stream("POST", url, content=text, headers=headers) as answer:
        seen.status = answer.status_code
        assert answer.headers["x-trace-id"] == seen.trace_id
        await _read(answer, seen)


async def _read(answer: httpx.Response, seen: Seen) -> None:
    parts: list[bytes] = []
    async for part in answer.aiter_raw():
        parts.append(part)
        seen.text = b"".join(parts).decode()
        if seen.text.count("\n\n") >= (seen.asked.leaves_after or 0) > 0:
            return
        if seen.text.endswith("data: [DONE]\n\n"):
            seen.complete = True  # OpenAI's client reads no further
            return
    seen.complete = True


def received(running: Running, trace_id: str) -> SimulatedRequest | None:
    """What the provider received within a trace."""
    for request in list(running.simulator.requests):
        if trace_id in (request.header(b"traceparent") or ""):
            return request
    return None


def sent_by_provider(running: Running, trace_id: str) -> Tokens:
    """The tokens in the usage that the simulator put into what it sent; none, if it sent none."""
    request = received(running, trace_id)
    return {} if request is None else _tokens_in(request, running.gateway.providers.keys[-1])


def _tokens_in(request: SimulatedRequest, key: str) -> Tokens:
    parts = _kept(reply(request, key, Behaviour(), serial=1, created=0))
    return usage_in(b"".join(parts).decode())


def usage_in(text: str) -> Tokens:
    """The tokens of an answer or a stream, as a client reads them."""
    lines = text.split("\n\n") if text.startswith("data: ") else [f"data: {text}"]
    for line in reversed(lines):
        with contextlib.suppress(ValueError):
            usage = json.loads(line.removeprefix("data: ")).get("usage")
            if usage:
                cached = usage["prompt_tokens_details"]["cached_tokens"]
                counts = (usage["prompt_tokens"], usage["completion_tokens"], cached)
                return dict(zip(TYPES, counts, strict=True))
    return {}


def in_exchange(usage: Usage) -> Tokens:
    """The tokens of what is remembered."""
    counts = (usage.input_tokens, usage.output_tokens, usage.cached_tokens)
    return {name: n for name, n in zip(TYPES, counts, strict=True) if n is not None}


def in_attributes(attributes: Any) -> Tokens:
    """The tokens of a log line, or of a span."""
    return {name: attributes[field] for name, field in TYPES.items() if field in attributes}


def in_moved(moved: tuple[Moved, ...]) -> Tokens:
    """The tokens that one request added to the metrics."""
    return {one.labels[0]: int(one.amount) for one in moved if one.family == TOKEN_USAGE}


def in_samples(samples: list[Sample], ending: str) -> Tokens:
    """The tokens in the metrics by type (``_sum``), or how often they were counted (``_count``)."""
    totals = dict.fromkeys(TYPES, 0)
    for one in samples:
        if one.name == TOKEN_USAGE + ending:
            totals[one.labels["gen_ai_token_type"]] += int(one.value)
    return totals


def line_on_disk(running: Running, trace_id: str) -> Json:
    """The one line of the log for a trace."""
    (line,) = (
        one for one in read_records(running.home / "exchanges.jsonl") if one["trace.id"] == trace_id
    )
    return line


def remembered(running: Running, trace_id: str) -> list[Exchange]:
    """What memory has of a trace."""
    return [one for one in running.exchanges if one.trace_id == trace_id]
