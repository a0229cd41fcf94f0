"""JSON values as Go's fmt package prints them, which is how kubectl shows what is no document."""

from __future__ import annotations

import json
from typing import Any


def go_text(value: Any) -> str:
    """A value as ``%v``: ``map[a:1 b:[x y]]``."""
    if isinstance(value, dict):
        return f"map[{' '.join(f'{name}:{go_text(one)}' for name, one in sorted(value.items()))}]"
    if isinstance(value, list):
        return f"[{' '.join(map(go_text, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return "<nil>" if value is None else str(value)


def go_syntax(value: Any) -> str:
    """A value as ``%#v``: ``map[string]interface {}{"a":1}``."""
    if isinstance(value, dict):
        members = (f"{json.dumps(name)}:{go_syntax(one)}" for name, one in sorted(value.items()))
        return f"{go_type(value)}{{{', '.join(members)}}}"
    if isinstance(value, list):
        return f"{go_type(value)}{{{', '.join(map(go_syntax, value))}}}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else go_text(value)


def go_type(value: Any) -> str:
    """The Go type that a JSON value is decoded to."""
    return _TYPES[type(value)]


_TYPES = {
    dict: "map[string]interface {}",
    list: "[]interface {}",
    str: "string",
    bool: "bool",
    int: "int64",
    float: "float64",
    type(None): "<nil>",
}
