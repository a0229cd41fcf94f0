"""``kubectl get -o custom-columns=HEADER:PATH,…``: columns of the learner's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from labgateway.decisions.go_values import go_text
from labgateway.decisions.jsonpath import Template, Unparsed, parse_path


@dataclass(frozen=True)
class CustomColumn:
    """A column: its header, and the path of its cells."""

    header: str
    path: Template


def custom_columns(spec: str) -> list[CustomColumn]:
    """The columns of a specification. Errors: ``Unparsed``, in kubectl's words."""
    if not spec:
        raise Unparsed("custom-columns format specified but no custom columns given")
    return [_column(one) for one in spec.split(",")]


def custom_rows(columns: list[CustomColumn], objects: Iterable[Any]) -> Iterator[list[str]]:
    """One row of cells for each object. Errors: ``Unfit``."""
    for one in objects:
        yield [_cell(column.path, one) for column in columns]


def _column(spec: str) -> CustomColumn:
    header, colon, path = spec.partition(":")
    if not colon:
        raise Unparsed(
            f"unexpected custom-columns spec: {spec}, expected <header>:<json-path-expr>"
        )
    return CustomColumn(header, parse_path(path))


def _cell(path: Template, one: Any) -> str:
    values = [value for found in path.values(one) for value in found]
    return ",".join(map(go_text, values)) or "<none>"
