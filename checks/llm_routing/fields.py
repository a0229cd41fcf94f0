"""Which fields the kinds have, and where a field of some name belongs."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator
from functools import cache
from itertools import takewhile

from labgateway.shapes.kinds import KINDS
from labgateway.shapes.resource import Shape


@cache
def fields_of(kind: str) -> dict[str, tuple[str, ...]]:
    """Field path (without list indexes) → names of the fields in it; "" is the object itself."""
    shape = next((one.shape for one in KINDS if one.kind == kind), None)
    return dict(_walk(shape, "")) if shape is not None else {}


def homes_of(kind: str, name: str, near: str = "") -> list[str]:
    """Paths of the objects in which a kind has a field of this name, nearest to ``near`` first."""
    homes = [path for path, names in fields_of(kind).items() if name in names]
    return sorted(homes, key=lambda path: (-_shared(path, near), len(path)))


def _shared(path: str, other: str) -> int:
    """How many of their first elements two paths share."""
    pairs = zip(path.split("."), other.split("."), strict=False)
    return len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))


def without_indexes(path: str) -> str:
    """``spec.rules[0].matches`` → ``spec.rules.matches``."""
    return re.sub(r"\[\d+\]", "", path)


def _walk(shape: type[Shape], path: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield path, tuple(field.alias or name for name, field in shape.model_fields.items())
    for name, field in shape.model_fields.items():
        extra = field.json_schema_extra
        if isinstance(extra, dict) and extra.get("x-unacted"):
            continue  # nothing that the lab asks for belongs there
        for inner in _shapes_in(field.annotation):
            yield from _walk(inner, f"{path}.{field.alias or name}".removeprefix("."))


def _shapes_in(annotation: object) -> Iterator[type[Shape]]:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        if issubclass(annotation, Shape):
            yield annotation
        return
    for one in typing.get_args(annotation):
        yield from _shapes_in(one)
