"""What the API server admits: unknown fields, defaults, schema and rules, with its own wording.

Source of the wording: apiextensions-apiserver validation, seen through kubectl (facts are the
field paths and rule messages of the CRDs; the frame is Kubernetes').
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from labgateway.decisions.causes import broken_rules, cause_of, field_path
from labgateway.decisions.decoding import undecodable
from labgateway.decisions.secret_values import with_string_data
from labgateway.shapes.kinds import Kind
from labgateway.shapes.resource import BAD_NAME, DNS_LABEL, DNS_SUBDOMAIN, Resource, Shape
from labgateway.words.errors import BadManifest, Cause, Invalid

Json = dict[str, Any]

NAME_LIMIT = 253
UNKNOWN_FIELD = "FieldValueNotSupported"

_RULES_SKIPPED = Cause(
    "<nil>",
    "FieldValueInvalid",
    'Invalid value: "null": some validation rules were not checked because the object was invalid;'
    " correct the existing errors to complete validation",
)
_STRUCTURAL = {"missing", "string_type", "int_type", "int_from_float", "bool_type", "list_type"}
_STRUCTURAL |= {"dict_type", "model_type", "model_attributes_type", "literal_error", "too_long"}


@dataclass(frozen=True)
class Admitted:
    """An object that may be stored: typed, as JSON with defaults, and with warnings."""

    resource: Resource
    manifest: Json
    warnings: tuple[str, ...]


def admit(kind: Kind, manifest: Json) -> Admitted:
    """Admit one object of a kind.

    Errors: ``BadManifest`` for unknown fields (strict decoding), ``Invalid`` with every cause else.
    """
    pruned = without_nulls(manifest)
    if pruned != manifest:
        _refuse_unknown_nulls(kind, manifest)
    pruned = with_string_data(pruned)
    metadata = pruned.get("metadata")
    name = metadata.get("name", "") if isinstance(metadata, dict) else None
    causes = _name_causes(kind, name) if isinstance(name, str) else []
    try:
        resource = kind.shape.model_validate_json(json.dumps(pruned), strict=True)
    except ValidationError as error:
        details = error.errors(include_url=False)
        _refuse_unknown(kind, details)
        causes += [cause_of(one) for one in details]
        why = undecodable(kind.kind, details) if not kind.group else None
        if why is not None:
            raise _undecoded(kind, why, causes) from None
        if kind.group and any(one["type"] in _STRUCTURAL for one in details):
            causes.append(_RULES_SKIPPED)
        else:
            causes += _rules_beside(kind, pruned, details)
        raise _invalid(kind, name, causes) from None
    causes += broken_rules(resource)
    if causes:
        raise _invalid(kind, name, causes)
    stored = stored_form(resource)
    warnings = tuple(_unacted(resource, ""))
    return Admitted(resource, stored, warnings)


def stored_form(value: Any) -> Any:
    """A shape as the API stores it: with defaults, without what was neither given nor defaulted."""
    if isinstance(value, Shape):
        return {
            field.alias or name: stored_form(one)
            for name, field in type(value).model_fields.items()
            if (one := getattr(value, name)) is not None
            and (name in value.model_fields_set or one not in ([], {}))
        }
    if isinstance(value, list):
        return [stored_form(one) for one in value]
    return value


def _rules_beside(kind: Kind, manifest: Json, details: list[ErrorDetails]) -> list[Cause]:
    """The broken rules beside values that are wrong by themselves.

    A value that is only out of bounds keeps the API server from no rule; a good one stands in for
    it here, so that the object can be read.
    """
    readable: Any = manifest
    for one in details:
        readable = _with(readable, one["loc"], _stand_in(one))
    try:
        resource = kind.shape.model_validate_json(json.dumps(readable), strict=True)
    except ValidationError:
        return []  # nothing stands in for a list that is too short
    return list(broken_rules(resource))


_TEXTS = ("a", "1s", "/a", "HTTP", "*")  # each pattern of these kinds takes one of them


def _stand_in(detail: ErrorDetails) -> Any:
    context = detail.get("ctx", {})
    bounds = [context[name] for name in ("ge", "le") if name in context]
    pattern = context.get("pattern")
    if bounds:
        return bounds[0]
    return next((one for one in _TEXTS if pattern is None or re.search(pattern, one)), None)


def _with(value: Any, loc: tuple[int | str, ...], new: Any) -> Any:
    """A copy with another value at a place."""
    if not loc:
        return new
    first, *rest = loc
    if isinstance(value, list):
        return [_with(one, tuple(rest), new) if i == first else one for i, one in enumerate(value)]
    return {**value, first: _with(value.get(first), tuple(rest), new)}


def _refuse_unknown_nulls(kind: Kind, manifest: Json) -> None:
    """Refuse fields that the kind does not have although they are null and would be dropped."""
    try:
        kind.shape.model_validate_json(json.dumps(manifest), strict=True)
    except ValidationError as error:
        _refuse_unknown(kind, error.errors(include_url=False))


def _refuse_unknown(kind: Kind, details: list[ErrorDetails]) -> None:
    unknown = [field_path(one["loc"]) for one in details if one["type"] == "extra_forbidden"]
    if unknown:
        raise _strict_decoding(kind, unknown) from None


def without_nulls(value: Any) -> Any:
    """The value without null members, which the API server drops."""
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [without_nulls(one) for one in value]
    return value


def _name_causes(kind: Kind, name: str) -> list[Cause]:
    if not name:
        why = "Required value: name or generateName is required"
        return [Cause("metadata.name", "FieldValueRequired", why)]
    pattern, limit = (DNS_LABEL, 63) if kind.kind == "Namespace" else (DNS_SUBDOMAIN, NAME_LIMIT)
    if len(name) > limit:
        why = f'Invalid value: "{name[:64]}…": must be no more than {limit} characters'
        return [Cause("metadata.name", "FieldValueInvalid", why)]
    if not re.fullmatch(pattern, name):
        return [Cause("metadata.name", "FieldValueInvalid", f'Invalid value: "{name}": {BAD_NAME}')]
    return []


def _strict_decoding(kind: Kind, unknown: list[str]) -> BadManifest:
    listed = ", ".join(f'unknown field "{path}"' for path in unknown)
    causes = [Cause(path, UNKNOWN_FIELD, "unknown field") for path in unknown]
    return _undecoded(kind, f"strict decoding error: {listed}", causes)


def _undecoded(kind: Kind, why: str, causes: list[Cause]) -> BadManifest:
    return BadManifest(
        f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: {why}',
        kind=kind.kind,
        group=kind.group,
        causes=tuple(causes),
    )


def _invalid(kind: Kind, name: Any, causes: list[Cause]) -> Invalid:
    listed = str(causes[0]) if len(causes) == 1 else f"[{', '.join(map(str, causes))}]"
    full = f"{kind.kind}.{kind.group}" if kind.group else kind.kind
    return Invalid(
        f'{full} "{name}" is invalid: {listed}',
        kind=kind.kind,
        group=kind.group,
        name=str(name),
        causes=tuple(causes),
    )


def _unacted(shape: Shape, path: str) -> Iterator[str]:
    """Field paths that were given, that the real CRD has, and that this gateway does not act on."""
    for name, field in type(shape).model_fields.items():
        value = getattr(shape, name)
        here = f"{path}.{field.alias or name}".removeprefix(".")
        extra = field.json_schema_extra
        if isinstance(extra, dict) and extra.get("x-unacted"):
            if value not in (None, []) and here != "status":
                yield f"{here}: this gateway stores the field and does not act on it"
        elif isinstance(value, Shape):
            yield from _unacted(value, here)
        elif isinstance(value, list):
            for index, one in enumerate(value):
                if isinstance(one, Shape):
                    yield from _unacted(one, f"{here}[{index}]")
