"""YAML and JSON text → documents, each with the line of every field in the learner's own text.

Documents are split, and scalars read, as kubectl does it (sigs.k8s.io/yaml: YAML 1.1 with octal
and on/off, without dates and base-60 numbers), tried against kubectl 1.32 and 1.37.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from labgateway.words.errors import LabError

SIZE_LIMIT_BYTES = 3 * 1024 * 1024  # the API server's limit for a request body
DEPTH_LIMIT = 200  # libyaml's composer overruns the C stack at some tens of thousands
NODE_LIMIT = 100_000  # after aliases are expanded
NUMBER_CHARACTERS = 400  # no number that JSON readers agree on is longer

_TRUE = {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"}
_FALSE = {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"}
_NULL = {"", "~", "null", "Null", "NULL"}
_INT = re.compile(r"[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|0o?[0-7_]+|[0-9][0-9_]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WRAPPER = re.compile(r"^\s*(?:[!%]+\s*)?kubectl\b.*<<-?\s*['\"]?(\w+)['\"]?\s*$")

_PLAIN = "tag:labgateway,2026:plain"


class _Loader(yaml.CSafeLoader):
    """libyaml's parser, with bare scalars told apart from quoted and tagged ones by their tag."""

    yaml_implicit_resolvers = {None: [(_PLAIN, re.compile(".*", re.DOTALL))]}  # noqa: RUF012 - PyYAML's


class ManifestUnreadable(LabError):
    """Text that is not YAML; ``line`` counts in the learner's text, the message is kubectl's."""

    def __init__(self, message: str, line: int | None) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Document:
    """One document of a file.

    ``number`` and ``first_line`` count from 1 in the whole text; ``lines`` maps a field path such
    as ``spec.rules[0].matches`` to its line; ``error`` is set when the document is not YAML.
    """

    number: int
    first_line: int
    data: Any
    lines: dict[str, int] = field(default_factory=dict, repr=False)
    error: ManifestUnreadable | None = None

    def line(self, path: str) -> int | None:
        """The line of a field, or of the nearest field around it that the text has."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = re.sub(r"(\.[^.\[\]]+|\[\d+\]|^[^.\[\]]+)$", "", path)
        return self.lines.get("", self.first_line)


def unwrap(text: str) -> str:
    """The text with a shell wrapper (``kubectl apply -f - <<EOF`` … ``EOF``) blanked out.

    The lines stay, empty, so that line numbers go on counting in the learner's text.
    """
    lines = text.splitlines(keepends=True)
    first = next((i for i, line in enumerate(lines) if line.strip()), None)
    opened = _WRAPPER.match(lines[first]) if first is not None else None
    if first is None or opened is None:
        return text
    lines[first] = "\n"
    for i, line in enumerate(lines):
        if line.strip() == opened[1]:
            lines[i] = "\n"
    return "".join(lines)


def parse(text: str) -> tuple[Document, ...]:
    """Every document of a text, in order; a document that cannot be read carries its error.

    Errors: ``ManifestUnreadable`` when the whole text is over 3 MiB.
    """
    if len(text.encode("utf-8", errors="surrogatepass")) > SIZE_LIMIT_BYTES:
        raise ManifestUnreadable(
            f"the text is over {SIZE_LIMIT_BYTES} bytes, the API server's limit", None
        )
    documents: list[Document] = []
    for first_line, part in _split(text):
        document = _document(len(documents) + 1, first_line, part)
        if document is not None:
            documents.append(document)
    return tuple(documents)


def _split(text: str) -> Iterator[tuple[int, str]]:
    """(line of the first line, text) between separators: lines of ``---`` and white space."""
    first_line, part = 1, ""
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        if line.startswith("---") and not line[3:].strip():
            yield first_line, part
            first_line, part = number + 1, ""
        else:
            part += line
    yield first_line, part


def _document(number: int, first_line: int, text: str) -> Document | None:
    try:
        _check_depth(text)
        node = yaml.compose(text, _Loader)
    except yaml.MarkedYAMLError as error:
        return Document(number, first_line, None, error=_unreadable(error, text, first_line))
    except yaml.YAMLError as error:
        why = f"yaml: {str(error).splitlines()[0]}"
        return Document(number, first_line, None, error=ManifestUnreadable(why, first_line))
    if node is None:
        return None
    reader = _Reader(first_line)
    try:
        data = reader.read(node, "")
    except ManifestUnreadable as error:
        return Document(number, first_line, None, error=error)
    if data is None:
        return None
    return Document(number, first_line, data, reader.lines)


def _check_depth(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, _Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEPTH_LIMIT:
                mark: Any = event.start_mark  # libyaml's own class of marks
                why = f"exceeded max depth of {DEPTH_LIMIT}"
                raise yaml.MarkedYAMLError(problem=why, problem_mark=mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _unreadable(error: yaml.MarkedYAMLError, text: str, first_line: int) -> ManifestUnreadable:
    """kubectl's message: the line within the document, counted as its library counts it."""
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return ManifestUnreadable(f"yaml: {error.problem}", None)
    line = first_line + mark.line
    if isinstance(error, yaml.composer.ComposerError):
        name = re.match(r"\*([\w-]+)", text.splitlines()[mark.line][mark.column :])
        return ManifestUnreadable(
            f"yaml: unknown anchor '{name[1] if name else ''}' referenced", line
        )
    # libyaml counts from 0; its Go port adds one for errors of the scanner only.
    counted = mark.line + 1 if isinstance(error, yaml.scanner.ScannerError) else mark.line
    where = f"line {counted}: " if mark.line else ""
    return ManifestUnreadable(f"yaml: {where}{error.problem}", line)


