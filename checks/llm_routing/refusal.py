"""The last apply that failed and that nothing has made good since."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from checks.llm_routing.learner_text import APPLIED
from checks.llm_routing.names import nearest, quoted
from labgateway.decisions.manifests import unwrap
from labgateway.memory.doings import Attempt, AttemptedDocument, Problem
from labgateway.memory.observation import Observation
from labgateway.shapes.resource import Resource

KINDS = ("HTTPRoute", "AgentgatewayBackend")
FAILED = frozenset({"refused", "unreadable"})
_SKIPPED_RULES = "<nil>"
_CHANGING = "error when applying patch"  # kubectl's words: the object existed
_OTHER_KINDS = {"Namespace", "Secret", "GatewayClass", "Gateway", "Pod", "Deployment", "Service"}


@dataclass(frozen=True)
class Refusal:
    """A problem, the document it is in, and the text that was applied."""

    attempt: Attempt
    document: AttemptedDocument
    problem: Problem

    @property
    def kind(self) -> str:
        """The document's kind, guessed from its text when it could not be read."""
        return self.document.kind or _kind_in(self.attempt, self.document)

    @property
    def subject(self) -> str:
        """How messages name the document."""
        name = self.document.name
        return f"{self.kind or 'Your text'}/{name}" if name else self.kind or "Your text"

    @property
    def source(self) -> str:
        """The line, as it was written."""
        return self.problem.source or self.line_text(self.problem.line)

    @property
    def where(self) -> str:
        """The line and what it holds, or else the field."""
        if self.problem.line is not None and self.source.strip():
            return f"Line {self.problem.line}: {quoted(self.source)}"
        if self.problem.line is not None:
            return f"Line {self.problem.line} of your text"
        return f"Where: `{self.problem.field}`" if self.problem.field else ""

    @property
    def said(self) -> str:
        """What was said about the problem, and about the document when nothing was."""
        return self.problem.message or self.document.message

    @property
    def before(self) -> tuple[int, str]:
        """Number and text of the last line with content before the problem's."""
        number = (self.problem.line or 1) - 1
        while number > 1 and not self.line_text(number).strip():
            number -= 1
        return number, self.line_text(number)

    @property
    def applied(self) -> list[str]:
        """What of the same text was applied, as ``HTTPRoute/openai``."""
        documents = self.attempt.documents
        return [f"{one.kind}/{one.name}" for one in documents if one.outcome in APPLIED]

    def line_text(self, number: int | None) -> str:
        """A line of the learner's text, "" when there is none; a shell around it left out."""
        lines = unwrap(self.attempt.text).splitlines()
        return lines[number - 1] if number and number <= len(lines) else ""


def standing(seen: Observation, since: float) -> Refusal | None:
    """The first failure of the latest apply (after ``since``) that still stands."""
    for attempt in reversed([one for one in seen.attempts if one.at >= since]):
        for document in attempt.documents:
            if document.outcome not in FAILED:
                continue
            problem = _first(document)
            refusal = Refusal(attempt, document, problem)
            passed = _made_good(seen, refusal) or _undone(seen, refusal)
            if refusal.kind not in _OTHER_KINDS and not passed:
                return refusal
    return None


def _first(document: AttemptedDocument) -> Problem:
    told = [one for one in document.problems if one.field != _SKIPPED_RULES]
    if all("unknown field" in one.message for one in told):
        # These come by name; the first in the text may be why the others are where they are.
        told.sort(key=lambda one: one.line or 0)
    return told[0] if told else Problem("", document.message)


def applied_since(seen: Observation, resource: Resource, since: float) -> bool:
    """Whether a resource was applied after a moment (Unix time), changed by it or not."""
    if _created(resource.metadata.creation_timestamp) >= since:
        return True
    return any(
        (one.kind, one.name) == (resource.kind, resource.name) and one.outcome in APPLIED
        for attempt in seen.attempts
        if attempt.at >= since
        for one in attempt.documents
    )


def _made_good(seen: Observation, refusal: Refusal) -> bool:
    """Whether a document of that kind was applied later, or an object of it made since."""
    kind = nearest(refusal.kind, KINDS) if refusal.kind else None
    for attempt in seen.attempts:
        if attempt.at <= refusal.attempt.at:
            continue
        if kind is None and not attempt.failed:
            return True
        if any(one.kind == kind and one.outcome in APPLIED for one in attempt.documents):
            return True
    return any(
        one.kind == kind and _created(one.metadata.creation_timestamp) > refusal.attempt.at
        for one in seen.resources.values()
    )


def _undone(seen: Observation, refusal: Refusal) -> bool:
    """Whether the learner has deleted since what the attempt was about.

    A deletion is no attempt: it shows when something that was applied in the same text, or that was
    there to be changed, is gone.
    """
    names = [(one.kind, one.name) for one in refusal.attempt.documents if one.outcome in APPLIED]
    one = refusal.document
    if _CHANGING in one.message or (refusal.attempt.source == "kubectl" and _was_there(seen, one)):
        names.append((refusal.kind, one.name))
    return bool(set(names) - {(key.kind, key.name) for key in seen.resources})


def _was_there(seen: Observation, document: AttemptedDocument) -> bool:
    """Whether an object of that kind and name was applied at any time."""
    applied = [
        (one.kind, one.name)
        for attempt in seen.attempts
        for one in attempt.documents
        if one.outcome in APPLIED
    ]
    return (document.kind, document.name) in applied


def _created(timestamp: str | None) -> float:
    """Unix time of a creationTimestamp."""
    return datetime.fromisoformat(timestamp).timestamp() if timestamp else 0.0


def _kind_in(attempt: Attempt, document: AttemptedDocument) -> str:
    later = [one.first_line for one in attempt.documents if one.first_line > document.first_line]
    lines = attempt.text.splitlines()[document.first_line - 1 : min(later, default=None)]
    found = re.search(
        r"^\s*[{,]?\s*[\"']?kind[\"']?\s*:\s*[\"']?(\w+)", "\n".join(lines), re.MULTILINE
    )
    return found[1] if found else ""
