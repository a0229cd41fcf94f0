"""Objects as kubectl prints them: aligned columns, YAML and JSON as Go writes them, descriptions.

Compared with the output of kubectl 1.37 in the tests.
"""

from __future__ import annotations

import base64
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import yaml

from labgateway.decisions.describing import DESCRIBED, listed, pairs
from labgateway.decisions.go_values import go_text
from labgateway.decisions.redaction import LAST_APPLIED

Json = dict[str, Any]

_ACRONYMS = {"API", "URL", "UID", "OSB", "GUID"}
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^A-Za-z]+")
_ANNOTATION_WIDTH = 140
_SEPARATE = "\n\n\n"
_EVENTS = "Events:\t"
# YAML 1.1 booleans that Go quotes and PyYAML does not know.
_ALSO_BOOLEAN = {"y", "Y", "n", "N"}
_GO_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


class _Dumper(yaml.SafeDumper):
    """Writes strings as sigs.k8s.io/yaml does."""


def _string(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None
    tag = dumper.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    if "\n" in text:
        style = "|"
    elif tag != "tag:yaml.org,2002:str" or text in _ALSO_BOOLEAN or _GO_FLOAT.fullmatch(text):
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _string)


def yaml_text(value: Json) -> str:
    """``-o yaml``."""
    return yaml.dump(value, Dumper=_Dumper, allow_unicode=True, default_flow_style=False)


def json_text(value: Json) -> str:
    """``-o json``."""
    return _go(json.dumps(value, indent=4, sort_keys=True, ensure_ascii=False)) + "\n"


def compact_json(value: Json | list[Any]) -> str:
    """JSON on one line, as kubectl writes annotations and patches."""
    return _go(json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False))


def _go(text: str) -> str:
    """Go escapes what HTML could take for markup."""
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def aligned(rows: Iterable[Sequence[str]], gap: int = 3, narrowest: int = 6) -> str:
    """Rows as columns, as Go's tabwriter: as wide as the widest cell and a gap, the last free."""
    rows = list(rows)
    widths = [
        max(narrowest, *(len(cell) + gap for cell in cells))
        for cells in itertools.zip_longest(*(row[:-1] for row in rows), fillvalue="")
    ]
    return "".join(
        "".join(cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False))
        + row[-1]
        + "\n"
        for row in rows
    )


def described(objects: Iterable[Json]) -> str:
    """``kubectl describe`` of objects, one after the other; of several, without their events."""
    found = [list(_lines(one)) for one in objects]
    if len(found) > 1:
        found = [[line for line in lines if not line.startswith(_EVENTS)] for lines in found]
    return _SEPARATE.join(_blocks(lines).rstrip("\n") for lines in found) + "\n"


def _lines(one: Json) -> Iterator[str]:
    """The description of one object, with a tab between label and value."""
    if one["kind"] in DESCRIBED:
        yield from DESCRIBED[one["kind"]](one)
        return
    metadata = one["metadata"]
    yield f"Name:\t{metadata['name']}"
    if metadata.get("namespace"):
        yield f"Namespace:\t{metadata['namespace']}"
    elif one["kind"] not in _OWN:
        yield "Namespace:\t"
    yield from listed("Labels", pairs(metadata.get("labels", {})))
    yield from listed("Annotations", list(_annotations(metadata.get("annotations", {}))))
    own = _OWN.get(one["kind"])
    if own is not None:
        yield from own(one)
        return
    known = {"name", "namespace", "labels", "annotations", "managedFields"}
    rest = {name: value for name, value in metadata.items() if name not in known}
    yield from _content({**one, "metadata": rest}, 0)
    yield f"{_EVENTS}<none>"


def _annotations(annotations: dict[str, str]) -> Iterator[str]:
    for name, value in sorted(annotations.items()):
        if name == LAST_APPLIED:
            continue
        if len(value) + len(name) + 2 < _ANNOTATION_WIDTH and "\n" not in value:
            yield f"{name}: {value}"
            continue
        yield f"{name}:"
        for line in value.removesuffix("\n").split("\n"):
            room = _ANNOTATION_WIDTH - 2
            cut = f"{line[:room]}..." if len(line) > room else line
            yield f"  {cut}"


def _content(content: Json, level: int) -> Iterator[str]:
    indent = "  " * level
    for name, value in sorted(content.items()):
        label = f"{indent}{_label(name)}:"
        if isinstance(value, dict):
            yield label
            yield from _content(value, level + 1)
        elif isinstance(value, list):
            yield label
            for one in value:
                if isinstance(one, dict):
                    yield from _content(one, level + 1)
                else:
                    yield f"{indent}  {go_text(one)}"
        else:
            yield f"{label}\t{go_text(value)}"


def _label(name: str) -> str:
    """A field name as words: ``parentRefs`` → ``Parent Refs``."""
    if not re.fullmatch(r"[A-Za-z-]+", name):
        return name
    parts = _WORDS.findall(name)
    return " ".join(
        part.upper() if part.upper() in _ACRONYMS else part[:1].upper() + part[1:] for part in parts
    )


def _secret(one: Json) -> Iterator[str]:
    yield from ("", f"Type:\t{one.get('type', 'Opaque')}", "", "Data", "====")
    for entry, value in sorted(one.get("data", {}).items()):
        yield f"{entry}:\t{len(base64.b64decode(value))} bytes"


def _namespace(one: Json) -> Iterator[str]:
    yield f"Status:\t{one.get('status', {}).get('phase', '')}"


_OWN = {"Secret": _secret, "Namespace": _namespace}


def _blocks(lines: Iterable[str]) -> str:
    """Lines with a tab are aligned with their neighbours that have one."""
    text = ""
    for tabbed, block in itertools.groupby(lines, lambda line: "\t" in line):
        if tabbed:
            text += aligned((line.split("\t") for line in block), gap=2, narrowest=0)
        else:
            text += "".join(f"{line}\n" for line in block)
    return text
