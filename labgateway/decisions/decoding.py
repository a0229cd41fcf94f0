"""What Go's JSON decoder says of a wrong type, which the API server and kubectl pass on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pydantic_core import ErrorDetails

_GO_NAMES = {bool: "bool", int: "number", float: "number", str: "string", list: "array"}
_WANTED = {
    "string_type": "string",
    "int_type": "int32",
    "int_from_float": "int32",
    "bool_type": "bool",
    "list_type": "[]string",
    "dict_type": "map[string]string",
}
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")


def wrong_type(value: object, field: str, wanted: str) -> str:
    """The decoder's sentence; ``field`` is STRUCT.path, ``wanted`` a Go type."""
    got = _GO_NAMES.get(type(value), "object")
    return f"json: cannot unmarshal {got} into Go struct field {field} of type {wanted}"


def undecodable(kind: str, details: Iterable[ErrorDetails]) -> str | None:
    """The decoder's sentence for a core kind, whose bodies are decoded before they are validated.

    None when every value has the type that its field has.
    """
    for detail in details:
        if detail["type"] == "illegal_base64":
            return _illegal_base64(detail["input"])
        if detail["type"] in _WANTED:
            path = ".".join(str(part) for part in detail["loc"] if isinstance(part, str))
            wanted = _WANTED[detail["type"]]
            if kind == "Secret" and path.startswith("data."):
                path, wanted = "data", "[]uint8"
            struct = _STRUCTS.get(path.rpartition(".")[0], kind)
            return wrong_type(detail["input"], f"{struct}.{path}", wanted)
    return None


# Go names the struct that has the field, by the path to it.
_STRUCTS = {
    "spec": "ServiceSpec",
    "spec.ports": "ServicePort",
    "endpoints": "Endpoint",
    "endpoints.conditions": "EndpointConditions",
    "ports": "EndpointPort",
}


def metadata_problem(metadata: Any) -> str | None:
    """Why kubectl cannot decode an object's metadata; None when it can."""
    if metadata is None:
        return None
    if not isinstance(metadata, dict):
        return wrong_type(metadata, "metadataOnlyObject.metadata", "v1.ObjectMeta")
    for field in ("name", "namespace"):
        if not isinstance(metadata.get(field), str | None):
            return wrong_type(metadata[field], f"ObjectMeta.metadata.{field}", "string")
    problems = (_entries_problem(metadata.get(one), one) for one in ("labels", "annotations"))
    return next((one for one in problems if one is not None), None)


def _entries_problem(entries: Any, field: str) -> str | None:
    if not isinstance(entries, dict | None):
        return wrong_type(entries, f"ObjectMeta.metadata.{field}", "map[string]string")
    for value in (entries or {}).values():
        if not isinstance(value, str | None):
            return wrong_type(value, f"ObjectMeta.metadata.{field}", "string")
    return None


def _illegal_base64(data: dict[str, str]) -> str:
    """Where Go's decoder stops: at the first foreign character, or at the last incomplete group."""
    for value in data.values():
        plain = value.rstrip("=")
        foreign = _NOT_BASE64.search(plain)
        if foreign is not None:
            return f"illegal base64 data at input byte {foreign.start()}"
        if len(value) % 4:
            return f"illegal base64 data at input byte {len(plain) // 4 * 4}"
    return "illegal base64 data"
