"""Runs checks, hands out hints and solutions, judges answers: for notebook and terminal alike."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from checks import llm_routing
from checks.challenge import BLANK, Challenge, Question, Step, is_blank
from checks.desk import Desk, seen_for, solve
from checks.display import Sheet, listed
from checks.earlier import since_passed
from checks.open_questions import about_questions
from checks.verdict import NotReady, NotRight, Passed, Verdict
from labgateway.memory.observation import Observation
from labgateway.words.errors import LabNotRunning

CHALLENGES: tuple[Challenge, ...] = (llm_routing.CHALLENGE,)
DEFAULT = llm_routing.CHALLENGE.slug
HIGHEST_HINT = 3

Name = int | str | None  # a step's number or slug; None when a learner named none


def run(step: Step, seen: Observation) -> Verdict:
    """A step's verdict on an observation; on a pass it names the questions that are still open."""
    verdict = step.check(seen)
    if not isinstance(verdict, Passed):
        return verdict
    return dataclasses.replace(verdict, more=(*verdict.more, *about_questions(step, seen)))


def judged(desk: Desk, name: str, step: Step, seen: Observation) -> Verdict:
    """A step's verdict on what was seen: a pass is noted, the loss of one says what came since."""
    verdict = run(step, seen)
    if isinstance(verdict, Passed):
        desk.passed(name)
        return verdict
    return verdict.with_aside(since_passed(seen, step, name))


def _solve_unless_done(desk: Desk, step: Step) -> str:
    """What a solution did; nothing to a step that the learner has done in a way of their own."""
    # An apply that was refused has changed nothing, so it does not count here.
    seen = dataclasses.replace(desk.observation(), attempts=())
    return "done already" if isinstance(run(step, seen), Passed) else solve(desk, step)


def _level(wanted: int | None, shown: int, highest: int) -> int:
    return max(1, min(wanted or shown + 1, highest))


def _choosing(question: Question) -> tuple[str, ...]:
    """The hint of a question with choices: try one."""
    choices = f"It is one of {listed(str(one.value) for one in question.choices)}."
    if question.prediction:
        return (f"{choices} Commit to one, then try it out: `check` compares the two.",)
    return (f"{choices} Try one: the answer to a wrong one says what it overlooks.",)


def _before_solution(step: Step) -> Sheet:
    """What stands between a learner and a solution: what it is, and how to get it all the same."""
    what = "the complete manifests" if step.solution.manifests else "the complete cell"
    return Sheet(
        f"The solution of step {step.number} is not shown yet",
        (
            f"It is {what}, with nothing left to find out; it is shown, not run.",
            f"`hint({step.number})` helps and leaves the rest to you.",
            f"To see the solution all the same: `solution({step.number}, confirm=True)`.",
        ),
    )


def not_running(error: LabNotRunning) -> NotReady:
    """The verdict when there is no lab to look at; the error's own sentence says what to run."""
    said = str(error)
    return NotReady(said[:1].upper() + said[1:])


