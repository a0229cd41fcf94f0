"""Strategic merge patches: maps as a merge patch does, keyed lists entry by entry, directives.

Source: apimachinery, pkg/util/strategicpatch; tried with what kubectl sends for a Service.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

Json = dict[str, Any]
Keys = Mapping[tuple[str, ...], str]

MERGE_KEY = "x-kubernetes-patch-merge-key"
_ORDER = "$setElementOrder/"


def strategic(live: Any, patch: Any, keys: Keys, path: tuple[str, ...] = ()) -> Any:
    """The live value with a patch applied; ``keys`` are the merge keys of lists, by their path."""
    if not isinstance(patch, dict):
        return patch
    if patch.get("$patch") == "delete":
        return {}
    replaces = patch.get("$patch") == "replace"
    merged = dict(live) if isinstance(live, dict) and not replaces else {}
    for name, value in patch.items():
        here = (*path, name)
        if name.startswith("$"):
            continue
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, list) and here in keys:
            merged[name] = _entries(merged.get(name), value, keys[here])
        else:
            merged[name] = strategic(merged.get(name), value, keys, here)
    for name, order in patch.items():
        _order(merged, name, order, keys, path)
    return merged


@cache
def merge_keys(shape: type[BaseModel], path: tuple[str, ...] = ()) -> Keys:
    """The merge keys that the fields of a shape name, by path from the top."""
    found: dict[tuple[str, ...], str] = {}
    for name, field in shape.model_fields.items():
        here = (*path, field.alias or name)
        extra = field.json_schema_extra
        if isinstance(extra, dict) and MERGE_KEY in extra:
            found[here] = str(extra[MERGE_KEY])
        for one in (field.annotation, *get_args(field.annotation)):
            if isinstance(one, type) and issubclass(one, BaseModel):
                found.update(merge_keys(one, here))
    return found


def _entries(live: Any, patch: list[Any], key: str) -> list[Any]:
    """A keyed list: entries of the patch change those with the same key, delete them or are new."""
    if any(isinstance(one, dict) and one.get("$patch") == "replace" for one in patch):
        return [one for one in patch if not (isinstance(one, dict) and "$patch" in one)]
    merged = list(live) if isinstance(live, list) else []
    for one in patch:
        if not isinstance(one, dict):
            merged.append(one)
            continue
        at = next((i for i, old in enumerate(merged) if _same(old, one, key)), None)
        if one.get("$patch") == "delete":
            merged = [old for old in merged if not _same(old, one, key)]
        elif at is None:
            merged.append(one)
        else:
            merged[at] = strategic(merged[at], one, {})
    return merged


def _same(old: Any, one: Json, key: str) -> bool:
    return isinstance(old, dict) and old.get(key) == one.get(key)


def _order(merged: Json, name: str, order: Any, keys: Keys, path: tuple[str, ...]) -> None:
    """Put a keyed list in the order that a directive gives; what it does not name comes last."""
    field = name.removeprefix(_ORDER)
    key = keys.get((*path, field))
    if field == name or key is None or not isinstance(order, list):
        return
    wanted = [one.get(key) for one in order if isinstance(one, dict)]

    def place(one: Any) -> int:
        value = one.get(key) if isinstance(one, dict) else None
        return wanted.index(value) if value in wanted else len(wanted)

    if isinstance(merged.get(field), list):
        merged[field].sort(key=place)
