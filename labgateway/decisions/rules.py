"""What is wrong between values of a manifest: broken rules, and entries that stand twice.

Source of the wording: apiextensions-apiserver validation (k8s.io/apiextensions-apiserver).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from labgateway.decisions.causes import json_type
from labgateway.shapes.marks import AtMost, Distinct, Immutable, Rules
from labgateway.shapes.parts import List, Map, Part
from labgateway.shapes.resource import Shape
from labgateway.words.errors import Cause

# (path, value, what is said of it)
_Mark = Rules | Distinct | AtMost | Immutable | Part
Place = tuple[str, Any, Shape | _Mark]


def broken_rules(places: Iterable[Place]) -> Iterator[Cause]:
    """Every broken rule of an object whose fields are right by themselves, outermost first."""
    for path, value, said in places:
        for message in _messages(value, said):
            # The API server names the type of what a rule is about, and not its value.
            shown = json_type({} if isinstance(value, Shape) else value)
            yield Cause(path, "FieldValueInvalid", f'Invalid value: "{shown}": {message}')


def entry_causes(places: Iterable[Place]) -> Iterator[Cause]:
    """Too many entries, and each that may not stand in its list twice and does.

    What the entries are may be wrong.
    """
    for path, value, said in places:
        limit, distinct = _of_entries(said)
        if limit is not None and isinstance(value, limit.of) and len(value) > limit.entries:
            message = f"Too many: {len(value)}: must have at most {limit.entries} items"
            yield Cause(path, "FieldValueTooMany", message)
        if distinct is not None and isinstance(value, list):
            for index, known in distinct.repeated(value):
                shown = json.dumps(known, separators=(",", ":"), ensure_ascii=False)
                message = f"Duplicate value: {shown}"
                yield Cause(f"{path}[{index}]", "FieldValueDuplicate", message)


def changed_causes(before: Shape, after: Shape) -> Iterator[Cause]:
    """Every value that may not change and has, where both states have one."""
    kept = {path: value for path, value, said in places_of(before) if isinstance(said, Immutable)}
    for path, value, said in places_of(after):
        if isinstance(said, Immutable) and value != kept.get(path, value):
            shown = (
                f"{json.dumps(value)}: field is immutable"
                if said.built_in
                else f'"{json_type(value)}": Value is immutable'
            )
            yield Cause(path, "FieldValueInvalid", f"Invalid value: {shown}")


def _of_entries(said: Shape | _Mark) -> tuple[AtMost | None, Distinct | None]:
    """How many entries there may be, and which may not stand twice."""
    if isinstance(said, List):
        return said.limit, said.distinct
    if isinstance(said, Map):
        return said.limit, None
    return (
        said if isinstance(said, AtMost) else None,
        said if isinstance(said, Distinct) else None,
    )


def _messages(value: Any, said: Shape | _Mark) -> Iterator[str]:
    if isinstance(said, Shape):
        yield from said.broken_rules()
    elif isinstance(said, Rules):
        yield from said.broken(value)
    elif isinstance(said, Part):
        yield from (rule.message for rule in said.rules if not rule.holds(value))


def places_of(shape: Shape, path: str = "") -> Iterator[Place]:
    """Every place of an object of which something is said."""
    yield path, shape, shape
    for name, alias, marks in _fields(type(shape)):
        value = getattr(shape, name, None)
        here = f"{path}.{alias}" if path else alias
        for mark in marks if value is not None else ():
            if isinstance(mark, Part):
                yield from _inside_part(mark, value, here)
            else:
                yield here, value, mark
        if isinstance(value, Shape):
            yield from places_of(value, here)
        elif isinstance(value, list):
            for index, entry in enumerate(value):
                if isinstance(entry, Shape):
                    yield from places_of(entry, f"{here}[{index}]")


def _inside_part(part: Part, value: Any, path: str) -> Iterator[Place]:
    yield path, value, part
    for where, inner, one in part.inside(value):
        here = f"{path}[{where}]" if isinstance(where, int) else f"{path}.{where}"
        yield from _inside_part(inner, one, here)


@cache
def _fields(shape: type[Shape]) -> tuple[tuple[str, str, tuple[_Mark, ...]], ...]:
    """(attribute, name on the wire, what is said) of each field."""
    return tuple(
        (
            name,
            field.alias or name,
            tuple(one for one in field.metadata if isinstance(one, _Mark)),
        )
        for name, field in shape.model_fields.items()
    )
