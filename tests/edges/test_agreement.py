"""Provider, log, metrics and spans say the same of every request, as soon as it is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.metric_families import REQUESTS
from labgateway.decisions.spans import spans_of
from tests.conftest import BACKEND, ROUTE, Running, gateway_in
from tests.edges.agreement import (
    DEADLINE_S,
    Asked,
    Seen,
    Tokens,
    ask,
    in_attributes,
    in_exchange,
    in_moved,
    in_samples,
    line_on_disk,
    remembered,
    requests,
    sent_by_provider,
    usage_in,
)
from tests.edges.waiting import eventually

PINNED = f"{ROUTE}---{BACKEND}".replace("openai-all-models", "pinned")
PINNED = PINNED.replace("openai: {}", "openai: {model: gpt-4o}").replace("/openai}", "/pinned}")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway for all examples; each counts its own."""
    with gateway_in(tmp_path_factory.mktemp("agreement") / "home") as running:
        running.apply(f"{ROUTE}---{BACKEND}")
        running.apply(PINNED.replace("name: openai,", "name: pinned,"))
        yield running


async def run(shared: Running, together: list[Asked]) -> list[Seen]:
    """All at once; each looks for its record as soon as it has its last byte."""

    async def one(client: httpx.AsyncClient, asked: Asked) -> Seen:
        seen = await ask(shared, client, asked)
        if seen.complete:
            check_one(shared, seen)
        return seen

    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(trust_env=False, timeout=DEADLINE_S, limits=limits) as client:
        return list(await asyncio.gather(*(one(client, asked) for asked in together)))


def check_one(shared: Running, seen: Seen) -> Exchange:
    """All views of one request; returns what is remembered."""
    (exchange,) = remembered(shared, seen.trace_id)
    tokens = in_exchange(exchange.usage)
    if seen.complete:
        assert exchange.status == seen.status
        assert tokens == sent_by_provider(shared, seen.trace_id)
        hidden = seen.asked.stream and not seen.asked.wants_usage
        assert usage_in(seen.text) == ({} if hidden else tokens)
    else:
        # Whoever was cut off may have missed the usage; none is made up.
        assert tokens in ({}, sent_by_provider(shared, seen.trace_id))
    line = line_on_disk(shared, seen.trace_id)
    assert (line["span.id"], line["http.status"]) == (exchange.span_id, exchange.status)
    assert in_attributes(line) == tokens
    assert in_moved(shared.gateway.metrics.moved(exchange)) == tokens
    check_spans(exchange, tokens)
    return exchange


def check_spans(exchange: Exchange, tokens: Tokens) -> None:
    """One root within the client's trace; the call to the model carries the tokens."""
    spans = spans_of(exchange)
    assert {one.trace_id for one in spans} == {exchange.trace_id}
    root = next(one for one in spans if one.kind == "SERVER")
    assert (root.span_id, root.parent_id) == (exchange.span_id, exchange.parent_id)
    calls = [one for one in spans if one.kind == "CLIENT"]
    assert [one.span_id for one in calls] == [exchange.client_span_id] * (
        exchange.sent_ns is not None
    )
    for one in calls:
        assert in_attributes(one.attributes) == tokens
    for one in spans:
        assert in_attributes(one.attributes) in ({}, tokens)


@given(together=st.lists(requests(), min_size=1, max_size=8))
@settings(max_examples=60)
def test_every_view_has_the_same_tokens_for_every_request(
    shared: Running, together: list[Asked]
) -> None:
    """Whole answers and streams, failures, usage that never came, clients that go, at once."""
    metrics = shared.gateway.metrics
    before, moves = metrics.samples(), metrics.moves

    answers = asyncio.run(run(shared, together))

    assert eventually(lambda: metrics.moves == moves + len(together))
    exchanges = [check_one(shared, seen) for seen in answers]
    after = metrics.samples()
    used = [in_exchange(one.usage) for one in exchanges]
    for name in ("input", "output", "input_cache_read"):
        counted = [one[name] for one in used if name in one]
        for ending, total in (("_sum", sum(counted)), ("_count", len(counted))):
            moved = in_samples(after, ending)[name] - in_samples(before, ending)[name]
            assert moved == total, (name, ending)
    by_status = [
        sum(one.value for one in samples if one.name == REQUESTS) for samples in (before, after)
    ]
    assert by_status[1] - by_status[0] == len(together)
