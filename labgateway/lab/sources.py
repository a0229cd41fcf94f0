"""Where manifests come from: the cell, a file, the files of a directory; and what is in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labgateway.decisions.decoding import metadata_problem
from labgateway.decisions.manifests import Document, ManifestUnreadable, parse, unwrap
from labgateway.lab.command_line import Command
from labgateway.lab.failures import Failure
from labgateway.memory.doings import Problem

Json = dict[str, Any]

EXTENSIONS = {".json", ".yaml", ".yml"}
_HEREDOC = re.compile(r"<<-?\s*['\"]?(\w+)")
_VALIDATION_OFF = (
    "; if you choose to ignore these errors, turn validation off with --validate=false"
)


@dataclass(frozen=True)
class Typed:
    """What the learner typed: the line, the text below it (None for a line alone), and where."""

    line: str
    text: str | None
    cwd: Path


@dataclass(frozen=True)
class Source:
    """A text of manifests and the name that kubectl gives it.

    ``written`` is the text as the learner wrote it, where a shell was blanked out around it.
    """

    name: str
    text: str
    written: str | None = None

    @property
    def quoted(self) -> str:
        """The name in quotes, as messages have it."""
        return json.dumps(self.name, ensure_ascii=False)

    def line(self, number: int | None) -> str:
        """One line of the text, counted from 1; "" when there is none."""
        lines = self.text.splitlines()
        return lines[number - 1] if number is not None and 0 < number <= len(lines) else ""


@dataclass(frozen=True)
class Manifest:
    """One object of a source; ``prefix`` is where it stands in its document (in a List)."""

    source: Source
    document: Document
    data: Json
    prefix: str = ""

    @property
    def quoted(self) -> str:
        """The source's name in quotes."""
        return self.source.quoted

    def problem(self, field: str, message: str) -> Problem:
        """A problem with a field, with its line in the learner's text."""
        number = self.document.line(f"{self.prefix}{field}")
        return Problem(field, message, number, self.source.line(number))


class Unreadable(Failure):
    """A document that ends its source: it is not YAML, or no object at all."""

    def __init__(self, message: str, document: Document, problems: tuple[Problem, ...]) -> None:
        super().__init__(message, *hints(document, problems, message))
        self.document, self.problems = document, problems


def hints(document: Document, problems: tuple[Problem, ...], said: str) -> Iterator[str]:
    """The lab's own lines: document, line and its text, and what kubectl has not said about it."""
    for one in problems:
        if one.line is not None:
            # kubectl counts lines within the document; this one counts in the learner's own text.
            whole = " of the whole text" if document.number > 1 else ""
            yield f"document {document.number}, line {one.line}{whole}: {one.source}".rstrip()
        if one.field and (len(problems) > 1 or one.message not in said):
            yield f"  {one.field}: {one.message}"


def sources(command: Command, typed: Typed) -> Iterator[Source | Failure]:
    """The texts that ``-f`` names, in kubectl's order; a Failure for each that is not there."""
    for name in command.files:
        path = typed.cwd / name
        if name == "-":
            yield _standard_input(typed)
        elif path.is_dir():
            pattern = "**/*" if command.has("recursive") else "*"
            found = sorted(one for one in path.glob(pattern) if one.suffix in EXTENSIONS)
            if not found:
                listed = " ".join(sorted(EXTENSIONS))
                yield Failure(f"error reading [{name}]: recognized file extensions are [{listed}]")
            for one in found:
                yield _file(str(Path(name) / one.relative_to(path)), one)
        elif path.is_file():
            yield _file(name, path)
        else:
            yield Failure(f'the path "{name}" does not exist', f"looked in {typed.cwd}")


def _file(name: str, path: Path) -> Source | Failure:
    try:
        return Source(name, path.read_bytes().decode("utf-8", errors="replace"))
    except OSError as error:
        return Failure(f"open {name}: {(error.strerror or '').lower()}")


def _standard_input(typed: Typed) -> Source:
    """The cell's text; a shell's heredoc around it is blanked out, so that lines keep counting."""
    text = (typed.text or "").encode("utf-8", errors="replace").decode()
    ending = _HEREDOC.search(typed.line)
    if ending is None:
        return Source("STDIN", unwrap(text), text)
    lines = text.splitlines(keepends=True)
    inner = "".join("\n" if line.strip() == ending[1] else line for line in lines)
    return Source("STDIN", inner, text)


def manifests(source: Source) -> Iterator[Manifest | Unreadable]:
    """The objects of a source in order; the first that is unreadable is the last."""
    try:
        documents = parse(source.text)
    except ManifestUnreadable as error:
        document = Document(1, 1, None, error=error)
        yield Unreadable(
            f"error parsing {source.name}: {error}", document, (Problem("", str(error)),)
        )
        return
    for document in documents:
        if document.error is not None:
            yield _not_yaml(source, document, document.error)
            return
        why = _no_object(document.data)
        if why:
            yield _not_an_object(source, document, why)
            return
        items = document.data.get("items")
        if document.data["kind"] == "List" and isinstance(items, list):
            for i, one in enumerate(items):
                if _no_object(one):
                    yield _not_an_object(source, document, _no_object(one))
                    return
                yield Manifest(source, document, one, f"items[{i}].")
        else:
            yield Manifest(source, document, document.data)


def skipped(source: Source, last: Document) -> Iterator[Document]:
    """The documents of a source after the one that ended it."""
    try:
        documents = parse(source.text)
    except ManifestUnreadable:
        return
    yield from (one for one in documents if one.number > last.number)


def undecodable(manifest: Manifest) -> tuple[str, Problem] | None:
    """Why kubectl cannot read the object's metadata, and where."""
    why = metadata_problem(manifest.data.get("metadata"))
    if why is None:
        return None
    found = re.search(r"ObjectMeta\.(\S+)", why)
    return f"unable to decode {manifest.quoted}: {why}", manifest.problem(
        found[1] if found else "metadata", why
    )


def _not_yaml(source: Source, document: Document, error: ManifestUnreadable) -> Unreadable:
    problem = Problem("", str(error), error.line, source.line(error.line))
    text = f"error parsing {source.name}: error converting YAML to JSON: {error}"
    return Unreadable(text, document, (problem,))


def _not_an_object(source: Source, document: Document, complaints: list[str]) -> Unreadable:
    listed = complaints[0] if len(complaints) == 1 else f"[{', '.join(complaints)}]"
    problems = tuple(
        Problem(field if field in {"apiVersion", "kind"} else "", one, line, source.line(line))
        for one in complaints
        for field in [one.partition(" ")[0]]
        for line in [document.line(field) or document.first_line]
    )
    text = f"error validating {source.quoted}: error validating data: {listed}{_VALIDATION_OFF}"
    return Unreadable(text, document, problems)


def _no_object(data: Any) -> list[str]:
    """What kubectl misses in a document before it asks the API."""
    if not isinstance(data, dict):
        return ["invalid object to validate"]
    complaints = [f"{name} not set" for name in ("apiVersion", "kind") if not data.get(name)]
    complaints += [
        f"{name} isn't string type"
        for name in ("apiVersion", "kind")
        if data.get(name) and not isinstance(data[name], str)
    ]
    if not complaints and data["apiVersion"].count("/") > 1:
        complaints.append(f"unexpected GroupVersion string: {data['apiVersion']}")
    return complaints
