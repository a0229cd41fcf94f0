"""The notation for parts that nothing reads."""

from __future__ import annotations

from typing import Annotated, Any

import pytest

from labgateway.shapes.marks import Distinct
from labgateway.shapes.part_rules import at_least_one, at_most_one, exactly_one
from labgateway.shapes.part_values import Flag, Number, Size, Text, choice, duration, text
from labgateway.shapes.parts import List, Map, Part, fields
from labgateway.shapes.resource import Shape
from tests.shapes.refusals import refusals

ROUTES = fields(
    {
        "name*": text(4, pattern="^[a-z]+$"),
        "way": choice("In", "Out", default="In"),
        "hops": Number(least=1, most=9),
        "open": Flag(default=False),
        "stops": List(of=text(), most=2, distinct=Distinct()),
        "tags": Map(of=Text(), most=1),
        "wait": duration("1s", "wait must be at least 1 second"),
        "size": Size(),
        "any": Part(),
    },
    at_most_one("hops open"),
)


class Holder(Shape):
    """A shape with an unread field."""

    routes: Annotated[dict[str, Any] | None, ROUTES] = None


def test_a_good_value_gets_its_defaults() -> None:
    """Everything else stays as it was given."""
    given = {"name": "a", "stops": ["x"], "tags": {"b": ""}, "wait": "90s", "any": [None]}
    held = Holder.model_validate({"routes": {**given, "size": "1Mi"}})
    assert held.routes == {**given, "size": "1Mi", "way": "In", "open": False}


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({}, "name", "Field required"),
        ({"name": ""}, "name", "at least 1 character"),
        ({"name": "abcde"}, "name", "at most 4 characters"),
        ({"name": "A"}, "name", "match pattern"),
        ({"name": "a", "way": "Up"}, "way", "'In' or 'Out'"),
        ({"name": "a", "hops": 10}, "hops", "less than or equal to 9"),
        ({"name": "a", "hops": True}, "hops", "valid integer"),
        ({"name": "a", "open": "yes"}, "open", "valid boolean"),
        ({"name": "a", "stops": [""]}, "stops[0]", "at least 1 character"),
        ({"name": "a", "tags": {"b": 1}}, "tags.b", "valid string"),
        ({"name": "a", "size": True}, "size", "integer or a string"),
        ({"name": "a", "size": "1 MB"}, "size", "match pattern"),
        ({"name": "a", "other": 1}, "other", "not permitted"),
        ([], "", "valid dictionary"),
    ],
)
def test_a_bad_value_is_named_by_its_place(given: Any, field: str, words: str) -> None:
    """Under the field that holds it."""
    ((where, said),) = refusals(Holder, {"routes": given})
    assert where == f"routes.{field}".removesuffix(".")
    assert words in said


@pytest.mark.parametrize(
    ("more", "field", "sentences"),
    [
        ({"wait": "1d"}, ".wait", ["invalid duration value", "wait must be at least 1 second"]),
        ({"wait": "0.5s"}, ".wait", ["invalid duration value", "wait must be at least 1 second"]),
        ({"wait": "1.5s"}, ".wait", ["invalid duration value"]),
        ({"stops": ["a", "a"]}, ".stops[1]", ['"a"']),
        ({"stops": ["a", "b", "c"]}, ".stops", ["3: must have at most 2 items"]),
        ({"tags": {"a": "", "b": ""}}, ".tags", ["2: must have at most 1 items"]),
        ({"hops": 1}, "", ["at most one of the fields in [hops open] may be set"]),
    ],
)
def test_rules_and_entries_are_looked_at(
    more: dict[str, Any], field: str, sentences: list[str]
) -> None:
    """``open`` is set by its default."""
    found = refusals(Holder, {"routes": {"name": "a", **more}})
    assert found == [(f"routes{field}", sentence) for sentence in sentences]


def test_fields_are_counted() -> None:
    """Exactly one, or at least one."""
    assert [exactly_one("a b").holds(one) for one in ({}, {"a": 1}, {"a": 1, "b": 1})] == [
        *(False, True, False)
    ]
    assert [at_least_one("a b").holds(one) for one in ({}, {"b": 1})] == [False, True]
    assert at_least_one("a b").message == "at least one of the fields in [a b] must be set"
