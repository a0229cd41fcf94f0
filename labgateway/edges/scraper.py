"""Once a second, what Prometheus would do: read all metrics and remember them with the time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

INTERVAL_S = 1.0


@contextlib.asynccontextmanager
async def scraping(
    scrape: Callable[[], None], interval_s: float = INTERVAL_S
) -> AsyncIterator[None]:
    """Scrape at once and then in this interval while the block runs."""
    task = asyncio.create_task(_scrape(scrape, interval_s))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _scrape(scrape: Callable[[], None], interval_s: float) -> None:
    clock = asyncio.get_running_loop().time
    due = clock()
    while True:
        scrape()
        due = max(due + interval_s, clock())  # no haste after a stall
        await asyncio.sleep(due - clock())
