"""The lab's own scraper: in an interval, without stopping anything, until the lab stops."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from labgateway.edges.scraper import scraping
from labgateway.memory.observation import from_json
from tests.conftest import Running
from tests.prometheus import until

REQUESTS = "agentgateway_requests_total"


def test_scrapes_go_on_while_the_block_runs_and_not_after_it() -> None:
    """At once, then again and again; afterwards nothing is left of it."""
    scrapes: list[int] = []

    async def run() -> None:
        enough = asyncio.Event()

        def scrape() -> None:
            scrapes.append(len(scrapes))
            if len(scrapes) == 3:
                enough.set()

        async with scraping(scrape, interval_s=0.01):
            await asyncio.wait_for(enough.wait(), 10)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(run())

    assert len(scrapes) >= 3


def test_a_scrape_that_fails_is_not_hidden() -> None:
    """The error comes out of the block."""

    def failing() -> None:
        raise IndexError

    async def run() -> None:
        async with scraping(failing):
            await asyncio.sleep(0)

    with pytest.raises(IndexError):
        asyncio.run(run())


def test_the_gateway_scrapes_itself(routed: Running) -> None:
    """Without anybody asking: a request is in the series after the next scrape."""
    select = routed.gateway.series.select
    until(lambda: bool(select("agentgateway_build_info", {})))
    routed.ask()

    until(lambda: bool(select(REQUESTS, {"status": "200"})))

    (found,) = select(REQUESTS, {"status": "200"})
    assert found.values[0] == 0
    assert found.values[-1] == 1


def test_the_admin_port_has_samples_and_series(routed: Running) -> None:
    """For a notebook that is attached; whoever has an answer finds it counted."""
    running = routed.gateway.running
    admin = f"http://127.0.0.1:{running.admin_port}/{running.secret}"
    routed.ask()

    samples = httpx.get(f"{admin}/samples", trust_env=False).json()
    series = httpx.get(f"{admin}/series/{REQUESTS}?status=200", trust_env=False).json()

    assert [one["value"] for one in samples if one["name"] == REQUESTS] == [1]
    assert series[0]["values"][-1] == 1
    assert httpx.get(f"{admin}/series/{REQUESTS}?status=404", trust_env=False).json() == []


def test_an_observation_has_the_samples(routed: Running) -> None:
    """A check sees them, in this process or over the admin port."""
    routed.ask()
    seen = routed.gateway.observe()

    assert [one.value for one in seen.samples if one.name == REQUESTS] == [1]
    assert from_json(json.loads(json.dumps(seen.to_json()))).samples == seen.samples
