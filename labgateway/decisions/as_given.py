"""A manifest read as it stands, although values in it are wrong.

The API server looks for repeated entries beside other mistakes, and at the rules between fields
beside values that are out of bounds.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from functools import cache
from typing import Any

from labgateway.shapes.parts import Part
from labgateway.shapes.resource import Shape

_Read = Callable[[Any], Any]


def as_given(shape: type[Shape], value: Any) -> Any:
    """The shape with the given values and defaults; what has a wrong type stays as it is.

    A required field that is missing has no attribute.
    """
    if not isinstance(value, dict):
        return value
    given = {
        name: read(value[alias]) for name, (alias, read) in _fields(shape).items() if alias in value
    }
    return shape.model_construct(set(given), **given)


@cache
def _fields(shape: type[Shape]) -> dict[str, tuple[str, _Read]]:
    return {
        name: (field.alias or name, _reader(field.annotation, tuple(field.metadata)))
        for name, field in shape.model_fields.items()
    }


def _reader(annotation: Any, marks: tuple[Any, ...] = ()) -> _Read:
    part = next((one for one in marks if isinstance(one, Part)), None)
    if part is not None:
        return part.filled
    origin = typing.get_origin(annotation)
    inner = typing.get_args(annotation)
    if origin is typing.Annotated:
        return _reader(inner[0], inner[1:])
    if origin in {types.UnionType, typing.Union} and type(None) in inner:
        return _reader(inner[0])
    if origin is list:
        return _entries(_reader(inner[0]))
    if isinstance(annotation, type) and issubclass(annotation, Shape):
        return lambda value: as_given(annotation, value)
    return lambda value: value


def _entries(read: _Read) -> _Read:
    return lambda value: [read(one) for one in value] if isinstance(value, list) else value
