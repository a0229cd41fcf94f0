"""The real model in tests: whether it is here, and how to ask it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from labgateway.edges.model_process import ModelEndpoint, ModelProcess, find_model

KEY = "sk-lab-0123456789abcdef"
NAME = "SmolLM2-135M-Instruct"
DEADLINE_S = 20.0

FOUND = find_model()
needs_model = pytest.mark.skipif(isinstance(FOUND, str), reason=str(FOUND))


def ask(endpoint: ModelEndpoint, content: str = "Say hello.", **fields: object) -> dict[str, Any]:
    """The decoded answer to one user message."""
    answer = httpx.post(
        f"{endpoint.url}/v1/chat/completions",
        headers={"authorization": f"Bearer {endpoint.api_key}"},
        json={"model": "gpt-4o", "messages": [{"role": "user", "content": content}], **fields},
        timeout=60,
        trust_env=False,
    )
    assert answer.status_code == 200, answer.text
    payload: dict[str, Any] = answer.json()
    return payload


def serves(url: str) -> bool:
    """Whether anything answers there."""
    try:
        return httpx.get(f"{url}/health", timeout=5, trust_env=False).is_success
    except httpx.TransportError:
        return False


async def becomes(fact: Callable[[], bool]) -> bool:
    """Whether something becomes true before a deadline."""
    deadline = time.monotonic() + DEADLINE_S
    while not fact():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.02)
    return True


def state_of(model: ModelProcess) -> str:
    """The state now; mypy takes the property for a constant."""
    return model.state


def pid_of(model: ModelProcess) -> int | None:
    """The child's process id now, for the same reason."""
    return model.pid
