"""What is wrong with a value: what a shape refuses, else which of its rules are broken."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from labgateway.decisions.causes import field_path
from labgateway.decisions.rules import broken_rules, entry_causes, places_of
from labgateway.shapes.resource import Shape


def refusals(shape: type[Shape], value: dict[str, Any]) -> list[tuple[str, str]]:
    """(field path, sentence) of each; none when the value is fine."""
    try:
        parsed = shape.model_validate(value)
    except ValidationError as error:
        return [(field_path(one["loc"]), one["msg"]) for one in error.errors()]
    places = tuple(places_of(parsed))
    twice = [(one.field, one.message.partition(": ")[2]) for one in entry_causes(places)]
    broken = [(one.field, one.message.split(": ", 2)[2]) for one in broken_rules(places)]
    return [*twice, *broken]
