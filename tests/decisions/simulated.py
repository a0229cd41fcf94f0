"""Requests to the simulated provider in tests, and its replies decoded."""

from __future__ import annotations

import json
from typing import Any

from labgateway.decisions.simulation import Behaviour, Reply, SimulatedRequest, reply

KEY = "sk-simulated-0123456789"
AUTHORIZED = (b"authorization", f"Bearer {KEY}".encode())


def asked(
    *, method: str = "POST", path: str = "/v1/chat/completions", body: bytes = b"", **headers: str
) -> SimulatedRequest:
    """A request with the right key; underscores in header names stand for hyphens."""
    extra = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    pairs = tuple({AUTHORIZED[0]: AUTHORIZED[1], **extra}.items())
    return SimulatedRequest(method, path, "", pairs, body)


def answered(request: SimulatedRequest, usual: Behaviour | None = None, serial: int = 1) -> Reply:
    """The reply at a fixed time."""
    return reply(request, KEY, usual or Behaviour(), serial, 1_700_000_000)


def chat(content: str = "Count to 3", **fields: Any) -> bytes:
    """A body with one user message."""
    messages = [{"role": "user", "content": content}]
    return json.dumps({"model": "gpt-4o-mini", "messages": messages, **fields}).encode()


def whole(body: bytes, **headers: str) -> dict[str, Any]:
    """The decoded answer to a body."""
    payload: dict[str, Any] = json.loads(answered(asked(body=body, **headers)).parts[0])
    return payload


def events(body: bytes, **headers: str) -> list[dict[str, Any]]:
    """The decoded events of a stream, without its end."""
    parts = answered(asked(body=body, **headers)).parts
    assert parts[-1] == b"data: [DONE]\n\n"
    return [json.loads(part.removeprefix(b"data: ")) for part in parts[:-1]]


def error(reply: Reply) -> dict[str, Any]:
    """The error object of a refusal."""
    problem: dict[str, Any] = json.loads(reply.parts[0])["error"]
    assert list(problem) == ["message", "type", "param", "code"]
    return problem
