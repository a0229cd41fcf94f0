"""The steps of a JSONPath as kubectl takes them: each turns the values so far into the next."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from labgateway.decisions.go_values import go_text, go_type

Step = Callable[[list[Any]], list[Any]]
Steps = tuple[Step, ...]

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_COMPARED: dict[str, Callable[[Any, Any], bool]] = {"==": operator.eq, "!=": operator.ne, **_ORDER}


class Unfit(ValueError):
    """Why a path does not fit a document."""


def found_by(steps: Steps, values: list[Any]) -> list[Any]:
    """What the steps make of values. Errors: ``Unfit``."""
    return reduce(lambda found, step: step(found), steps, values)


def text(words: str) -> Step:
    """The text, whatever there was."""
    return lambda _values: [words]


def constant(*, value: Any) -> Step:
    """The value, once for each."""
    return lambda values: [value for _ in values]


def unknown_identifier(name: str) -> Step:
    """The refusal of a word that means nothing."""

    def step(_values: list[Any]) -> list[Any]:
        raise Unfit(f"unrecognized identifier {name}")

    return step


def field(name: str) -> Step:
    """The members of that name, where there are any."""
    return lambda values: [one[name] for one in values if isinstance(one, dict) and name in one]


def wildcard(values: list[Any]) -> list[Any]:
    """All members and entries."""
    return [inside for one in values for inside in _inside(one)]


def recursive(values: list[Any]) -> list[Any]:
    """Everything that has something inside, and everything such inside of it."""
    found = []
    for one in values:
        inside = _inside(one)
        if inside:
            found += [one, *recursive(inside)]
    return found


def element(index: int) -> Step:
    """One entry of each list, counted from its end where the index is negative."""

    def step(values: list[Any]) -> list[Any]:
        found = []
        for one in map(_list, values):
            at = index + len(one) if index < 0 else index
            if not 0 <= at < len(one):
                raise _out_of_bounds(at, one)
            found.append(one[at])
        return found

    return step


def sliced(start: int | None, stop: int | None, each: int | None) -> Step:
    """Entries of each list from one to before another, every so many."""

    def step(values: list[Any]) -> list[Any]:
        return [entry for one in map(_list, values) for entry in _slice(one, start, stop, each)]

    return step


def union(paths: Sequence[Steps]) -> Step:
    """What each of the paths finds, one after the other."""
    return lambda values: [one for steps in paths for one in found_by(steps, values)]


def filtered(left: Steps, compare: str = "", right: Steps = ()) -> Step:
    """The entries of lists for which a comparison is true, or without one a path leads somewhere.

    An entry that one of the sides does not find is left out.
    """

    def holds(entry: Any) -> bool:
        lefts = found_by(left, [entry])
        if not compare:
            return bool(lefts)
        rights = found_by(right, [entry]) if lefts else []
        if len(lefts) > 1 or len(rights) > 1:
            raise Unfit("can only compare one element at a time")
        return bool(rights) and _compared(lefts[0], compare, rights[0])

    def step(values: list[Any]) -> list[Any]:
        for one in values:
            if not isinstance(one, list):
                raise Unfit(f"{go_text(one)} is not array or slice and cannot be filtered")
        return [entry for one in values for entry in one if holds(entry)]

    return step


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    raise Unfit(f"{go_type(value)} is not array or slice")


def _slice(entries: list[Any], start: int | None, stop: int | None, each: int | None) -> list[Any]:
    size = len(entries)
    first = start or 0
    first = first + size if first < 0 else first
    last = size if stop is None else stop
    last = last + size if last < 0 else last
    if first == last:
        return []
    if not 0 <= first < size:
        raise _out_of_bounds(first, entries)
    if not 0 <= last <= size:
        raise _out_of_bounds(last - 1, entries)
    if first > last:
        raise Unfit(f"starting index {first} is greater than ending index {last}")
    if each is not None and each <= 0:
        raise Unfit("step must be > 0")
    return entries[first : last : each or 1]


def _out_of_bounds(index: int, entries: list[Any]) -> Unfit:
    return Unfit(f"array index out of bounds: index {index}, length {len(entries)}")


def _compared(left: Any, compare: str, right: Any) -> bool:
    if compare not in _COMPARED:
        raise Unfit(f"unrecognized filter operator {compare}")
    kinds = {type(left), type(right)}
    if kinds & {dict, list, type(None)} or (bool in kinds and compare in _ORDER):
        raise Unfit("invalid type for comparison")
    if len(kinds) > 1:
        raise Unfit("incompatible types for comparison")
    return _COMPARED[compare](left, right)
