"""What the API server admits: unknown fields, defaults, schema and rules, with its own wording.

Source of the wording: apiextensions-apiserver validation, seen through kubectl (facts are the
field paths and rule messages of the CRDs; the frame is Kubernetes').
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from labgateway.decisions.as_given import as_given
from labgateway.decisions.causes import cause_of, field_path
from labgateway.decisions.decoding import undecodable
from labgateway.decisions.metadata_rules import metadata_causes
from labgateway.decisions.rules import broken_rules, changed_causes, entry_causes, places_of
from labgateway.decisions.secret_values import with_string_data
from labgateway.decisions.service_rules import (
    BAD_LABEL,
    BAD_SERVICE_NAME,
    DNS_1035,
    builtin_causes,
    builtin_warnings,
)
from labgateway.decisions.unacted import unacted_fields
from labgateway.shapes.kinds import Kind
from labgateway.shapes.resource import BAD_NAME, DNS_LABEL, DNS_SUBDOMAIN, Resource, Shape
from labgateway.words.errors import BadManifest, Cause, Invalid

Json = dict[str, Any]

NAME_LIMIT = 253
CAUSES_LIMIT = 200  # of a refusal; a list of many wrong entries is not answered with them all
MISTAKES_LIMIT = 20_000  # that are looked at one by one; beyond it, only their number is said
UNKNOWN_FIELD = "FieldValueNotSupported"

_RULES_SKIPPED = Cause(
    "<nil>",
    "FieldValueInvalid",
    'Invalid value: "null": some validation rules were not checked because the object was invalid;'
    " correct the existing errors to complete validation",
)
# After one of these the API server looks at no rules.
_BLOCKING = {
    "FieldValueTypeInvalid",
    "FieldValueRequired",
    "FieldValueNotSupported",
    "FieldValueTooLong",
    "FieldValueTooMany",
}


@dataclass(frozen=True)
class Admitted:
    """An object that may be stored: typed, as JSON with defaults, and with warnings.

    ``unacted`` are the paths of its fields that this gateway does not act on.
    """

    resource: Resource
    manifest: Json
    warnings: tuple[str, ...]
    unacted: tuple[str, ...]


def admit(kind: Kind, manifest: Json) -> Admitted:
    """Admit one object of a kind.

    Errors: ``BadManifest`` for unknown fields (strict decoding), ``Invalid`` with every cause else.
    """
    pruned = without_nulls(manifest)
    if pruned != manifest:
        # Fields that the kind does not have although they are null and would be dropped.
        _refuse_unknown(kind, unknown_fields(kind, manifest))
    pruned = with_string_data(pruned)
    metadata = pruned.get("metadata")
    name = metadata.get("name", "") if isinstance(metadata, dict) else None
    causes = _name_causes(kind, name) if isinstance(name, str) else []
    causes += metadata_causes(metadata)
    try:
        resource = kind.shape.model_validate_json(json.dumps(pruned), strict=True)
    except ValidationError as error:
        details = _details(kind, pruned, error)
        _refuse_unknown(kind, _unknown(details))
        causes += _checked(kind, as_given(kind.shape, pruned), [*map(cause_of, details)])
        why = undecodable(kind.kind, details) if kind.built_in else None
        if why is not None:
            raise _undecoded(kind, why, causes) from None
        raise _invalid(kind, name, causes) from None
    causes += (*_checked(kind, resource, []), *builtin_causes(resource))
    if causes:
        raise _invalid(kind, name, causes)
    stored = stored_form(resource)
    unacted = tuple(unacted_fields(resource))
    unread = (f"{path}: this gateway stores the field and does not act on it" for path in unacted)
    return Admitted(resource, stored, (*unread, *builtin_warnings(resource)), unacted)


def refuse_changes(kind: Kind, before: Resource, after: Resource) -> None:
    """Refuse a new state that changes what is immutable. Errors: ``Invalid``."""
    causes = list(changed_causes(before, after))
    if causes:
        raise _invalid(kind, after.name, causes)


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


def _checked(kind: Kind, resource: Resource, causes: list[Cause]) -> list[Cause]:
    """The causes so far, those of lists, and of broken rules or why they were not looked at."""
    places = tuple(places_of(resource))
    causes += entry_causes(places)
    if not any(one.reason in _BLOCKING for one in causes):
        causes += broken_rules(places)
    elif not kind.built_in:
        causes.append(_RULES_SKIPPED)
    return causes


def unknown_fields(kind: Kind, manifest: Json) -> list[str]:
    """Paths of fields that the kind does not have, sorted; those inside of them are not looked at.

    Errors: ``Invalid`` when there are too many mistakes to look at.
    """
    try:
        kind.shape.model_validate_json(json.dumps(manifest), strict=True)
    except ValidationError as error:
        return _unknown(_details(kind, manifest, error))
    return []


def _details(kind: Kind, manifest: Json, error: ValidationError) -> list[ErrorDetails]:
    """Every mistake. Errors: ``Invalid`` when there are too many to look at."""
    mistakes = error.error_count()
    if mistakes > MISTAKES_LIMIT:
        metadata = manifest.get("metadata")
        name = metadata.get("name", "") if isinstance(metadata, dict) else ""
        message = f"Invalid value: {mistakes} of its values are wrong, which is too many to list"
        raise _invalid(kind, name, [Cause("<nil>", "FieldValueInvalid", message)]) from None
    return error.errors(include_url=False)


def _unknown(details: list[ErrorDetails]) -> list[str]:
    return sorted(field_path(one["loc"]) for one in details if one["type"] == "extra_forbidden")


def _refuse_unknown(kind: Kind, paths: list[str]) -> None:
    if not paths:
        return
    shown, more = paths[:CAUSES_LIMIT], len(paths) - CAUSES_LIMIT
    listed = ", ".join(f'unknown field "{path}"' for path in shown)
    listed += f", and {more} more" if more > 0 else ""
    causes = [Cause(path, UNKNOWN_FIELD, "unknown field") for path in shown]
    raise _undecoded(kind, f"strict decoding error: {listed}", causes) from None


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
    pattern, limit, rule = _NAMES.get(kind.kind, (DNS_SUBDOMAIN, NAME_LIMIT, BAD_NAME))
    if len(name) > limit:
        why = f'Invalid value: "{name[:64]}…": must be no more than {limit} characters'
        return [Cause("metadata.name", "FieldValueInvalid", why)]
    if not re.fullmatch(pattern, name):
        return [Cause("metadata.name", "FieldValueInvalid", f'Invalid value: "{name}": {rule}')]
    return []


# The pattern, length and rule of names that are more than a subdomain.
_NAMES = {
    "Namespace": (DNS_LABEL, 63, BAD_LABEL),
    "Service": (DNS_1035, 63, BAD_SERVICE_NAME),
}


def _undecoded(kind: Kind, why: str, causes: list[Cause]) -> BadManifest:
    return BadManifest(
        f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: {why}',
        kind=kind.kind,
        group=kind.group,
        causes=tuple(causes),
    )


def _invalid(kind: Kind, name: Any, causes: list[Cause]) -> Invalid:
    more = len(causes) - CAUSES_LIMIT
    if more > 0:
        causes = [*causes[:CAUSES_LIMIT], Cause("<nil>", "FieldValueInvalid", f"and {more} more")]
    listed = str(causes[0]) if len(causes) == 1 else f"[{', '.join(map(str, causes))}]"
    full = f"{kind.kind}.{kind.group}" if kind.group else kind.kind
    return Invalid(
        f'{full} "{name}" is invalid: {listed}',
        kind=kind.kind,
        group=kind.group,
        name=str(name),
        causes=tuple(causes),
    )
