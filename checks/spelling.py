"""Numbers and lists as people write them: units, separators and quotes do not matter."""

from __future__ import annotations

import re
from collections.abc import Mapping

_AROUND = " \t\r\n\"'`[]()"
_BETWEEN = re.compile(r"(?:,(?!\d{3}(?!\d))|;|->|→|\s|(?<=\s)/(?=\s))+")
_UNIT = re.compile(r"^[~≈$]+|\s*(?:tokens?|requests?|dollars?|usd|\$|milliseconds?|ms)$")
_THOUSANDS = re.compile(r"[ ,'_\u00a0\u202f]")
_IN_THOUSANDS = re.compile(rf"[+-]?[1-9]\d{{0,2}}(?:{_THOUSANDS.pattern}\d{{3}})+(?:\.\d+)?")


def entries(value: object) -> list[object]:
    """The entries of a list, the values of a dict, or what a text has commas or spaces between."""
    if isinstance(value, Mapping):
        return list(value.values())
    if isinstance(value, list | tuple):
        return [one.strip(_AROUND) if isinstance(one, str) else one for one in value]
    if not isinstance(value, str):
        return [value]
    found = [one for one in _BETWEEN.split(value.strip(_AROUND)) if one.strip(_AROUND)]
    return [one.strip(_AROUND) for one in (found if len(found) > 1 else value.split(","))]


def number(value: object) -> float | None:
    """A number that was given as such or as text; None for anything else.

    In a text, separators of thousands, a decimal comma and the unit's name do not matter.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    if not isinstance(value, str):
        return None
    text = _UNIT.sub("", value.strip(_AROUND).casefold()).strip()
    text = _THOUSANDS.sub("", text) if _IN_THOUSANDS.fullmatch(text) else text.replace(",", ".")
    try:
        return float(text)
    except ValueError:
        return None


def numbers(value: object) -> list[float] | None:
    """The numbers of a list, a dict's values or a text; None when one of them is none."""
    found = [number(one) for one in entries(value)]
    return [one for one in found if one is not None] if None not in found else None
