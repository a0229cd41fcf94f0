"""Fields that a manifest has, that the real CRD has, and that this gateway does not act on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from labgateway.shapes.resource import Condition, Shape

Status = dict[str, Any]

_LISTED = 10  # of the fields in a condition's message


def unacted_fields(shape: Shape, path: str = "") -> Iterator[str]:
    """Their paths, in the order of the schema; what means what is done here anyhow is none."""
    for name, field in type(shape).model_fields.items():
        value = getattr(shape, name, None)
        here = f"{path}.{field.alias or name}".removeprefix(".")
        extra = field.json_schema_extra
        if isinstance(extra, dict) and extra.get("x-unacted"):
            if value not in (None, [], extra.get("x-default")) and here != "status":
                yield here
        elif isinstance(value, Shape):
            yield from unacted_fields(value, here)
        elif isinstance(value, list):
            for index, one in enumerate(value):
                if isinstance(one, Shape):
                    yield from unacted_fields(one, f"{here}[{index}]")


def with_unacted(status: Status, fields: Sequence[str]) -> Status:
    """The status with a condition ``ActedOn`` that is False where the object has such fields.

    A route has it beside what is said of each parent.
    """
    if not fields:
        return status
    listed = ", ".join(fields[:_LISTED])
    more = f" and {len(fields) - _LISTED} more" if len(fields) > _LISTED else ""
    message = f"This gateway stores these fields and does not act on them: {listed}{more}"
    condition = Condition("ActedOn", "False", "FieldsNotActedOn", message)
    if "parents" in status:
        parents = [_with(one, condition) for one in status["parents"]]
        return {**status, "parents": parents}
    return _with(status, condition)


def _with(status: Status, condition: Condition) -> Status:
    return {**status, "conditions": [*status.get("conditions", ()), condition]}
