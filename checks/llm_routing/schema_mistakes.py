"""What the API server refuses, in words for the one who wrote it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from checks.challenge import BLANK
from checks.llm_routing.kind_mistakes import no_such_kind, no_such_namespace, unknown_field
from checks.llm_routing.learner_text import line_in
from checks.llm_routing.names import quoted
from checks.llm_routing.refusal import Refusal
from checks.llm_routing.schema_rules import RULES, Rule
from checks.llm_routing.yaml_mistakes import NO_BREAK_SPACE, blank, unreadable
from checks.verdict import NotReady, NotRight, Unpassed

_API_WORDS = 200
_TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a number",
    "null": "nothing",
    "number": "a number",
    "object": "a block",
    "string": "text",
}

Write = Callable[[Refusal], Unpassed]


def refused(refusal: Refusal) -> Unpassed:
    """The verdict on a document that was not applied."""
    if refusal.document.outcome == "unreadable":
        return unreadable(refusal)
    if is_unfilled(refusal):
        return blank(refusal, _where(refusal))
    if NO_BREAK_SPACE in refusal.source:
        return unreadable(refusal)
    for pattern, write in _SPECIAL:
        if re.search(pattern, refusal.said):
            return write(refusal)
    for rule in RULES:
        field = re.search(rule.field, refusal.problem.field)
        if field and re.search(rule.said, refusal.said):
            return _written(rule, refusal)
    return NotRight(
        f"{refusal.subject} was refused",
        _where(refusal),
        f"The API server's words: {quoted(refusal.said, _API_WORDS)}",
        "Change that field, apply the manifest again, then check",
    )


def is_unfilled(refusal: Refusal) -> bool:
    """Whether what was refused is a blank that was left as it is."""
    if refusal.document.outcome == "unreadable":
        return False
    return BLANK in f"{refusal.source} {refusal.problem.message} {_bad_part(refusal)}"


def _written(rule: Rule, refusal: Refusal) -> NotRight:
    words = {
        "value": _given(refusal),
        "name": f"`{refusal.problem.field.rpartition('.')[2] or 'spec'}`",
        "subject": refusal.subject,
    }
    return NotRight(
        rule.saw.format(**words),
        _where(refusal),
        rule.why.format(**words),
        rule.next_step.format(**words),
    )


def _full_disk(_refusal: Refusal) -> NotReady:
    return NotReady(
        "What you applied could not be stored: the disk is full",
        next_step="Free some disk space, then apply it again",
    )


def _where(refusal: Refusal) -> str:
    """Line and field; for a rule about a whole block, the line of the value that breaks it."""
    inner = {"path": "value", "group": "group"}.get(refusal.problem.field.rpartition(".")[2])
    if inner is not None and "Unsupported" not in refusal.said:
        found = line_in(refusal.attempt, refusal.document, inner, _bad_part(refusal))
        if found:
            return found
    field = refusal.problem.field
    return f"{refusal.where} (`{field}`)" if field and refusal.problem.line else refusal.where


def _bad_part(refusal: Refusal) -> str:
    """The value of a path match that was refused as a whole, "" when it cannot be told."""
    given: object = refusal.document.manifest
    for name in re.findall(r"[^.\[\]]+", refusal.problem.field):
        if isinstance(given, list) and name.isdigit() and int(name) < len(given):
            given = given[int(name)]
        elif isinstance(given, dict):
            given = given.get(name)
    if isinstance(given, dict):
        given = given.get("value", "")
    if isinstance(given, dict | list) or given is None:
        return ""
    return given if isinstance(given, str) else json.dumps(given)


def _given(refusal: Refusal) -> str:
    """The value at the problem's field, else the one or its type in the API server's words."""
    found = re.search(r'(?:Invalid|Unsupported) value: "?(.*?)"?(?:: |$)', refusal.problem.message)
    given = _bad_part(refusal) or (found[1] if found else "")
    return _TYPES.get(given) or quoted(given)


_SPECIAL: tuple[tuple[str, Write], ...] = (
    (r"unknown field", unknown_field),
    (
        r"no matches for kind|[Kk]ind .* is (missing|not set)|apiVersion (not set|is missing)",
        no_such_kind,
    ),
    (r'namespaces? "[^"]*" not found', no_such_namespace),
    (r"No space left|disk is full|InsufficientStorage|cannot be written", _full_disk),
)
