"""``kubectl explain``: a field of a kind, from the OpenAPI document of its group version."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from labgateway.words.errors import LabError

Json = dict[str, Any]

_WIDTH = 80
_SHOWN_VALUES = 4  # of an enumeration, beside its field


class NoSuchField(LabError):
    """The path names a field that its kind does not have; ``head`` was printed before that."""

    def __init__(self, field: str, head: str, known: list[str]) -> None:
        super().__init__(f'field "{field}" does not exist')
        self.head, self.known = head, known


def explained(
    document: Json, group: str, version: str, kind: str, path: list[str], *, recursive: bool
) -> str:
    """What kubectl prints about a field: what is in it, or ``recursive`` all that is below.

    Errors: ``NoSuchField``.
    """
    schemas = document["components"]["schemas"]
    wanted = {"group": group, "version": version, "kind": kind}
    schema = next(
        one for one in schemas.values() if wanted in one.get("x-kubernetes-group-version-kind", [])
    )
    head = f"GROUP:      {group}\n" if group else ""
    head += f"KIND:       {kind}\nVERSION:    {version}\n\n"
    for name in path:
        fields = _object(schema, schemas).get("properties", {})
        if name not in fields:
            raise NoSuchField(name, head, sorted(fields))
        schema = fields[name]
    text = head
    if path:
        text += f"FIELD: {path[-1]} <{_type(schema)}>\n"
        text += _enumeration(schema) + "\n"
    description = _description(schema, schemas)
    text += (
        "DESCRIPTION:\n" + _wrapped(description or "<empty>") + ("    \n" if description else "\n")
    )
    inside = _object(schema, schemas)
    if recursive and "properties" in inside:
        return text + "".join(["FIELDS:\n", *_below(inside, schemas, "  "), "\n"])
    return text + _fields(inside)


def _fields(schema: Json) -> str:
    fields = schema.get("properties", {})
    if not fields:
        return ""
    text = "FIELDS:\n"
    for name, field in sorted(fields.items()):
        text += _field(schema, name, "  ")
        text += _wrapped(field.get("description") or "<no description>") + "\n"
    return text + "\n"


def _below(schema: Json, schemas: Json, indent: str) -> Iterator[str]:
    for name, field in sorted(schema.get("properties", {}).items()):
        yield _field(schema, name, indent)
        yield from _below(_object(field, schemas), schemas, f"{indent}  ")


def _field(schema: Json, name: str, indent: str) -> str:
    field = schema["properties"][name]
    required = " -required-" if name in schema.get("required", []) else ""
    values = ", ".join(_few(list(map(str, field.get("enum", ())))))
    text = f"{indent}{name}\t<{_type(field)}>{required}\n"
    return text + (f"{indent}enum: {values}\n" if values else "")


def _few(values: list[str]) -> list[str]:
    return values if len(values) <= _SHOWN_VALUES else [*values[:_SHOWN_VALUES], "...."]


def _enumeration(schema: Json) -> str:
    if not schema.get("enum"):
        return "\n"
    return "ENUM:\n" + "".join(f"    {one}\n" for one in schema["enum"])


def _wrapped(text: str) -> str:
    indent = " " * 4
    return textwrap.fill(text, _WIDTH, initial_indent=indent, subsequent_indent=indent) + "\n"


def _reference(schema: Json) -> str | None:
    """The name of the schema that a field refers to."""
    references = [one["$ref"] for one in schema.get("allOf", []) if "$ref" in one]
    return str(references[0]).rpartition("/")[2] if references else None


def _object(schema: Json, schemas: Json) -> Json:
    """The schema whose fields a path goes on into: through references and lists."""
    name = _reference(schema)
    if name is not None:
        found: Json = schemas[name]
        return found
    return _object(schema["items"], schemas) if "items" in schema else schema


def _description(schema: Json, schemas: Json) -> str:
    return str(schema.get("description") or _object(schema, schemas).get("description") or "")


def _type(schema: Json) -> str:
    name = _reference(schema)
    if name is not None:
        return name.rpartition(".")[2]
    if "items" in schema:
        return f"[]{_type(schema['items'])}"
    if "additionalProperties" in schema:
        return f"map[string]{_type(schema['additionalProperties'])}"
    return "Object" if schema.get("type") == "object" else str(schema.get("type", "Object"))
