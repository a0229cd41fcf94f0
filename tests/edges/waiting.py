"""Waiting for what another thread does, with a deadline."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

DEADLINE_S = 10.0


def eventually(fact: Callable[[], bool]) -> bool:
    """Whether something becomes true before a deadline."""
    return asyncio.run(comes_true(fact))


async def comes_true(fact: Callable[[], bool]) -> bool:
    """As ``eventually``, on an event loop that runs already."""
    deadline = time.monotonic() + DEADLINE_S
    while not fact():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.005)
    return True
