"""Schemas as CRDs have them, made from those that pydantic makes of the shapes."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

_KEPT = (
    *("type", "enum", "pattern", "required", "minimum", "maximum"),
    *("minLength", "maxLength", "minItems", "maxItems"),
    *("x-kubernetes-patch-merge-key", "x-kubernetes-patch-strategy"),
)


def crd_schema(raw: Json, definitions: Json) -> Json:
    """A schema of pydantic's as a CRD has it: references and optional unions resolved."""
    if "$ref" in raw:
        raw = {**definitions[raw["$ref"].rpartition("/")[2]], **_without(raw, "$ref")}
    if "anyOf" in raw:
        one = next(one for one in raw["anyOf"] if one.get("type") != "null")
        return crd_schema({**one, **_without(raw, "anyOf")}, definitions)
    schema: Json = {name: raw[name] for name in _KEPT if name in raw}
    if "const" in raw:
        schema["enum"] = [raw["const"]]
    if raw.get("default") not in (None, [], {}):
        schema["default"] = _without_nulls(raw["default"])
    schema |= _inner(raw, definitions)
    if "type" not in schema:
        schema |= {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    # What one item is describes the list; kubectl would print both.
    inherited = schema.get("items", {}).pop("description", "")
    description = _description(raw) or inherited
    return {**schema, "description": description} if description else schema


def _inner(raw: Json, definitions: Json) -> Json:
    """The schemas of what stands inside."""
    inner: Json = {}
    if raw.get("properties"):
        inner["properties"] = {
            name: crd_schema(one, definitions) for name, one in raw["properties"].items()
        }
    for name in ("items", "additionalProperties"):
        if isinstance(raw.get(name), dict):
            inner[name] = crd_schema(raw[name], definitions)
    return inner


def _description(raw: Json) -> str:
    """The first paragraph of a docstring, as plain text."""
    if raw.get("x-unacted"):
        return "Stored; this gateway does not act on it."
    first = str(raw.get("description", "")).partition("\n\n")[0]
    return first.replace("\n", " ").replace("``", "")


def _without(raw: Json, name: str) -> Json:
    return {key: value for key, value in raw.items() if key != name}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(one) for key, one in value.items() if one not in (None, [])}
    if isinstance(value, list):
        return [_without_nulls(one) for one in value]
    return value
