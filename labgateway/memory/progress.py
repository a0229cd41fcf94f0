"""What the learner did besides requests: attempts, answers, exceptions, hints, passed steps."""

from __future__ import annotations

import contextlib
import json
import math
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter

from labgateway.memory.doings import Answer, Attempt, Raised, attempt_from
from labgateway.memory.journal import Journal
from labgateway.words.errors import HomeUnusable

KEPT_ATTEMPTS = 100
SHORTENED_AT_BYTES = 1_000_000
_ANSWER, _RAISED = TypeAdapter(Answer), TypeAdapter(Raised)


class Progress:
    """The learner's doings, kept in the home.

    A long journal is cut down to what is remembered, and again whenever it has doubled since.
    """

    def __init__(self, journal: Journal | None) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._noting = threading.Lock()
        self._shortened_at = SHORTENED_AT_BYTES
        self._attempts: deque[Attempt] = deque(maxlen=KEPT_ATTEMPTS)
        self._answers: dict[str, Answer] = {}
        self._raised: Raised | None = None
        self._hints: dict[str, int] = {}
        self._reset_at: dict[str, float] = {}
        self._passed_at: dict[str, float] = {}
        self.notices: list[str] = []
        if journal is not None:
            self.notices = journal.replay(self._replay)
            self._shorten(journal)

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
        """The last exception of a cell, until a cell of that kernel ran without one."""
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

    @property
    def passed_at(self) -> dict[str, float]:
        """When a step last passed its check (Unix time)."""
        with self._lock:
            return dict(self._passed_at)

    def attempt(self, attempt: Attempt) -> None:
        """Remember an attempt."""
        self._note({"attempt": asdict(attempt)})

    def answer(self, question: str, answer: Answer) -> None:
        """Remember an answer; a later one replaces it."""
        self._note({"answer": {"question": question, **asdict(answer)}})

    def cell_ran(self, kernel: str, raised: Raised | None) -> None:
        """Remember how the last cell of a kernel ended."""
        if raised is not None or (self._raised is not None and self._raised.kernel == kernel):
            self._note({"raised": asdict(raised) if raised else None})

    def hint(self, step: str, level: int) -> None:
        """Remember that a hint was shown."""
        self._note({"hint": {"step": step, "level": level}})

    def passed(self, step: str, at: float) -> None:
        """Remember that a step passed its check."""
        self._note({"passed": {"step": step, "at": at}})

    def reset(self, step: str, questions: tuple[str, ...], at: float) -> None:
        """Forget answers, hints and the pass of a step."""
        self._note({"reset": {"step": step, "questions": list(questions), "at": at}})

    def _note(self, entry: dict[str, Any]) -> None:
        entry = _plain(entry)
        with self._noting:
            if self._journal is not None:
                self._journal.append(_dump(entry))
            self._take(entry)
            if self._journal is not None:
                self._shorten(self._journal)

    def _shorten(self, journal: Journal) -> None:
        if journal.size_bytes <= self._shortened_at:
            return
        with contextlib.suppress(HomeUnusable):  # the file is then as it was, and a bit too long
            journal.rewrite(_dump(one) for one in self._entries())
        self._shortened_at = max(SHORTENED_AT_BYTES, 2 * journal.size_bytes)

    def _entries(self) -> Iterator[dict[str, Any]]:
        """What is remembered, as the fewest notes; a reset forgets others, so those come after."""
        for step, at in self._reset_at.items():
            yield {"reset": {"step": step, "questions": [], "at": at}}
        for attempt in self._attempts:
            yield {"attempt": asdict(attempt)}
        for question, answer in self._answers.items():
            yield {"answer": {"question": question, **asdict(answer)}}
        for step, level in self._hints.items():
            yield {"hint": {"step": step, "level": level}}
        for step, at in self._passed_at.items():
            yield {"passed": {"step": step, "at": at}}
        if self._raised is not None:
            yield {"raised": asdict(self._raised)}

    def _replay(self, line: str) -> None:
        try:
            entry = json.loads(line)
        except RecursionError as error:
            raise ValueError("not a progress entry: nested too deeply") from error
        self._take(entry)

    def _take(self, entry: dict[str, Any]) -> None:
        try:
            ((what, content),) = entry.items()
            takers: dict[str, Callable[[Any], None]] = {
                "attempt": self._take_attempt,
                "answer": self._take_answer,
                "raised": self._take_raised,
                "hint": self._take_hint,
                "passed": self._take_passed,
                "reset": self._take_reset,
            }
            with self._lock:
                takers[what](content)
        except (TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ValueError(f"not a progress entry: {error}") from error

    def _take_attempt(self, content: dict[str, Any]) -> None:
        self._attempts.append(attempt_from(content))

    def _take_answer(self, content: dict[str, Any]) -> None:
        question = content["question"]
        given = _ANSWER.validate_python(content)
        self._answers[question] = given.following(self._answers.get(question))

    def _take_raised(self, content: dict[str, Any] | None) -> None:
        self._raised = _RAISED.validate_python(content) if content else None

    def _take_hint(self, content: dict[str, Any]) -> None:
        step, level = content["step"], int(content["level"])
        self._hints[step] = max(level, self._hints.get(step, 0))

    def _take_passed(self, content: dict[str, Any]) -> None:
        self._passed_at[content["step"]] = float(content["at"])

    def _take_reset(self, content: dict[str, Any]) -> None:
        step, questions = content["step"], list(content["questions"])
        self._reset_at[step] = float(content["at"])
        self._hints.pop(step, None)
        self._passed_at.pop(step, None)
        for question in questions:
            self._answers.pop(question, None)
            self._hints.pop(question, None)


def _dump(entry: dict[str, Any]) -> str:
    return json.dumps(entry, ensure_ascii=False)


def _plain(value: Any) -> Any:
    """A value as any reader of JSON takes it: finite numbers, text that has a UTF-8 form."""
    if isinstance(value, str):
        return value.encode("utf-8", errors="backslashreplace").decode()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {_plain(name): _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value
