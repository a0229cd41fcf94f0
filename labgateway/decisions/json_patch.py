"""JSON patch (RFC 6902): operations on an object, in order or not at all."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

from labgateway.words.errors import BadManifest, Cause, Invalid, RequestEntityTooLarge

Json = dict[str, Any]

# The API server's: operations in a patch, and bytes that it may copy, since a copy of a copy of
# all there is doubles.
OPERATIONS_LIMIT = 10_000
COPIES_LIMIT_BYTES = 3 * 1024 * 1024
_INDEX = re.compile(r"-?(0|[1-9][0-9]*)")


def json_patch(target: Json, operations: Any) -> Any:
    """The target with the operations done: add, remove, replace, move, copy, test.

    As with the API server, a negative index counts from the end of a list.

    Errors: ``BadManifest`` for what is not a patch, ``Invalid`` for one that does not fit,
    ``RequestEntityTooLarge`` for one that is too long or copies too much.
    """
    if not isinstance(operations, list):
        raise BadManifest("a JSON patch is a list of operations")
    if len(operations) > OPERATIONS_LIMIT:
        raise RequestEntityTooLarge(
            "Request entity too large: the allowed maximum operations in a JSON patch is"
            f" {OPERATIONS_LIMIT}, got {len(operations)}"
        )
    patched = _Patched(target)
    for number, operation in enumerate(operations):
        try:
            _OPERATIONS[operation["op"]](patched, operation)
        except (KeyError, IndexError, ValueError, TypeError, AttributeError) as error:
            why = f"operation {number} does not fit the object: {operation!r:.200}"
            cause = Cause("patch", "FieldValueInvalid", why)
            raise Invalid(
                "the server rejected our request due to an error in our request", causes=(cause,)
            ) from error
    return patched.document


class _Patched:
    """A document while it is patched. What does not fit raises as subscripts do, or ValueError."""

    def __init__(self, document: Json) -> None:
        # The empty name before a pointer's first slash is the whole document's.
        self._holder = {"": copy.deepcopy(document)}
        self._copied_bytes = 0

    @property
    def document(self) -> Any:
        """The document as it is now; None when it was removed."""
        return self._holder.get("")

    def add(self, operation: Json) -> None:
        """Set a member, or put an entry into a list."""
        self._put(operation["path"], operation["value"])

    def remove(self, operation: Json) -> None:
        """Take a member or an entry away."""
        self._take(operation["path"])

    def replace(self, operation: Json) -> None:
        """Give a new value to what is there."""
        value = operation["value"]
        holder, place = self._place(operation["path"])
        holder[place]  # raises when nothing is there to be replaced
        holder[place] = value

    def test(self, operation: Json) -> None:
        """Go on only if a value is there."""
        holder, place = self._place(operation["path"])
        # As text, in which 1 is not true.
        if _text(holder[place]) != _text(operation["value"]):
            raise ValueError("test failed")

    def move(self, operation: Json) -> None:
        """Take a value away and add it elsewhere, which is not inside of it."""
        if operation["path"].startswith(f"{operation['from']}/"):
            raise ValueError("moved into itself")
        self._put(operation["path"], self._take(operation["from"]))

    def copy(self, operation: Json) -> None:
        """Add a value elsewhere too."""
        holder, place = self._place(operation["from"])
        text = _text(holder[place])
        self._copied_bytes += len(text)
        if self._copied_bytes > COPIES_LIMIT_BYTES:
            raise RequestEntityTooLarge(
                "Request entity too large: unable to complete the copy, the accumulated size"
                f" increase of copy is {self._copied_bytes}, exceeding the limit"
                f" {COPIES_LIMIT_BYTES}"
            )
        self._put(operation["path"], json.loads(text))

    def _place(self, pointer: str) -> tuple[Any, Any]:
        """(what holds the value of a pointer, its name or index in there)."""
        if not pointer.startswith("/") and pointer:
            raise ValueError(f"{pointer} is no pointer")
        holder: Any = self._holder
        *parents, last = (part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/"))
        for name in parents:
            holder = holder[_index(name) if isinstance(holder, list) else name]
        return holder, _index(last) if isinstance(holder, list) and last != "-" else last

    def _put(self, pointer: str, value: Any) -> None:
        holder, place = self._place(pointer)
        if not isinstance(holder, list):
            holder[place] = value
            return
        end = len(holder)
        place = end if place == "-" else place + end + 1 if place < 0 else place
        if not 0 <= place <= end:
            raise IndexError(place)
        holder.insert(place, value)

    def _take(self, pointer: str) -> Any:
        holder, place = self._place(pointer)
        return holder.pop(place)


def _index(name: str) -> int:
    if _INDEX.fullmatch(name) is None:
        raise ValueError(f"{name} is no index")
    return int(name)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


_OPERATIONS = {
    "add": _Patched.add,
    "remove": _Patched.remove,
    "replace": _Patched.replace,
    "move": _Patched.move,
    "copy": _Patched.copy,
    "test": _Patched.test,
}
