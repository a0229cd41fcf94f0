"""A notation for parts of a manifest that nothing here reads: what a CRD says, in few words.

A ``Part`` stands beside a field's type, ``Annotated[Json | None, PART, UNACTED]``: the value is
validated as the API server does (with the same kinds of errors as the fields of a ``Shape``), gets
its defaults, and stays JSON. The schema that pydantic checks it with is made at first use.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, SchemaValidator, core_schema

from labgateway.shapes.marks import AtMost, Distinct
from labgateway.shapes.part_rules import Rule

_CONFIG = core_schema.CoreConfig(strict=True, regex_engine="rust-regex")


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """Anything at all; the base of the others."""

    rules: tuple[Rule, ...] = ()
    default: Any = None

    def core(self) -> CoreSchema:
        """What pydantic validates with."""
        return core_schema.any_schema()

    def inside(self, _value: Any) -> Iterator[tuple[str | int, Part, Any]]:
        """(where, what it has to be, value) of what stands in a value; a wrong type has nothing."""
        return iter(())

    def filled(self, value: Any) -> Any:
        """The value with defaults, although it may be wrong."""
        return value

    @cached_property
    def _validator(self) -> SchemaValidator:
        return SchemaValidator(self.core(), _CONFIG)

    def _validated(self, value: Any) -> Any:
        return self._validator.validate_python(value)

    def __get_pydantic_core_schema__(
        self, _source: Any, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Validates when asked, so that what no manifest has costs nothing."""
        return core_schema.no_info_plain_validator_function(self._validated)

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """For ``kubectl explain``."""
        return handler(self.core())


@dataclass(frozen=True, kw_only=True, eq=False)
class List(Part):
    """A list; ``distinct`` says what may not stand in it twice."""

    of: Part
    least: int | None = None
    most: int | None = None
    distinct: Distinct | None = None

    @cached_property
    def limit(self) -> AtMost | None:
        """How many there may be."""
        return AtMost(self.most) if self.most is not None else None

    def core(self) -> CoreSchema:
        """A list."""
        return core_schema.list_schema(
            self.of.core(),
            min_length=self.least,
            metadata={"pydantic_js_updates": {"maxItems": self.most}} if self.most else None,
        )

    def inside(self, value: Any) -> Iterator[tuple[str | int, Part, Any]]:
        """Its entries."""
        if isinstance(value, list):
            yield from ((index, self.of, one) for index, one in enumerate(value))

    def filled(self, value: Any) -> Any:
        """Entry by entry."""
        return [self.of.filled(one) for one in value] if isinstance(value, list) else value


@dataclass(frozen=True, kw_only=True, eq=False)
class Map(Part):
    """Values by names that the writer chooses."""

    of: Part
    least: int | None = None
    most: int | None = None

    @cached_property
    def limit(self) -> AtMost | None:
        """How many there may be."""
        return AtMost(self.most, dict) if self.most is not None else None

    def core(self) -> CoreSchema:
        """A mapping."""
        return core_schema.dict_schema(
            core_schema.str_schema(), self.of.core(), min_length=self.least
        )

    def inside(self, value: Any) -> Iterator[tuple[str | int, Part, Any]]:
        """Its values."""
        if isinstance(value, dict):
            yield from ((name, self.of, one) for name, one in value.items())

    def filled(self, value: Any) -> Any:
        """Value by value."""
        if not isinstance(value, dict):
            return value
        return {name: self.of.filled(one) for name, one in value.items()}


@dataclass(frozen=True, kw_only=True, eq=False)
class Fields(Part):
    """An object with these fields and no others; a name with ``*`` behind it is required."""

    of: Mapping[str, Part]

    def core(self) -> CoreSchema:
        """An object."""
        return core_schema.typed_dict_schema(
            {
                name.removesuffix("*"): core_schema.typed_dict_field(
                    _with_default(part), required=name.endswith("*")
                )
                for name, part in self.of.items()
            },
            extra_behavior="forbid",
            config=_CONFIG,
        )

    def inside(self, value: Any) -> Iterator[tuple[str | int, Part, Any]]:
        """The fields that are given."""
        if isinstance(value, dict):
            for name, part in self._parts.items():
                if name in value:
                    yield name, part, value[name]

    def filled(self, value: Any) -> Any:
        """Field by field."""
        if not isinstance(value, dict):
            return value
        defaults = {k: p.default for k, p in self._parts.items() if p.default is not None}
        given = {k: self._parts[k].filled(v) for k, v in value.items() if k in self._parts}
        return defaults | given

    @cached_property
    def _parts(self) -> dict[str, Part]:
        return {name.removesuffix("*"): part for name, part in self.of.items()}


def _with_default(part: Part) -> CoreSchema:
    if part.default is None:
        return part.core()
    return core_schema.with_default_schema(part.core(), default=part.default)


def fields(of: Mapping[str, Part], *rules: Rule) -> Fields:
    """An object with these fields and rules."""
    return Fields(of=of, rules=rules)
