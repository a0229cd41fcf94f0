"""What the learner did besides requests: attempts to apply, answers, exceptions, hints."""

from __future__ import annotations

import json
import threading
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

from labgateway.memory.journal import Journal

KEPT_ATTEMPTS = 100


@dataclass(frozen=True)
class Problem:
    """Something wrong in a manifest: field path ("" when it is not YAML), rule, line, text of the line."""

    field: str
    message: str
    line: int | None = None
    source: str = ""


@dataclass(frozen=True)
class AttemptedDocument:
    """One document of an attempt and what became of it.

    ``outcome``: created, configured, unchanged, refused (by the API) or unreadable (not YAML).
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
    """One ``kubectl apply``: Unix time, where it was typed (notebook or kubectl), the text, redacted."""

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
    """The learner's answer to a question, and when it was given (Unix time)."""

    value: Any
    at: float


@dataclass(frozen=True)
class Raised:
    """The last exception of a cell: its type, its text (redacted), the line of code, when."""

    type: str
    message: str
    code: str
    at: float


def attempt_from(payload: dict[str, Any]) -> Attempt:
    """An attempt from JSON. Errors: ``TypeError``, ``KeyError`` when it is not one."""
    documents = tuple(
        AttemptedDocument(
            **{**one, "problems": tuple(Problem(**p) for p in one.get("problems", ()))}
        )
        for one in payload["documents"]
    )
    return Attempt(**{**payload, "documents": documents})


class Progress:
    """The learner's doings, kept in the home."""

    def __init__(self, journal: Journal | None) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._attempts: deque[Attempt] = deque(maxlen=KEPT_ATTEMPTS)
        self._answers: dict[str, Answer] = {}
        self._raised: Raised | None = None
        self._hints: dict[str, int] = {}
        self._reset_at: dict[str, float] = {}
        self.notices: list[str] = []
        if journal is not None:
            self.notices = journal.replay(lambda line: self._take(json.loads(line)))

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Attempts to apply, oldest first."""
        with self._lock:
            return tuple(self._attempts)

    @property
    def answers(self) -> dict[str, Answer]:
        """Answers by question id."""
        with self._lock:
            return dict(self._answers)

    @property
    def raised(self) -> Raised | None:
        """The last exception of a cell, until a cell ran without one."""
        return self._raised

    @property
    def hints(self) -> dict[str, int]:
        """Highest hint shown, by step."""
        with self._lock:
            return dict(self._hints)

    @property
    def reset_at(self) -> dict[str, float]:
        """When a step was last reset (Unix time)."""
        with self._lock:
            return dict(self._reset_at)

    def attempt(self, attempt: Attempt) -> None:
        """Remember an attempt."""
        self._note({"attempt": asdict(attempt)})

    def answer(self, question: str, answer: Answer) -> None:
        """Remember an answer; a later one replaces it."""
        self._note({"answer": {"question": question, **asdict(answer)}})

    def cell_ran(self, raised: Raised | None) -> None:
        """Remember how the last cell ended."""
        if raised is not None or self._raised is not None:
            self._note({"raised": asdict(raised) if raised else None})

    def hint(self, step: str, level: int) -> None:
        """Remember that a hint was shown."""
        self._note({"hint": {"step": step, "level": level}})

    def reset(self, step: str, questions: tuple[str, ...], at: float) -> None:
        """Forget answers and hints of a step."""
        self._note({"reset": {"step": step, "questions": list(questions), "at": at}})

    def _note(self, entry: dict[str, Any]) -> None:
        if self._journal is not None:
            self._journal.append(json.dumps(entry, ensure_ascii=False))
        self._take(entry)

    def _take(self, entry: dict[str, Any]) -> None:
        try:
            ((what, content),) = entry.items()
            with self._lock:
                _TAKE[what](self, content)
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"not a progress entry: {error}") from error

    def _take_attempt(self, content: dict[str, Any]) -> None:
        self._attempts.append(attempt_from(content))

    def _take_answer(self, content: dict[str, Any]) -> None:
        self._answers[content["question"]] = Answer(content["value"], content["at"])

    def _take_raised(self, content: dict[str, Any] | None) -> None:
        self._raised = Raised(**content) if content else None

    def _take_hint(self, content: dict[str, Any]) -> None:
        step, level = content["step"], int(content["level"])
        self._hints[step] = max(level, self._hints.get(step, 0))

    def _take_reset(self, content: dict[str, Any]) -> None:
        self._reset_at[content["step"]] = content["at"]
        self._hints.pop(content["step"], None)
        for question in content["questions"]:
            self._answers.pop(question, None)


_TAKE = {
    "attempt": Progress._take_attempt,
    "answer": Progress._take_answer,
    "raised": Progress._take_raised,
    "hint": Progress._take_hint,
    "reset": Progress._take_reset,
}
