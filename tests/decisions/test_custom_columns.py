"""Columns of the learner's own: their specification, and the cells they make."""

from __future__ import annotations

import pytest

from labgateway.decisions.custom_columns import custom_columns, custom_rows
from labgateway.decisions.jsonpath import Unparsed

ONE = {"name": "a", "ports": [80, 81], "labels": {"b": "x", "a": True}, "none": None}


@pytest.mark.parametrize("path", ["name", ".name", "{name}", "{.name}"])
def test_a_path_is_written_in_four_ways(path: str) -> None:
    """With a dot or without, in braces or not."""
    (column,) = custom_columns(f"NAME:{path}")
    assert column.header == "NAME"
    assert list(custom_rows([column], [ONE])) == [["a"]]


def test_cells_are_as_go_prints_values() -> None:
    """Several with commas between them, maps and lists in Go's form, ``<none>`` for nothing."""
    columns = custom_columns("P:.ports[*],L:.labels,A:.ports,X:.nope,N:.none")
    (row,) = custom_rows(columns, [ONE])
    assert row == ["80,81", "map[a:true b:x]", "[80 81]", "<none>", "<nil>"]


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ("", "no custom columns given"),
        ("NAME", "unexpected custom-columns spec: NAME, expected <header>:<json-path-expr>"),
        ("A:.x,,", "unexpected custom-columns spec: , expected"),
        ("A:{", "unexpected path string"),
        ("A:.x[", "unterminated array"),
    ],
)
def test_why_columns_cannot_be_read(spec: str, why: str) -> None:
    """In kubectl's words."""
    with pytest.raises(Unparsed, match=why):
        custom_columns(spec)
