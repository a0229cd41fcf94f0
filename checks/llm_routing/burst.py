"""Requests sent at the same time: which of the learner's were under way together, and for what."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from math import inf

from checks.llm_routing.exchange_mistakes import answered, blank_in, goes_to_openai
from labgateway.decisions.exchange import Exchange
from labgateway.memory.observation import Observation

SLUG = "llm-routing/7"
WANTED = frozenset({1, 2, 3})
_ATTEMPT_S = 120.0  # requests further apart belong to two attempts
_LOOKED_AT = 300
_COUNT_TO = re.compile(r"\W*count (?:up )?to (\d{1,6})\W*", re.IGNORECASE)


def own(seen: Observation) -> list[Exchange]:
    """Requests along the learner's route since the step began, oldest first by their start."""
    since = seen.reset_at.get(SLUG, 0.0)
    asked = [one for one in seen.exchanges if one.started >= since and goes_to_openai(one)]
    return sorted(asked, key=lambda one: one.started)


def prompt_of(exchange: Exchange) -> str | None:
    """The last message of a request; None when bodies were not kept or it has no text."""
    if exchange.bodies is None or exchange.bodies.request is None:
        return None
    try:
        content = json.loads(exchange.bodies.request)["messages"][-1]["content"]
    except (ValueError, LookupError, TypeError):  # cut short, or the provider refused it
        return None
    return content if isinstance(content, str) else None


def number_of(exchange: Exchange) -> int | None:
    """The N of a prompt "Count to N"."""
    found = _COUNT_TO.fullmatch(prompt_of(exchange) or "")
    return int(found[1]) if found else None


def numbers(exchanges: Sequence[Exchange]) -> set[int]:
    """The Ns of requests that have one."""
    return {found for one in exchanges if (found := number_of(one)) is not None}


def ended(exchange: Exchange) -> float:
    """When the client could have the last byte (Unix time)."""
    return exchange.started + exchange.duration_s


def together(exchanges: Sequence[Exchange]) -> list[list[Exchange]]:
    """For each request those that were under way when it began, itself among them."""
    return [
        [one for one in exchanges if one is last or one.started <= last.started < ended(one)]
        for last in exchanges
    ]


def bursts(seen: Observation) -> list[list[Exchange]]:
    """Groups of three or more answered requests that were under way at one moment."""
    whole = [one for one in own(seen) if answered(one) and blank_in(one) is None]
    done = whole[-_LOOKED_AT:]
    return [group for group in together(done) if len(group) >= len(WANTED)]


def in_bursts(seen: Observation) -> int:
    """How many requests were part of such a group."""
    return len({one.span_id for group in bursts(seen) for one in group})


def right_burst(seen: Observation) -> list[Exchange] | None:
    """The last group that has all three prompts; without bodies, the last group."""
    for group in reversed(bursts(seen)):
        unread = any(one.bodies is None for one in group)
        if numbers(group) >= WANTED or unread:
            return group
    return None


def last_attempt(seen: Observation) -> list[Exchange]:
    """The last three requests, as far as they belong to one attempt at this step."""
    since = began(seen)
    asked = [one for one in own(seen) if one.bodies is not None or one.started >= since]
    latest = asked[-len(WANTED) :]
    return [one for one in latest if latest[-1].started - one.started < _ATTEMPT_S]


def began(seen: Observation) -> float:
    """When the learner was first seen at this step (Unix time): at an answer, or at a reset."""
    answered_at = [one.at for name, one in seen.answers.items() if name.startswith("7.")]
    return seen.reset_at.get(SLUG) or min(answered_at, default=inf)
