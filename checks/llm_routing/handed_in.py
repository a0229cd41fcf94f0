"""What learners hand in as an answer, made plain: numpy's numbers, a line or a column of a frame.

Bodies never get in: of a line, only the fields in ``KEPT`` stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.challenge import plain

KEPT_ENTRIES = 50
KEPT = ("trace.id", "span.id", "http.status", "gen_ai.", "prompt_tokens", "completion_tokens")


def kept(value: object) -> object:
    """A value as plain JSON: a frame as a list of its rows, a row or a dict as a dict."""
    unpacked = _unpacked(value)
    if isinstance(unpacked, Mapping):
        return {str(name): kept(one) for name, one in list(unpacked.items())[:KEPT_ENTRIES]}
    if isinstance(unpacked, list | tuple):
        return [kept(one) for one in unpacked[:KEPT_ENTRIES]]
    return plain(unpacked)


def kept_line(value: object) -> object:
    """As ``kept``; of a line of the log or a ``usage`` only what an answer can be about."""
    made = kept(value)
    if isinstance(made, list):
        return [_few(one) for one in made]
    return _few(made)


def whole(value: float) -> str:
    """A number as it is read: 34, not 34.0."""
    return f"{value:g}" if value != int(value) else str(int(value))


def _few(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {name: one for name, one in value.items() if name.startswith(KEPT)}


def _unpacked(value: object) -> object:
    """pandas and numpy know how to become Python; neither is imported here."""
    rows: Any = getattr(value, "to_dict", None)
    if hasattr(value, "columns") and callable(rows):
        return rows("records")
    if hasattr(value, "index") and callable(rows):
        return _series(value)
    listed: Any = getattr(value, "tolist", None)
    return listed() if callable(listed) else value


def _series(value: Any) -> object:
    """A row or a sum by name as a dict, a column with numbered rows as a list."""
    named = all(isinstance(one, str) for one in value.index)
    return value.to_dict() if named and len(value) else value.tolist()
