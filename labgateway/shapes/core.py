"""The core/v1 kinds the lab serves."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from labgateway.shapes.marks import Immutable
from labgateway.shapes.resource import Resource, Shape, Unacted, unacted


class NamespaceSpec(Shape):
    """spec of a Namespace; nothing in it is acted on."""

    finalizers: Annotated[list[str] | None, unacted(["kubernetes"])] = None


class Namespace(Resource):
    """A scope for names."""

    spec: NamespaceSpec | None = None
    status: Unacted


class Secret(Resource):
    """Credentials by entry; ``data`` is base64, ``stringData`` plain text merged into it."""

    data: dict[str, str] | None = Field(default=None, repr=False)
    string_data: dict[str, str] | None = Field(default=None, repr=False)
    type: Annotated[str, Immutable(built_in=True)] = "Opaque"
    immutable: Annotated[bool | None, unacted(default=False)] = None

    @field_validator("data")
    @classmethod
    def _data_is_base64(cls, data: dict[str, str] | None) -> dict[str, str] | None:
        for entry, value in (data or {}).items():
            try:
                base64.b64decode(_unwrapped(value), validate=True)
            except (binascii.Error, ValueError) as error:
                why = f"entry {entry!r} is not base64 (use stringData for plain text)"
                raise PydanticCustomError("illegal_base64", "{why}", {"why": why}) from error
        return data

    def value(self, entry: str) -> str | None:
        """The plain text of an entry, without surrounding white space, or None when absent."""
        if self.string_data and entry in self.string_data:
            return self.string_data[entry].strip()
        encoded = (self.data or {}).get(entry)
        if encoded is None:
            return None
        return base64.b64decode(encoded).decode("utf-8", errors="replace").strip()


def _unwrapped(value: str) -> str:
    """Base64 without the line breaks that ``base64`` puts after 76 characters, as Go reads it."""
    return value.replace("\r", "").replace("\n", "")
