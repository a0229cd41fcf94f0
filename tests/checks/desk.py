"""The lab as the lessons use it, in memory: a learner whose gateway is pure functions."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from checks.runner import Lessons
from labgateway.memory.doings import Answer
from labgateway.memory.observation import Observation
from labgateway.words.errors import LabNotRunning
from tests.checks.learner import Learner


class MemoryDesk:
    """Does what the client does, with a ``Learner`` in place of a gateway."""

    def __init__(self, learner: Learner, kernel: str | None = "") -> None:
        self.learner = learner
        self.kernel = kernel

    def observation(self) -> Observation:
        """What can be seen now."""
        return self.learner.observe()

    def answer(self, question: str, value: object) -> None:
        """Keep an answer."""
        given = Answer(value, self.learner.now)
        self.learner.answers[question] = given.following(self.learner.answers.get(question))

    def hint(self, step: str, level: int) -> None:
        """Remember that a hint was shown."""
        self.learner.hints[step] = level

    def passed(self, step: str) -> None:
        """Remember that a step passed its check."""
        self.learner.passed_at[step] = self.learner.now

    def reset(self, step: str, questions: tuple[str, ...]) -> None:
        """Forget answers, hints and the pass of a step."""
        self.learner.reset_at[step] = self.learner.now + 1
        self.learner.hints.pop(step, None)
        self.learner.passed_at.pop(step, None)
        for question in questions:
            self.learner.answers.pop(question, None)
            self.learner.hints.pop(question, None)

    def apply(self, text: str) -> str:
        """Apply manifests."""
        self.learner.apply(text)
        return "applied"

    def bodies_logged(self) -> AbstractContextManager[None]:
        """Nothing is sent here whose body could be kept."""
        return nullcontext()


def nobody() -> MemoryDesk:
    """No lab runs."""
    raise LabNotRunning("the gateway is gone; run lab = labgateway.start() again")


def lessons(text: str = "") -> tuple[Lessons, Learner]:
    """Lessons on a learner who applied a text."""
    learner = Learner(text)
    desk = MemoryDesk(learner)
    return Lessons(lambda: desk), learner
