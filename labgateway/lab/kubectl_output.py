"""``kubectl get -o FORMAT``: objects as documents, as values that paths find, or as columns."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from labgateway.decisions.custom_columns import custom_columns, custom_rows
from labgateway.decisions.go_values import go_syntax, go_text
from labgateway.decisions.jsonpath import Unparsed, parse
from labgateway.decisions.jsonpath_steps import Unfit
from labgateway.decisions.printing import aligned, compact_json, json_text, yaml_text
from labgateway.lab.command_line import Command
from labgateway.lab.failures import Failure

Json = dict[str, Any]
Print = Callable[[Json], str]

# Formats of the real kubectl; of those that are not here a terminal has all.
_ALL = (
    *("custom-columns", "custom-columns-file", "go-template", "go-template-file", "json"),
    *("jsonpath", "jsonpath-as-json", "jsonpath-file", "kyaml", "name", "template"),
    *("templatefile", "wide", "yaml"),
)
_HERE = ("custom-columns", "json", "jsonpath", "jsonpath-as-json", "name", "wide", "yaml")
_DOCUMENTS: dict[str, Print] = {"json": json_text, "yaml": yaml_text}


class NoValues(Failure):
    """A path that does not fit the document; kubectl shows the whole document with it."""

    def __init__(self, template: str, why: str, document: Json) -> None:
        self._why = (
            f"error executing jsonpath {json.dumps(template)}: Error executing template: {why}"
        )
        super().__init__(
            f"{self._why}. Printing more information for debugging the template:\n\ttemplate was:"
            f"\n\t\t{template}\n\tobject given to jsonpath engine was:\n\t\t{go_syntax(document)}\n"
        )

    @property
    def brief(self) -> str:
        """The message without the document."""
        return f"error: {self._why}"


def output_format(command: Command) -> str:
    """The word of ``-o`` before its equals sign, "" for none. Errors: ``Failure``."""
    output = command.flags.get("output", "")
    name, _, value = output.partition("=")
    if name in _HERE and (not value or name in _PRINTERS):
        return name
    if name in _ALL and name not in _HERE:
        raise Failure(
            f"-o {name} is not part of %kubectl",
            f"here: {', '.join(_HERE)}",
            f"in a terminal of the lab, kubectl get -o {name} works",
        )
    if output:
        raise Failure(
            f'unable to match a printer suitable for the output format "{output}", allowed formats'
            f" are: {','.join(_ALL)}",
            f"here: {', '.join(_HERE)}",
        )
    return ""


def document_printer(command: Command) -> Print:
    """What prints a document, or a List of them, in the format asked for. Errors: ``Failure``."""
    name, _, value = command.flags["output"].partition("=")
    if name in _DOCUMENTS:
        return _DOCUMENTS[name]
    try:
        return _PRINTERS[name](value, command)
    except Unparsed as wrong:
        raise Failure(str(wrong)) from wrong


def _jsonpath(template: str, _command: Command) -> Print:
    return _paths(template, lambda found: " ".join(map(_value, found)))


def _jsonpath_as_json(template: str, _command: Command) -> Print:
    return _paths(template, json_text)


def _paths(template: str, shown: Callable[[Any], str]) -> Print:
    if not template:
        raise Unparsed("template format specified but no template given")
    try:
        parsed = parse(template)
    except Unparsed as wrong:
        raise Unparsed(f"error parsing jsonpath {template}, {wrong}") from wrong

    def show(document: Json) -> str:
        try:
            return "".join(map(shown, parsed.values(document)))
        except Unfit as why:
            raise NoValues(template, str(why), document) from why

    return show


def _custom_columns(spec: str, command: Command) -> Print:
    columns = custom_columns(spec)
    head = [] if command.has("no-headers") else [[one.header for one in columns]]

    def show(document: Json) -> str:
        objects = document["items"] if document["kind"] == "List" else [document]
        try:
            return aligned([*head, *custom_rows(columns, objects)])
        except Unfit as why:
            raise Failure(str(why)) from why

    return show


def _value(value: Any) -> str:
    return compact_json(value) if isinstance(value, dict | list) else go_text(value)


_PRINTERS: dict[str, Callable[[str, Command], Print]] = {
    "jsonpath": _jsonpath,
    "jsonpath-as-json": _jsonpath_as_json,
    "custom-columns": _custom_columns,
}
