"""``kubectl explain``: a field of a kind, from the OpenAPI document of its group version."""

from __future__ import annotations

import textwrap
from typing import Any

from labgateway.words.errors import LabError

Json = dict[str, Any]

_WIDTH = 80


class NoSuchField(LabError):
    """The path names a field that its kind does not have; ``head`` was printed before that."""

    def __init__(self, field: str, head: str, known: list[str]) -> None:
        super().__init__(f'field "{field}" does not exist')
        self.head, self.known = head, known


def explained(document: Json, group: str, version: str, kind: str, path: list[str]) -> str:
    """What kubectl prints about a field. Errors: ``NoSuchField``."""
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
    return text + _fields(_object(schema, schemas))


def _fields(schema: Json) -> str:
    fields = schema.get("properties", {})
    if not fields:
        return ""
    text = "FIELDS:\n"
    for name, field in sorted(fields.items()):
        required = " -required-" if name in schema.get("required", []) else ""
        text += f"  {name}\t<{_type(field)}>{required}\n"
        if field.get("enum"):
            text += f"  enum: {', '.join(map(str, field['enum']))}\n"
        text += _wrapped(field.get("description") or "<no description>") + "\n"
    return text + "\n"


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
