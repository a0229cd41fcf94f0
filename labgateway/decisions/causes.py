"""One broken rule of a manifest: where, which rule and what value, in the API server's words.

Source of the wording: apiextensions-apiserver validation (k8s.io/apiextensions-apiserver).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from pydantic_core import ErrorDetails

from labgateway.shapes.resource import Rules, Shape
from labgateway.words.errors import Cause

_SHOWN_CHARACTERS = 253


def cause_of(detail: ErrorDetails) -> Cause:
    """One broken rule; a type of error that has no Kubernetes wording keeps pydantic's."""
    where = detail["loc"]
    if detail["type"] == "kubernetes_duplicate":
        where = (*where, detail["ctx"]["index"])
    path = field_path(where)
    reason, message = _MESSAGES.get(detail["type"], ("FieldValueInvalid", _rule))
    return Cause(path, reason, message(detail, path))


def broken_rules(shape: Shape, path: str = "") -> Iterator[Cause]:
    """Every broken rule of an object whose fields are right by themselves, outermost first."""
    yield from (_broken(path, shape, message) for message in shape.broken_rules())
    for name, field in type(shape).model_fields.items():
        value = getattr(shape, name)
        here = f"{path}.{field.alias or name}".removeprefix(".")
        for one in field.metadata:
            if isinstance(one, Rules) and value is not None:
                yield from (_broken(here, value, message) for message in one.broken(value))
        if isinstance(value, Shape):
            yield from broken_rules(value, here)
        elif isinstance(value, list):
            for index, entry in enumerate(value):
                if isinstance(entry, Shape):
                    yield from broken_rules(entry, f"{here}[{index}]")


def _broken(path: str, value: Any, message: str) -> Cause:
    shown = _shown({} if isinstance(value, Shape) else value)
    return Cause(path, "FieldValueInvalid", f"Invalid value: {shown}: {message}")


def field_path(loc: tuple[int | str, ...]) -> str:
    """As Kubernetes writes it: ``spec.rules[0].matches``."""
    path = ""
    for part in loc:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.removeprefix(".")


def _shown(value: Any) -> str:
    """A value as messages show it: its JSON type for containers, else the value itself."""
    if isinstance(value, dict):
        return '"object"'
    if isinstance(value, list):
        return '"array"'
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + '…"'


def _json_type(value: Any) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return kinds.get(type(value), "object")


def _wrong_type(wanted: str) -> Callable[[ErrorDetails, str], str]:
    def message(detail: ErrorDetails, path: str) -> str:
        got = _json_type(detail["input"])
        return f'Invalid value: "{got}": {path} in body must be of type {wanted}: "{got}"'

    return message


def _bound(words: str, name: str) -> Callable[[ErrorDetails, str], str]:
    def message(detail: ErrorDetails, path: str) -> str:
        limit = detail["ctx"][name]
        return f"Invalid value: {_shown(detail['input'])}: {path} in body {words.format(limit)}"

    return message


def _supported(detail: ErrorDetails, _path: str) -> str:
    names = re.findall(r"'([^']*)'", detail["ctx"]["expected"])
    listed = ", ".join(f'"{name}"' for name in names)
    return f"Unsupported value: {_shown(detail['input'])}: supported values: {listed}"


def _pattern(detail: ErrorDetails, path: str) -> str:
    pattern = detail["ctx"]["pattern"]
    return f"Invalid value: {_shown(detail['input'])}: {path} in body should match '{pattern}'"


def _too_few(detail: ErrorDetails, path: str) -> str:
    given = detail["ctx"]["actual_length"]
    least = detail["ctx"]["min_length"]
    return f"Invalid value: {given}: {path} in body should have at least {least} items"


def _too_many(detail: ErrorDetails, _path: str) -> str:
    limit = detail["ctx"]["max_length"]
    return f"Too many: {len(detail['input'])}: must have at most {limit} items"


def _duplicate(detail: ErrorDetails, _path: str) -> str:
    return f"Duplicate value: {json.dumps(detail['ctx']['value'])}"


def _rule(detail: ErrorDetails, _path: str) -> str:
    return f"Invalid value: {_shown(detail['input'])}: {detail['msg']}"


_MESSAGES: dict[str, tuple[str, Callable[[ErrorDetails, str], str]]] = {
    "missing": ("FieldValueRequired", lambda _detail, _path: "Required value"),
    "string_type": ("FieldValueTypeInvalid", _wrong_type("string")),
    "int_type": ("FieldValueTypeInvalid", _wrong_type("integer")),
    "int_from_float": ("FieldValueTypeInvalid", _wrong_type("integer")),
    "bool_type": ("FieldValueTypeInvalid", _wrong_type("boolean")),
    "list_type": ("FieldValueTypeInvalid", _wrong_type("array")),
    "dict_type": ("FieldValueTypeInvalid", _wrong_type("object")),
    "model_type": ("FieldValueTypeInvalid", _wrong_type("object")),
    "model_attributes_type": ("FieldValueTypeInvalid", _wrong_type("object")),
    "literal_error": ("FieldValueNotSupported", _supported),
    "string_pattern_mismatch": ("FieldValueInvalid", _pattern),
    "string_too_short": (
        "FieldValueInvalid",
        _bound("should be at least {} chars long", "min_length"),
    ),
    "string_too_long": (
        "FieldValueTooLong",
        lambda detail, _path: f"Too long: may not be more than {detail['ctx']['max_length']} bytes",
    ),
    "too_short": ("FieldValueInvalid", _too_few),
    "too_long": ("FieldValueTooMany", _too_many),
    "kubernetes_duplicate": ("FieldValueDuplicate", _duplicate),
    "greater_than_equal": (
        "FieldValueInvalid",
        _bound("should be greater than or equal to {}", "ge"),
    ),
    "less_than_equal": ("FieldValueInvalid", _bound("should be less than or equal to {}", "le")),
}
