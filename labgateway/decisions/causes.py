"""One wrong value of a manifest: where, and what it has to be, in the API server's words.

Source of the wording: apiextensions-apiserver validation (k8s.io/apiextensions-apiserver).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from pydantic_core import ErrorDetails

from labgateway.words.errors import Cause

_SHOWN_CHARACTERS = 253


def cause_of(detail: ErrorDetails) -> Cause:
    """One wrong value; a type of error that has no Kubernetes wording keeps pydantic's."""
    path = field_path(detail["loc"])
    kind = detail["type"]
    if kind == "literal_error" and not isinstance(detail["input"], _type_among(detail)):
        kind = "string_type" if _type_among(detail) is str else "int_type"
    reason, message = _MESSAGES.get(kind, ("FieldValueInvalid", _rule))
    return Cause(path, reason, message(detail, path))


def field_path(loc: tuple[int | str, ...]) -> str:
    """As Kubernetes writes it: ``spec.rules[0].matches``."""
    path = ""
    for part in loc:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.removeprefix(".")


def shown(value: Any) -> str:
    """A value as messages show it: its JSON type for containers, else the value itself."""
    if isinstance(value, dict):
        return '"object"'
    if isinstance(value, list):
        return '"array"'
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + '…"'


def json_type(value: Any) -> str:
    """The JSON type of a value, as messages call it."""
    return _TYPES.get(type(value), "object")


_TYPES: dict[type, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    type(None): "null",
}


def _wrong_type(wanted: str) -> Callable[[ErrorDetails, str], str]:
    def message(detail: ErrorDetails, path: str) -> str:
        got = json_type(detail["input"])
        return f'Invalid value: "{got}": {path} in body must be of type {wanted}: "{got}"'

    return message


def _bound(words: str, name: str) -> Callable[[ErrorDetails, str], str]:
    def message(detail: ErrorDetails, path: str) -> str:
        limit = detail["ctx"][name]
        return f"Invalid value: {shown(detail['input'])}: {path} in body {words.format(limit)}"

    return message


def _type_among(detail: ErrorDetails) -> type:
    """The type of the values of an enum."""
    return str if "'" in detail["ctx"]["expected"] else int


def _supported(detail: ErrorDetails, _path: str) -> str:
    names = re.findall(r"'([^']*)'|(\d+)", detail["ctx"]["expected"])
    listed = ", ".join(f'"{text or number}"' for text, number in names)
    return f"Unsupported value: {shown(detail['input'])}: supported values: {listed}"


def _pattern(detail: ErrorDetails, path: str) -> str:
    pattern = detail["ctx"]["pattern"]
    return f"Invalid value: {shown(detail['input'])}: {path} in body should match '{pattern}'"


def _too_few(detail: ErrorDetails, path: str) -> str:
    given = detail["ctx"]["actual_length"]
    least = detail["ctx"]["min_length"]
    what = "properties" if isinstance(detail["input"], dict) else "items"
    return f"Invalid value: {given}: {path} in body should have at least {least} {what}"


def _too_many(detail: ErrorDetails, _path: str) -> str:
    limit = detail["ctx"]["max_length"]
    return f"Too many: {len(detail['input'])}: must have at most {limit} items"


def _not_int32(_detail: ErrorDetails, path: str) -> str:
    return f'Invalid value: "": Checked value must be of type integer with format int32 in {path}'


def _rule(detail: ErrorDetails, _path: str) -> str:
    return f"Invalid value: {shown(detail['input'])}: {detail['msg']}"


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
    "int_or_string_type": ("FieldValueTypeInvalid", _wrong_type("integer,string")),
    "less_than": ("FieldValueInvalid", _not_int32),
    "greater_than_equal": (
        "FieldValueInvalid",
        _bound("should be greater than or equal to {}", "ge"),
    ),
    "less_than_equal": ("FieldValueInvalid", _bound("should be less than or equal to {}", "le")),
}
