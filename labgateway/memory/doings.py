"""What a learner did besides requests, as facts: attempts to apply, answers, exceptions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import TypeAdapter


@dataclass(frozen=True)
class Problem:
    """Something wrong in a manifest: field path ("" if it is not YAML), rule, line and its text."""

    field: str
    message: str
    line: int | None = None
    source: str = ""


@dataclass(frozen=True)
class AttemptedDocument:
    """One document of an attempt and what became of it.

    ``outcome``: created, configured, unchanged, refused (by the API), unreadable (not
    YAML) or skipped (after one that is unreadable).
    """

    number: int
    first_line: int
    kind: str
    namespace: str
    name: str
    outcome: str
    message: str = ""
    problems: tuple[Problem, ...] = ()
    manifest: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Attempt:
    """One ``kubectl apply``: Unix time, where it was typed (notebook or kubectl), redacted text."""

    at: float
    source: str
    text: str
    documents: tuple[AttemptedDocument, ...]

    @property
    def failed(self) -> bool:
        """Whether any document was not applied."""
        return any(one.outcome in {"refused", "unreadable"} for one in self.documents)


@dataclass(frozen=True)
class Answer:
    """The learner's answer to a question, and when it was given (Unix time).

    ``first_at`` is when the question was first answered; None in a first answer.
    """

    value: Any
    at: float
    first_at: float | None = None

    @property
    def began(self) -> float:
        """When the question was first answered (Unix time)."""
        return self.at if self.first_at is None else self.first_at

    def following(self, earlier: Answer | None) -> Answer:
        """This answer in the place of an earlier one to the same question."""
        return self if earlier is None else replace(self, first_at=earlier.began)


@dataclass(frozen=True)
class Raised:
    """The last exception of a cell: its type, its text (redacted), the line of code, when.

    ``kernel`` names the kernel that ran the cell: the path of its notebook, where that is known.
    """

    type: str
    message: str
    code: str
    at: float
    kernel: str = ""


def attempt_from(payload: dict[str, Any]) -> Attempt:
    """An attempt from JSON. Errors: ``ValueError`` when it is not one."""
    return _ATTEMPT.validate_python(payload)


_ATTEMPT = TypeAdapter(Attempt)
