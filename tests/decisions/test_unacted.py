"""Every field of the served kinds is acted on, or a warning and the status say that it is not."""

from __future__ import annotations

import ast
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pydantic.fields import FieldInfo

import labgateway
from labgateway.decisions.admission import admit
from labgateway.decisions.unacted import unacted_fields, with_unacted
from labgateway.shapes.kinds import KINDS, kind_of
from labgateway.shapes.resource import Condition, ObjectMeta, Shape
from tests.decisions.resources import Json, backend, gateway, matching, prefix, route

# Fields of every object, which are not its kind's.
_OF_OBJECTS = {"apiVersion", "kind", "metadata", "status"}


class Field(NamedTuple):
    """A field of a kind: its path, the shapes and names that lead to it, and whether it is read."""

    path: str
    way: tuple[tuple[type[Shape], str], ...]
    marked: bool


def _inner(annotation: Any) -> type[Shape] | None:
    if isinstance(annotation, type) and issubclass(annotation, Shape):
        return annotation
    found = (_inner(one) for one in typing.get_args(annotation))
    return next((one for one in found if one is not None), None)


def _is_list(annotation: Any) -> bool:
    parts = typing.get_args(annotation)
    return typing.get_origin(annotation) is list or any(map(_is_list, parts))


def _marked(field: FieldInfo) -> bool:
    extra = field.json_schema_extra
    return isinstance(extra, dict) and bool(extra.get("x-unacted"))


def _fields(
    shape: type[Shape], path: str = "", way: tuple[tuple[type[Shape], str], ...] = ()
) -> Iterator[Field]:
    for name, field in shape.model_fields.items():
        alias = field.alias or name
        inner = _inner(field.annotation)
        if inner is ObjectMeta or (not path and alias in _OF_OBJECTS):
            continue
        here, onward = f"{path}.{alias}".removeprefix("."), (*way, (shape, name))
        yield Field(here, onward, _marked(field))
        if inner is not None and not _marked(field):
            index = "[0]" if _is_list(field.annotation) else ""
            yield from _fields(inner, f"{here}{index}", onward)


EVERY = [
    pytest.param(field, id=f"{kind.kind} {field.path}")
    for kind in KINDS
    for field in _fields(kind.shape)
]


def _read() -> set[str]:
    """Every name that is read of something, anywhere in the gateway."""
    root = Path(labgateway.__file__).parent
    files = [one for floor in ("shapes", "decisions", "edges") for one in (root / floor).glob("*")]
    return {
        node.attr
        for file in files
        if file.suffix == ".py"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
    }


READ = _read()


@pytest.mark.parametrize("field", EVERY)
def test_a_field_is_read_or_said_to_be_stored_only(field: Field) -> None:
    """A new field without code that reads it needs the mark; a marked one is found when given."""
    shape, name = field.way[-1]
    if not field.marked:
        assert name in READ, f"{shape.__name__}.{name} is read nowhere: mark it as unacted"
        return
    value: Any = ["given"]
    for at, (outer, attribute) in enumerate(reversed(field.way)):
        if at and _is_list(outer.model_fields[attribute].annotation):
            value = [value]
        value = outer.model_construct(None, **{attribute: value})
    assert list(unacted_fields(value)) == [field.path]


RETRIED = {**matching(prefix("/a")), "retry": {"attempts": 2}}


def _service(**spec: Any) -> Json:
    head = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}}
    return {**head, "spec": {"ports": [{"port": 80}], **spec}}


GIVEN: list[tuple[Json, list[str]]] = [
    (route(RETRIED), ["spec.rules[0].retry"]),
    (backend(), []),
    (gateway(), []),
    (route(), []),
    (_service(type="NodePort", selector={"a": "b"}), ["spec.selector", "spec.type"]),
    (_service(clusterIP="None", sessionAffinity="None"), []),
]


@pytest.mark.parametrize(("manifest", "paths"), GIVEN)
def test_warnings_name_the_fields_that_are_given(manifest: Json, paths: list[str]) -> None:
    """And no field whose value means what is done here anyhow."""
    kind = kind_of(manifest["apiVersion"], manifest["kind"])
    assert kind is not None
    admitted = admit(kind, manifest)
    suffix = ": this gateway stores the field and does not act on it"
    assert list(admitted.warnings) == [f"{path}{suffix}" for path in paths]
    status = with_unacted({"conditions": [], "x": 1}, admitted.unacted)
    assert [one.message.rpartition(": ")[2] for one in status["conditions"]] == (
        [", ".join(paths)] if paths else []
    )


def test_a_route_says_it_to_each_parent() -> None:
    """Where `kubectl describe` shows the rest of its conditions; the list is cut."""
    kind = kind_of("gateway.networking.k8s.io/v1", "HTTPRoute")
    assert kind is not None
    resource = admit(kind, route(*([RETRIED] * 12))).resource
    accepted = Condition("Accepted", "True", "Accepted", "")
    parent = {"parentRef": {"name": "a"}, "conditions": [accepted]}

    status = with_unacted({"parents": [parent, parent]}, list(unacted_fields(resource)))

    for one in status["parents"]:
        first, said = one["conditions"]
        assert first is accepted
        assert (said.type, said.status, said.reason) == ("ActedOn", "False", "FieldsNotActedOn")
        assert "spec.rules[9].retry and 2 more" in said.message
