"""Label and field selectors: those that kubectl sends as text, and those of manifests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from labgateway.shapes.listeners import LabelExpression, LabelSelector
from labgateway.words.errors import BadManifest

Json = dict[str, Any]

_SET = re.compile(r"(?P<key>\S+)\s+(?P<how>in|notin)\s+\((?P<values>[^()]*)\)")
_EQUAL = re.compile(r"(?P<key>[^\s=!,]+)\s*(?P<how>==?|!=)\s*(?P<values>[^\s=!,]*)")
_EXISTS = re.compile(r"(?P<how>!?)\s*(?P<key>[^\s=!,()]+)")
# A comma inside parentheses separates values, not requirements.
_BETWEEN = re.compile(r",(?![^()]*\))")


def selected(one: Json, labels: str, fields: str) -> bool:
    """Whether an object meets both selectors; an empty one is met by all.

    Errors: ``BadManifest`` for what is not a selector.
    """
    metadata = one["metadata"]
    known = {
        "metadata.name": metadata["name"],
        "metadata.namespace": metadata.get("namespace", ""),
        "type": one.get("type", ""),
    }
    given = metadata.get("labels", {})
    return all(_label(part.strip(), given) for part in _BETWEEN.split(labels) if part) and all(
        _field(part.strip(), known) for part in fields.split(",") if part
    )


def check_selectors(labels: str, fields: str) -> None:
    """Errors: ``BadManifest`` for what is not a selector."""
    for part in filter(None, _BETWEEN.split(labels)):
        _label(part.strip(), {})
    for part in filter(None, fields.split(",")):
        _field(part.strip(), dict.fromkeys(_FIELDS, ""))


def chosen(selector: LabelSelector, labels: Mapping[str, str]) -> bool:
    """Whether labels meet a manifest's selector (metav1.LabelSelector); an empty one takes all."""
    return all(labels.get(key) == value for key, value in selector.match_labels.items()) and all(
        _expression(one, labels) for one in selector.match_expressions
    )


def _expression(one: LabelExpression, labels: Mapping[str, str]) -> bool:
    if one.operator in {"In", "NotIn"}:
        return (labels.get(one.key) in one.values) is (one.operator == "In")
    return (one.key in labels) is (one.operator == "Exists")


_FIELDS = ("metadata.name", "metadata.namespace", "type")


def _label(requirement: str, labels: dict[str, str]) -> bool:
    for pattern in (_SET, _EQUAL, _EXISTS):
        found = pattern.fullmatch(requirement)
        if found is None:
            continue
        key, how = found["key"], found["how"]
        if pattern is _EXISTS:
            return (key in labels) is (how != "!")
        values = {one.strip() for one in found["values"].split(",")}
        # A label that is absent is not among the values, so notin and != hold.
        return (labels.get(key) in values) is (how in {"in", "=", "=="})
    raise BadManifest(
        f'unable to parse requirement: found "{requirement}", expected KEY, KEY=VALUE, KEY!=VALUE,'
        " KEY in (…) or !KEY"
    )


def _field(requirement: str, known: dict[str, str]) -> bool:
    found = _EQUAL.fullmatch(requirement)
    if found is None or found["key"] not in known:
        raise BadManifest(f"field label not supported: {requirement.partition('=')[0].rstrip('!')}")
    return (known[found["key"]] == found["values"]) is (found["how"] != "!=")
