"""Rules of unread parts: which fields go together, how long a duration is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from labgateway.shapes.durations import DURATION, go_duration_s


class Rule(NamedTuple):
    """A rule of a value (``x-kubernetes-validations``) and what is said when it does not hold."""

    message: str
    holds: Callable[[Any], bool]


def exactly_one(names: str) -> Rule:
    """Exactly one of these fields is set."""
    listed = names.split()
    return Rule(
        f"exactly one of the fields in [{names}] must be set",
        lambda value: sum(name in value for name in listed) == 1,
    )


def at_most_one(names: str) -> Rule:
    """No two of these fields are set."""
    listed = names.split()
    return Rule(
        f"at most one of the fields in [{names}] may be set",
        lambda value: sum(name in value for name in listed) <= 1,
    )


def at_least_one(names: str) -> Rule:
    """One of these fields is set, or more."""
    listed = names.split()
    return Rule(
        f"at least one of the fields in [{names}] must be set",
        lambda value: any(name in value for name in listed),
    )


def lasts(least: str, message: str) -> tuple[Rule, Rule]:
    """A string is a duration that is at least so long."""
    bound = go_duration_s(least)
    return (
        Rule("invalid duration value", lambda value: bool(re.search(DURATION, value))),
        Rule(message, lambda value: go_duration_s(value) >= bound),
    )