class Lessons:
    """One learner's lessons in one process. ``find`` gives the lab, or raises ``LabNotRunning``."""

    def __init__(
        self, find: Callable[[], Desk], challenges: tuple[Challenge, ...] = CHALLENGES
    ) -> None:
        self._find = find
        self._challenges = challenges
        self._last: dict[str, Verdict] = {}

    def check(self, step: Name = None, challenge: str = DEFAULT) -> Verdict:
        """Look at what is there and say what is right, or what to do next."""
        found = self._step(step, challenge)
        if isinstance(found, NotRight):
            return found
        lesson, one = found
        name = lesson.id_of(one)
        try:
            desk = self._find()
            seen = seen_for(desk, one)
            verdict = judged(desk, name, one, seen)
        except LabNotRunning as error:
            return not_running(error)
        return self._repeated(name, one, verdict, seen.hints.get(name, 0))

    def hint(
        self, step: Name = None, level: int | None = None, challenge: str = DEFAULT
    ) -> Sheet | Verdict:
        """The next hint of a step, or that of a level: 1 where to look, 2 which concept, 3 code.

        A question's id in place of a step's number gives the question's hints.
        """
        question = self._question(str(step))
        if question is not None:
            return self._hint_of(question.id, question.id, question.hints or _choosing(question))
        found = self._step(step, challenge)
        if isinstance(found, NotRight):
            return found
        lesson, one = found
        return self._hint_of(lesson.id_of(one), f"step {one.number}", one.hints, level)

    def _hint_of(
        self, name: str, what: str, hints: Sequence[str], level: int | None = None
    ) -> Sheet:
        highest = len(hints)
        try:
            desk = self._find()
            shown = _level(level, desk.observation().hints.get(name, 0), highest)
            desk.hint(name, shown)
        except LabNotRunning:
            shown = _level(level, 0, highest)
        prose, _, code = hints[shown - 1].partition("\n")
        return Sheet(f"Hint {shown} of {highest} for {what}", (prose,), code)

    def solution(
        self, step: Name = None, challenge: str = DEFAULT, *, confirm: bool = False
    ) -> Sheet | Verdict:
        """What solves a step, with a question to think about; ``confirm`` while hints are left."""
        found = self._step(step, challenge)
        if isinstance(found, NotRight):
            return found
        lesson, one = found
        if not (confirm or self._helped(lesson.id_of(one), one)):
            return _before_solution(one)
        ask = f"Explain it: {one.solution.explain}"
        return Sheet(f"A solution of step {one.number}", (ask,), one.solution.text)

    def answer(self, question: str = "", value: object = BLANK) -> Verdict:
        """Keep an answer and say whether it is right; of a prediction, once it was tried out."""
        one = self._question(question)
        if one is None:
            known = listed([each.id for each in self._questions()])
            saw = f"There is no question `{question}`" if question else "No question was named"
            return NotRight(saw, next_step=f"There are {known}")
        kept = value if is_blank(value) else one.kept(value)
        try:
            desk = self._find()
            if not is_blank(value):
                desk.answer(one.id, kept)
            seen = desk.observation()
        except LabNotRunning as error:
            return not_running(error)
        verdict = one.answered(seen, kept)
        again = isinstance(verdict, NotRight) and isinstance(self._last.get(one.id), NotRight)
        self._last[one.id] = verdict
        helped = f'`hint("{one.id}")` says where to look' if again and one.hints else ""
        return verdict.with_aside(helped)

    def reset(self, step: Name = None, challenge: str = DEFAULT) -> Sheet | Verdict:
        """Begin a step anew: answers, hints, requests and applies before now no longer count."""
        found = self._step(step, challenge)
        if isinstance(found, NotRight):
            return found
        lesson, one = found
        name = lesson.id_of(one)
        try:
            self._find().reset(name, tuple(each.id for each in one.questions))
        except LabNotRunning as error:
            return not_running(error)
        for each in (name, *(each.id for each in one.questions)):
            self._last.pop(each, None)
        stay = "Resources stay as they are; `%kubectl delete` removes them."
        return Sheet(f"Step {one.number} begins anew", ("Its answers and hints are gone.", stay))

    def skip_to(self, step: Name = None, challenge: str = DEFAULT) -> Sheet | Verdict:
        """Apply the solutions of the steps before a step, those left out that are done."""
        found = self._step(step, challenge)
        if isinstance(found, NotRight):
            return found
        lesson, one = found
        try:
            desk = self._find()
            before = [each for each in lesson.steps if each.number < one.number]
            said = [f"Step {each.number}: {_solve_unless_done(desk, each)}" for each in before]
        except LabNotRunning as error:
            return not_running(error)
        nothing = () if said else ("There is nothing before it.",)
        return Sheet(f"On to step {one.number}", nothing, "\n".join(said))

    def _helped(self, name: str, step: Step) -> bool:
        """Whether all hints of a step were seen, or the step is done."""
        try:
            seen = self._find().observation()
        except LabNotRunning:
            return False
        return seen.hints.get(name, 0) >= HIGHEST_HINT or isinstance(run(step, seen), Passed)

    def _step(self, step: Name, challenge: str) -> tuple[Challenge, Step] | NotRight:
        lesson = next((one for one in self._challenges if one.slug == challenge), None)
        if lesson is None:
            known = listed([one.slug for one in self._challenges])
            return NotRight(f"There is no challenge `{challenge}`", next_step=f"There is {known}")
        one = lesson.step(step) if step is not None else None
        if one is None:
            known = ", ".join(f"{each.number} ({each.slug})" for each in lesson.steps)
            saw = "No step was named" if step is None else f"{challenge} has no step `{step}`"
            return NotRight(saw, next_step=f"Its steps: {known}")
        return lesson, one

    def _questions(self) -> list[Question]:
        return [
            one for lesson in self._challenges for step in lesson.steps for one in step.questions
        ]

    def _question(self, name: str) -> Question | None:
        return next((one for one in self._questions() if one.id == name), None)

    def _repeated(self, name: str, step: Step, verdict: Verdict, hints: int) -> Verdict:
        """The verdict; with a way to more help when it is the same failure as last time."""
        same = self._last.get(name) == verdict
        self._last[name] = verdict
        if not same or isinstance(verdict, Passed | NotReady):
            return verdict
        level = max(2, min(hints + 1, HIGHEST_HINT + 1))
        more = (
            f"hint({step.number}, level={level})"
            if level <= HIGHEST_HINT
            else f"solution({step.number})"
        )
        return verdict.with_aside(
            f"Why am I seeing this? It is the same as at your last check; `{more}` says more"
        )
