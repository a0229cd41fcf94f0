"""A lab whose requests are looked at, and how to look at their cards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from labgateway.lab.page import Table
from labgateway.lab.request_card import RequestCard
from labgateway.lab.session import Lab
from labgateway.shapes.settings import Settings
from tests.conftest import BACKEND, ROUTE

MODEL = BACKEND.replace("openai: {}", "openai: {model: gpt-4o}")
OWN_KEY = "own-key-0123456789-abcdef"


@contextmanager
def lab_in(path: Path) -> Iterator[Lab]:
    """A lab with the exercise's route, whose backend names a model; bodies are kept."""
    lab = Lab(Settings(path, provider="simulator", gateway_port=0, stats_port=0, admin_port=0))
    lab.client.apply(f"{ROUTE}---{MODEL}")
    lab.log_bodies(True)
    try:
        yield lab
    finally:
        lab.stop()


def ask(lab: Lab, path: str = "/openai", simulate: str = "", **changes: Any) -> httpx.Response:
    """A chat completion, with a key of the client's own."""
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}], **changes}
    headers = {"x-simulate": simulate, "authorization": f"Bearer {OWN_KEY}"}
    return httpx.post(
        f"{lab.gateway_url}{path}",
        content=json.dumps(body),
        headers={**headers, "content-type": "application/json"},
        timeout=20,
        trust_env=False,
    )


def table(card: RequestCard, caption: str) -> dict[str, tuple[str, ...]]:
    """A table of the card: first cell → the others."""
    blocks = (block for section in card.page.sections for block in section.blocks)
    tables = (one for one in blocks if isinstance(one, Table))
    return {row[0]: row[1:] for one in tables if one.caption == caption for row in one.rows}