class _Reader:
    """Reads a composed document into JSON values and notes the line of each field."""

    def __init__(self, first_line: int) -> None:
        self.lines: dict[str, int] = {}
        self._first_line = first_line
        self._nodes = 0

    def read(self, node: yaml.Node, path: str) -> Any:
        self._nodes += 1
        line = self._first_line + node.start_mark.line
        if self._nodes > NODE_LIMIT:
            raise ManifestUnreadable("yaml: document contains excessive aliasing", line)
        self.lines.setdefault(path, line)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(one, f"{path}[{i}]") for i, one in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)
        return _scalar(node, line)

    def _mapping(self, node: yaml.MappingNode, path: str) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = self._first_line + key_node.start_mark.line
            key = self._key(key_node, line)
            if key == "<<" and key_node.tag == _PLAIN:
                inner = self.read(value_node, path)
                for one in inner if isinstance(inner, list) else [inner]:
                    merged.update(one if isinstance(one, dict) else {})
                continue
            here = f"{path}.{key}".removeprefix(".")
            self.lines[here] = line
            own[key] = self.read(value_node, here)
        return {**merged, **own}

    @staticmethod
    def _key(node: yaml.Node, line: int) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise ManifestUnreadable("yaml: invalid map key", line)
        value = _scalar(node, line)
        return value if isinstance(value, str) else json.dumps(value)


def _scalar(node: yaml.ScalarNode, line: int) -> Any:
    text = str(node.value)
    if node.tag == "tag:yaml.org,2002:binary":
        return _binary(text, line)
    if node.tag != _PLAIN:
        return text
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if text.lower().lstrip("+-") in {".inf", ".nan"}:
        raise ManifestUnreadable(f"json: unsupported value: {text}", line)
    return _number(text)


def _binary(text: str, line: int) -> str:
    try:
        return base64.b64decode(text).decode("utf-8", errors="replace")
    except binascii.Error as error:
        why = "yaml: !!binary value contains invalid base64 data"
        raise ManifestUnreadable(why, line) from error


def _number(text: str) -> int | float | str:
    """The number that a bare scalar is, or the text itself."""
    if len(text) > NUMBER_CHARACTERS:
        return text
    if _INT.fullmatch(text):
        return _integer(text)
    if not _FLOAT.fullmatch(text):
        return text
    number = float(text)
    if number in {float("inf"), float("-inf")}:
        return text
    return int(number) if number.is_integer() else number


def _integer(text: str) -> int:
    digits = text.replace("_", "").lower()
    sign = -1 if digits.startswith("-") else 1
    digits = digits.lstrip("+-")
    for prefix, base in (("0b", 2), ("0x", 16), ("0o", 8)):
        if digits.startswith(prefix):
            return sign * int(digits[2:], base)
    octal = len(digits) > 1 and digits.startswith("0") and not set(digits) & set("89")
    return sign * int(digits, 8 if octal else 10)
