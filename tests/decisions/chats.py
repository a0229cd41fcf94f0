"""Chat completion requests for tests."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labgateway.decisions.chat import read_request
from labgateway.words.errors import LLMRequestUnreadable

CANARY = "canary-7f3a"


MESSAGES = [{"role": "user", "content": CANARY}]


def body_of(**fields: Any) -> bytes:
    """A request body, spaced as no serializer of ours would."""
    return json.dumps({"model": "gpt-4o-mini", "messages": MESSAGES, **fields}, indent=3).encode()


def refusal(body: bytes, model: str | None = None) -> str:
    """What the client reads."""
    with pytest.raises(LLMRequestUnreadable) as refused:
        read_request(body, model)
    assert refused.value.status == 400
    return str(refused.value)
