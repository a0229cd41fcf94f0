"""The answer a learner hands in, reduced to its id and model, and looked up in the log."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from checks.llm_routing.exchange_mistakes import bare_path, blank_in, goes_to_openai
from checks.llm_routing.names import PATH, an, quoted
from checks.verdict import NotRight, Passed, Unpassed, Verdict
from labgateway.decisions.exchange import Exchange
from labgateway.memory.observation import Observation

REPLY = "2.reply"
_ID = re.compile(r"chatcmpl-[\w-]{1,80}")
_NEXT = "Hand in the response of your request as it came"


def kept_reply(value: object) -> object:
    """Id and model of a dict, its JSON, an httpx response or an SDK object; no content is kept."""
    if isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    if isinstance(value, str) and _ID.fullmatch(value.strip()):
        return {"id": value.strip(), "model": None}
    given = _as_mapping(value)
    if given is None:
        return {"id": None, "model": None, "type": type(value).__name__}
    return {name: _text(given.get(name)) for name in ("id", "model")}


def judge_reply(seen: Observation, value: Any) -> Verdict:
    """Whether the gateway's log has the reply."""
    kept = value if isinstance(value, dict) else {}
    if kept.get("id") is None:
        given = f": it is {an(kept['type'])}" if kept.get("type") else ""
        return NotRight(
            f"What you handed in has no `id`{given}",
            "",
            "Every chat completion has one; an error has none, nor has a text cut out of it.",
            "Hand in the variable of your response, without quotation marks",
        )
    found = next((one for one in seen.exchanges if one.response_id == kept["id"]), None)
    if found is None:
        return _unknown(kept["id"])
    if not goes_to_openai(found):
        return _another_way(found)
    return Passed("The gateway's log has a request with this reply")


def not_the_reply(seen: Observation) -> Unpassed | None:
    """What is wrong with the reply that was handed in; None when nothing is, or none was."""
    given = _given(seen)
    if given is None:
        return None
    said = judge_reply(seen, given)
    if isinstance(said, Unpassed):
        return said
    asked = next(one for one in seen.exchanges if one.response_id == given["id"])
    return blank_in(asked)


def was_handed_in(seen: Observation, exchange: Exchange) -> bool:
    """Whether a request's reply was handed in."""
    given = _given(seen)
    return given is not None and given["id"] == exchange.response_id


def _given(seen: Observation) -> Mapping[str, Any] | None:
    """The reply that was handed in, if it has an id."""
    answer = seen.answers.get(REPLY)
    value = answer.value if answer is not None else None
    return value if isinstance(value, dict) and value.get("id") is not None else None


def _another_way(exchange: Exchange) -> NotRight:
    return NotRight(
        f"The reply you handed in is that of a request to {quoted(bare_path(exchange))}",
        "",
        f"Asked is the one that came through `{PATH}`.",
        _NEXT,
    )


def _unknown(given: str) -> NotRight:
    return NotRight(
        f"The reply you handed in has the id {quoted(given)}, which no line of the gateway's log"
        " has",
        "",
        "Only what passed through the gateway counts.",
        _NEXT,
    )


def _as_mapping(value: object) -> Mapping[str, Any] | None:
    """What the value holds: itself, its ``.json()`` (httpx) or its ``.model_dump()`` (SDK)."""
    if isinstance(value, str | bytes):
        return _read(lambda: json.loads(value))
    if isinstance(value, Mapping):
        return value
    for name in ("model_dump", "json"):
        read = getattr(value, name, None)
        if callable(read):
            return _read(read)
    return None


def _read(read: Callable[[], object]) -> Mapping[str, Any] | None:
    try:
        given = read()
    except (ValueError, RecursionError):  # the body is an error in plain text
        return None
    return given if isinstance(given, Mapping) else None


def _text(value: object) -> str | None:
    return value[:256] if isinstance(value, str) else None
