"""Patches of JSON: merge patch (RFC 7386), JSON patch (RFC 6902), kubectl's three-way merge."""

from __future__ import annotations

import copy
from typing import Any

from labgateway.words.errors import BadManifest, Cause, Invalid, RequestEntityTooLarge

Json = dict[str, Any]

OPERATIONS_LIMIT = 10_000  # the API server's


def merge(target: Any, patch: Any) -> Any:
    """The target with a merge patch applied; null members of the patch delete."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


def three_way(original: Json, modified: Json, current: Json) -> Json:
    """The merge patch of ``kubectl apply``: {} when there is nothing to do.

    It deletes what ``original`` (applied last) had and ``modified`` (applied now) has not, and sets
    what ``modified`` has and ``current`` (live) has otherwise; a list is one value.
    Source: apimachinery, jsonmergepatch.CreateThreeWayJSONMergePatch.
    """
    patch: Json = {}
    for name in {**original, **modified}:
        old, new, live = original.get(name), modified.get(name), current.get(name)
        if new is None:
            if old is not None:
                patch[name] = None
        elif isinstance(new, dict) and isinstance(live, dict):
            inner = three_way(old if isinstance(old, dict) else {}, new, live)
            if inner:
                patch[name] = inner
        elif new != live or isinstance(new, bool) != isinstance(live, bool):
            patch[name] = new
    return patch


def json_patch(target: Json, operations: Any) -> Json:
    """The target with add, remove, replace and test done in order; a list of operations is taken.

    Errors: ``BadManifest`` for what is not a patch, ``Invalid`` for one that does not fit,
    ``RequestEntityTooLarge`` for one that is too long.
    """
    if not isinstance(operations, list):
        raise BadManifest("a JSON patch is a list of operations")
    if len(operations) > OPERATIONS_LIMIT:
        raise RequestEntityTooLarge(
            "Request entity too large: the allowed maximum operations in a JSON patch is"
            f" {OPERATIONS_LIMIT}, got {len(operations)}"
        )
    patched: Json = copy.deepcopy(target)
    for number, operation in enumerate(operations):
        try:
            _operate(patched, operation)
        except (KeyError, IndexError, ValueError, TypeError, AttributeError) as error:
            why = f"operation {number} does not fit the object: {operation!r:.200}"
            cause = Cause("patch", "FieldValueInvalid", why)
            raise Invalid(
                "the server rejected our request due to an error in our request", causes=(cause,)
            ) from error
    return patched


def _operate(target: Any, operation: Json) -> None:
    *parents, last = (
        part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:]
    )
    for name in parents:
        target = target[int(name) if isinstance(target, list) else name]
    if isinstance(target, list):
        place: Any = len(target) if last == "-" else int(last)
    else:
        place = last
    _OPERATIONS[operation["op"]](target, place, operation)


def _add(target: Any, place: Any, operation: Json) -> None:
    if isinstance(target, list):
        if place > len(target):
            raise IndexError(place)
        target.insert(place, operation["value"])
    else:
        target[place] = operation["value"]


def _replace(target: Any, place: Any, operation: Json) -> None:
    _remove(target, place, operation)
    _add(target, place, operation)


def _remove(target: Any, place: Any, _operation: Json) -> None:
    del target[place]


def _test(target: Any, place: Any, operation: Json) -> None:
    if target[place] != operation["value"]:
        raise ValueError("test failed")


_OPERATIONS = {"add": _add, "replace": _replace, "remove": _remove, "test": _test}
