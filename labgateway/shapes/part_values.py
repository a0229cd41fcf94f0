"""Unread parts that hold one value: strings, choices, numbers, sizes, flags."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError, core_schema

from labgateway.shapes.part_rules import lasts
from labgateway.shapes.parts import Part

_QUANTITY = (
    r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"
    r"(([KMGTPE]i)|[numkMGTPE]|[eE](\+?0*([0-9]|1[0-8])|-0*[0-9]))?$"
)
INT32 = 2**31  # the API server takes no greater number where a field's format is int32


@dataclass(frozen=True, kw_only=True, eq=False)
class Text(Part):
    """A string: lengths in characters, a pattern that is found in it."""

    least: int | None = None
    most: int | None = None
    pattern: str | None = None

    def core(self) -> CoreSchema:
        """A string."""
        return core_schema.str_schema(
            min_length=self.least, max_length=self.most, pattern=self.pattern
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Choice(Part):
    """One of some strings."""

    among: tuple[str, ...]

    def core(self) -> CoreSchema:
        """An enum."""
        return core_schema.literal_schema(list(self.among))


@dataclass(frozen=True, kw_only=True, eq=False)
class Number(Part):
    """A whole number within bounds, below ``below``."""

    least: int | None = None
    most: int | None = None
    below: int | None = INT32

    def core(self) -> CoreSchema:
        """An integer."""
        below = self.below if self.most is None else None
        return core_schema.int_schema(ge=self.least, le=self.most, lt=below)


@dataclass(frozen=True, kw_only=True, eq=False)
class Size(Part):
    """A quantity: a whole number or a string such as ``1Mi`` (``x-kubernetes-int-or-string``)."""

    def core(self) -> CoreSchema:
        """An integer or a string."""
        return core_schema.no_info_plain_validator_function(
            _quantity, json_schema_input_schema=core_schema.str_schema()
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Flag(Part):
    """True or false."""

    def core(self) -> CoreSchema:
        """A boolean."""
        return core_schema.bool_schema()


def _quantity(value: Any) -> int | str:
    if not isinstance(value, int | str) or isinstance(value, bool):
        raise PydanticCustomError("int_or_string_type", "Input should be an integer or a string")
    if isinstance(value, str) and not re.search(_QUANTITY, value):
        raise PydanticKnownError("string_pattern_mismatch", {"pattern": _QUANTITY})
    return value


def text(most: int | None = None, *, least: int | None = 1, pattern: str | None = None) -> Text:
    """A string that is not empty, unless ``least`` says otherwise."""
    return Text(least=least, most=most, pattern=pattern)


def choice(*among: str, default: str | None = None) -> Choice:
    """One of these strings."""
    return Choice(among=among, default=default)


def duration(least: str, message: str, default: str | None = None) -> Text:
    """A duration in at most 32 characters that lasts at least so long."""
    return Text(most=32, rules=lasts(least, message), default=default)
