"""What the path of a request has to be (HTTPRoute, release 1.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from labgateway.shapes.filters import PATH_LIMIT
from labgateway.shapes.resource import Shape

_PATH_TYPES = "when type one of ['Exact', 'PathPrefix']"
_PATH_PARTS = ("//", "/./", "/../", "%2f", "%2F", "#")
_PATH_ENDS = ("/..", "/.")
_PATH = r"^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$"


class PathMatch(Shape):
    """What the path has to be; PathPrefix goes by whole path elements."""

    type: Literal["Exact", "PathPrefix", "RegularExpression"] = "PathPrefix"
    value: Annotated[str, Field(max_length=PATH_LIMIT)] = "/"

    def broken_rules(self) -> Iterator[str]:
        """An absolute path in plain form; a regular expression is free."""
        if self.type == "RegularExpression":
            return
        if not self.value.startswith("/"):
            yield f"value must be an absolute path and start with '/' {_PATH_TYPES}"
        for part in _PATH_PARTS:
            if part in self.value:
                yield f"must not contain '{part}' {_PATH_TYPES}"
        for end in _PATH_ENDS:
            if self.value.endswith(end):
                yield f"must not end with '{end}' {_PATH_TYPES}"
        if not re.fullmatch(_PATH.strip("^$"), self.value):
            yield (
                f"must only contain valid characters (matching {_PATH})"
                " for types ['Exact', 'PathPrefix']"
            )
