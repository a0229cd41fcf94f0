"""Regular expressions that a manifest gives: ``type: RegularExpression`` of a match.

The engine is the one agentgateway uses, the Rust crate ``regex``: without look-around and back
references, and in time linear in the text, so that no manifest can hold the gateway up.
"""

from __future__ import annotations

from pydantic_core import SchemaError, SchemaValidator, core_schema


class Pattern:
    """A regular expression that has to take a whole text. Errors: ``ValueError``."""

    def __init__(self, text: str) -> None:
        _compile(text)  # alone first: "a)|(b" must not close the group around it
        self._whole = _compile(rf"\A(?:{text})\z")

    def holds(self, text: str) -> bool:
        """Whether the pattern takes the text from its first to its last character."""
        return self._whole.isinstance_python(text)


def _compile(text: str) -> SchemaValidator:
    try:
        return SchemaValidator(core_schema.str_schema(pattern=text, regex_engine="rust-regex"))
    except SchemaError as error:
        why = str(error).rstrip().rpartition("error: ")[2]
        raise ValueError(f"invalid regular expression {text!r}: {why}") from None
