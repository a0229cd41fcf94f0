"""Prompt and completion of a request as a person reads them: who said what."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from labgateway.decisions.exchange import BODY_CHARACTERS, Exchange
from labgateway.decisions.messages import input_messages, output_messages


class Turn(NamedTuple):
    """What one side said; ``kind`` is text, reasoning, tool_call, …; ``side`` prompt or answer."""

    side: str
    role: str
    kind: str
    text: str


def conversation(exchange: Exchange) -> tuple[Turn, ...]:
    """The turns in their order; () when no bodies were kept or there is nothing to be read."""
    bodies = exchange.bodies
    if bodies is None:
        return ()
    asked = input_messages(bodies.sent or bodies.request)
    return (*_turns("prompt", asked), *_turns("answer", output_messages(bodies.response)))


def was_cut(exchange: Exchange) -> bool:
    """Whether a body was longer than what is kept of it."""
    bodies = exchange.bodies
    parts = () if bodies is None else (bodies.request, bodies.response)
    return any(one is not None and len(one) >= BODY_CHARACTERS for one in parts)


def _turns(side: str, messages: str | None) -> Iterator[Turn]:
    for message in json.loads(messages or "[]"):
        for part in message["parts"]:
            kind = str(part.get("type", "part"))
            yield Turn(side, str(message["role"]), kind, _text(part))


def _text(part: dict[str, Any]) -> str:
    content = part.get("content")
    if isinstance(content, str) and part.get("type") in {"text", "reasoning"}:
        return content
    rest = {name: value for name, value in part.items() if name != "type"}
    return json.dumps(rest, ensure_ascii=False, indent=2)
