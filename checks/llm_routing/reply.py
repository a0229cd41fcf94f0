"""The answer a learner hands in, reduced to its id and model, and looked up in the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.llm_routing.exchange_mistakes import blank_in
from checks.llm_routing.names import quoted
from checks.verdict import NotRight, NotYet, Passed, Verdict
from labgateway.decisions.exchange import Exchange
from labgateway.memory.observation import Observation

QUESTION = "2.reply"
_NEXT = "Hand in the response of your request as it came"


def kept_reply(value: object) -> object:
    """Id and model of a dict, an httpx response or an SDK object; the content is not kept."""
    given = _as_mapping(value)
    if given is None:
        return {"id": None, "model": None, "type": type(value).__name__}
    return {name: _text(given.get(name)) for name in ("id", "model")}


def judge_reply(seen: Observation, value: Any) -> Verdict:
    """Whether the gateway's log has the reply."""
    kept = value if isinstance(value, dict) else {}
    if kept.get("id") is None:
        given = f": it is a `{kept['type']}`" if kept.get("type") else ""
        return NotRight(
            f"What you handed in has no `id`{given}",
            "",
            "Every chat completion has one; an error has none.",
            _NEXT,
        )
    if any(one.response_id == kept["id"] for one in seen.exchanges):
        return Passed("The gateway's log has a request with this reply")
    return _unknown(kept["id"])


def fake(seen: Observation, exchanges: list[Exchange]) -> NotRight | None:
    """A reply that was handed in and that no exchange has; None when there is no such."""
    answer = seen.answers.get(QUESTION)
    given = answer.value.get("id") if answer and isinstance(answer.value, dict) else None
    if given is None or any(one.response_id == given for one in (*seen.exchanges, *exchanges)):
        return None
    return _unknown(given)


def handed_in_blank(seen: Observation) -> NotYet | None:
    """The reply that was handed in belongs to a request with a blank in it."""
    answer = seen.answers.get(QUESTION)
    given = answer.value.get("id") if answer and isinstance(answer.value, dict) else None
    asked = next((one for one in seen.exchanges if given and one.response_id == given), None)
    return blank_in(asked) if asked is not None else None


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
    if isinstance(value, Mapping):
        return value
    for name in ("model_dump", "json"):
        read = getattr(value, name, None)
        if not callable(read):
            continue
        try:
            given = read()
        except ValueError:  # the body is an error in plain text
            return None
        return given if isinstance(given, Mapping) else None
    return None


def _text(value: object) -> str | None:
    return value[:256] if isinstance(value, str) else None
