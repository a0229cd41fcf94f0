"""Where a value stands in the text that the learner applied."""

from __future__ import annotations

import re

from checks.llm_routing.names import quoted
from labgateway.memory.doings import Attempt, AttemptedDocument
from labgateway.memory.observation import Observation
from labgateway.shapes.resource import Key

# The first line alone has the command; in an applied text a last word in capitals is its end mark.
_WRAPPED = re.compile(r"\A\s*[!%]*\s*kubectl\b.*<<|^\s*[A-Z]+\s*\Z", re.MULTILINE)
APPLIED = frozenset({"created", "configured", "unchanged"})


def line_of(seen: Observation, key: Key, field: str, value: str = "") -> str:
    """``Line 8: `- name: agentgatway` ``, "" when the object's text is not at hand."""
    found = _last_text(seen, key)
    return line_in(*found, field, value) if found is not None else ""


def line_with(seen: Observation, key: Key, text: str) -> str:
    """The first line of the object's text that holds this, in the words of ``line_of``."""
    found = _last_text(seen, key)
    return _first(*found, re.compile(re.escape(text))) if found is not None else ""


def line_in(attempt: Attempt, document: AttemptedDocument, field: str, value: str = "") -> str:
    """The first line of a document that gives a field (this value, the whole of it), in words."""
    given = rf"\s*[\[\"']*{re.escape(value)}(?=[\"'\s,}}\]]|$)" if value else ""
    return _first(attempt, document, re.compile(rf"(?<![\w-]){re.escape(field)}[\"']?\s*:{given}"))


def _first(attempt: Attempt, document: AttemptedDocument, wanted: re.Pattern[str]) -> str:
    numbered = enumerate(attempt.text.splitlines(), start=1)
    for number, line in numbered:
        if document.first_line <= number < _end(attempt, document) and wanted.search(line):
            return f"Line {number}: {quoted(line)}"
    return ""


def was_wrapped(seen: Observation) -> bool:
    """Whether the last text applied still had the shell around it, or its end mark."""
    applied = [one for one in seen.attempts if not one.failed]
    return bool(applied) and _WRAPPED.search(applied[-1].text) is not None


def _last_text(seen: Observation, key: Key) -> tuple[Attempt, AttemptedDocument] | None:
    for attempt in reversed(seen.attempts):
        for document in attempt.documents:
            if document.outcome in APPLIED and _is(document, key):
                return (attempt, document) if attempt.text else None
    return None


def _is(document: AttemptedDocument, key: Key) -> bool:
    named = (document.kind, document.namespace or "default", document.name)
    return named == (key.kind, key.namespace, key.name)


def _end(attempt: Attempt, document: AttemptedDocument) -> int:
    """The line after the document's last one."""
    later = [one.first_line for one in attempt.documents if one.first_line > document.first_line]
    return min(later, default=len(attempt.text.splitlines()) + 1)
