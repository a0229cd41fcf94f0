"""The runner: what notebooks and the terminal share. And that lessons cannot rot."""

from __future__ import annotations

import json
import re
from itertools import pairwise

import pytest
import yaml

from checks.challenge import Challenge, Question, Step
from checks.display import Sheet
from checks.llm_routing import backend_and_route
from checks.runner import CHALLENGES, Lessons, run
from checks.verdict import NotReady, NotRight, NotYet, Passed, Verdict
from tests.checks.desk import MemoryDesk, nobody
from tests.checks.learner import PINNED, PUBLISHED, UNPINNED, Learner

STEPS = [(lesson, step) for lesson in CHALLENGES for step in lesson.steps]
QUESTIONS = [question for _, step in STEPS for question in step.questions]


def lessons(text: str = "") -> tuple[Lessons, Learner]:
    """Lessons on a learner who applied a text."""
    learner = Learner(text)
    desk = MemoryDesk(learner)
    return Lessons(lambda: desk), learner


def solved_up_to(step: Step) -> Learner:
    """A learner who did what the solutions say, this step's included."""
    learner = Learner()
    for one in CHALLENGES[0].steps[: step.number]:
        if one.solution.manifests:
            learner.apply(one.solution.manifests)
        if one.solution.request is not None:
            learner.send(one.solution.request.path)
    return learner


@pytest.mark.parametrize(("lesson", "step"), STEPS)
def test_lockstep_a_step_is_complete(lesson: Challenge, step: Step) -> None:
    """Three hints that grow, a solution to read and to explain, a title."""
    assert len(step.hints) == 3
    assert all(step.hints)
    assert "____" in step.hints[2]
    assert step.solution.text.strip()
    assert step.solution.explain.endswith("?")
    assert step.title
    assert lesson.minutes > 0


@pytest.mark.parametrize(("lesson", "step"), STEPS)
def test_lockstep_unsolved_must_not_pass(lesson: Challenge, step: Step) -> None:
    """Neither an untouched lab nor the step before is enough."""
    for learner in (
        Learner(),
        solved_up_to(lesson.steps[step.number - 2]) if step.number > 1 else Learner(),
    ):
        assert not isinstance(run(step, learner.observe()), Passed)


@pytest.mark.parametrize(("_lesson", "step"), STEPS)
def test_lockstep_the_solution_passes(_lesson: Challenge, step: Step) -> None:
    """What `solution` shows is right."""
    assert isinstance(run(step, solved_up_to(step).observe()), Passed)


@pytest.mark.parametrize(("_lesson", "step"), STEPS)
def test_lockstep_hints_do_not_hold_the_solution(_lesson: Challenge, step: Step) -> None:
    """The third hint has blanks where it matters."""
    assert step.solution.text not in "".join(step.hints)


@pytest.mark.parametrize(
    "question", [one for one in QUESTIONS if one.choices], ids=lambda one: one.id
)
def test_lockstep_a_question_has_one_right_answer(question: Question) -> None:
    """And an explanation for every choice, each another one."""
    seen = Learner(PINNED).send().observe()
    verdicts = [question.answered(seen, one.value) for one in question.choices]

    assert sum(isinstance(one, Passed) for one in verdicts) == 1
    assert all(isinstance(one, Passed | NotRight) for one in verdicts)
    assert len({one.explanation for one in question.choices}) == len(question.choices) >= 3


def test_lockstep_ids_are_unique() -> None:
    """Progress is kept by these names."""
    ids = [one.id for one in QUESTIONS]
    slugs = [f"{lesson.slug}/{step.slug}" for lesson, step in STEPS]
    assert len(set(ids)) == len(ids)
    assert len(set(slugs)) == len(slugs)
    assert all(
        question.id.startswith(f"{step.number}.")
        for _, step in STEPS
        for question in step.questions
    )
    assert all(a.number < b.number for a, b in pairwise(CHALLENGES[0].steps))


def test_the_solution_repairs_the_published_manifest() -> None:
    """It differs by the slip alone."""
    documents = list(yaml.safe_load_all(backend_and_route.MANIFESTS))
    assert documents == list(yaml.safe_load_all(PINNED))


def test_no_solution_holds_a_secret() -> None:
    """Keys are named, never shown."""
    assert not [
        step for _, step in STEPS if re.search(r"sk-|Bearer|stringData", step.solution.text)
    ]


def test_a_pass_names_open_questions_and_wrong_predictions() -> None:
    """Neither keeps the step from passing."""
    teacher, _ = lessons(UNPINNED)
    teacher.answer("1.predict", 500)
    teacher.answer("1.model", "gpt-4o")

    said = teacher.check(1)

    assert isinstance(said, Passed)
    assert "Not answered so far: `1.credential`" in said.message
    assert "Not as you answered: `1.model`" in said.message


def test_a_pass_with_all_questions_answered_says_nothing_of_them() -> None:
    """2.reply is asked for by the notebook and not missed by the check."""
    teacher, learner = lessons(UNPINNED)
    learner.send()
    teacher.answer("2.key", "Gateway")
    teacher.answer("2.models", ["gpt-4o-mini", "gpt-4o-mini", "SmolLM2"])

    assert "answer" not in str(teacher.check(2)).split("·")[1].replace("answered", "")


def test_the_same_failure_twice_offers_more_help() -> None:
    """With the reason why; a change of the failure takes the offer back."""
    teacher, learner = lessons(PUBLISHED)

    first, second = teacher.check(1), teacher.check(1)
    learner.apply(UNPINNED.replace("PathPrefix", "Exact"))
    third = teacher.check(1)

    assert "Why am I seeing this?" not in first.message
    assert "Why am I seeing this?" in second.message
    assert "`hint(1, level=2)`" in second.message
    assert "Why am I seeing this?" not in third.message


def test_help_goes_on_from_the_hints_that_were_read() -> None:
    """After the third one there is the solution."""
    teacher, learner = lessons()
    learner.hints["llm-routing/1"] = 3
    teacher.check(1)

    assert "`solution(1)`" in teacher.check(1).message


def test_a_pass_is_never_commented_twice() -> None:
    """Nothing to help with."""
    teacher, _ = lessons(UNPINNED)
    assert str(teacher.check(1)) == str(teacher.check(1))


def test_hints_go_from_where_to_code() -> None:
    """One after the other, or by level; the last one stays."""
    teacher, learner = lessons()

    shown = [str(teacher.hint(1)).split("\n")[0] for _ in range(4)]

    assert shown == [f"Hint {level} of 3 for step 1" for level in (1, 2, 3, 3)]
    assert learner.hints == {"llm-routing/1": 3}
    assert "Hint 1 of 3" in str(teacher.hint(1, level=1))
    assert "secretRef" in str(teacher.hint(1, level=3))


def test_hints_and_solutions_need_no_lab() -> None:
    """They are text."""
    teacher = Lessons(nobody)
    assert isinstance(teacher.hint(1), Sheet)
    assert isinstance(teacher.solution(1), Sheet)


def test_without_a_lab_nothing_is_ready() -> None:
    """The verdict says how to get one."""
    teacher = Lessons(nobody)
    for said in (
        teacher.check(1),
        teacher.answer("1.predict", 500),
        teacher.reset(1),
        teacher.skip_to(2),
    ):
        assert isinstance(said, NotReady)
        assert "labgateway.start()" in said.message


def test_a_solution_comes_with_a_question() -> None:
    """Reading is not yet understanding."""
    sheet = str(lessons()[0].solution(1))
    assert "Explain it:" in sheet
    assert "kind: AgentgatewayBackend" in sheet


@pytest.mark.parametrize("value", [500, "500", " 500 "])
def test_an_answer_is_judged_at_once(value: object) -> None:
    """And kept."""
    teacher, learner = lessons()

    said = teacher.answer("1.predict", value)

    assert isinstance(said, Passed)
    assert learner.answers["1.predict"].value == value


def test_a_wrong_answer_names_the_misconception() -> None:
    """The right one is not given away."""
    said = lessons()[0].answer("1.predict", 404)

    assert isinstance(said, NotRight)
    assert "404 means that no route matched" in said.message
    assert "500" not in said.message


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.id)
def test_a_blank_is_no_answer(question: Question) -> None:
    """It is not kept; the message names what could be answered."""
    teacher, learner = lessons()

    said = teacher.answer(question.id, "____")

    assert isinstance(said, NotYet)
    assert learner.answers == {}
    for choice in question.choices:
        assert f"`{choice.value}`" in said.message


@pytest.mark.parametrize(
    "value",
    [None, 404.5, [1], {"a": 1}, pytest.param(object(), id="object"), "x`y" * 100, float("nan")],
    ids=repr,
)
def test_any_value_can_be_answered(value: object) -> None:
    """What is kept is JSON; the message lists the choices."""
    teacher, learner = lessons()

    said = teacher.answer("1.predict", value)

    assert isinstance(said, NotRight)
    assert "`404`, `500`, `200`" in said.message
    assert json.dumps(learner.answers["1.predict"].value)


def test_a_reset_forgets_answers_and_repetition() -> None:
    """The step begins anew; resources stay."""
    teacher, learner = lessons(PUBLISHED)
    teacher.answer("1.predict", 500)
    teacher.check(1)

    sheet = teacher.reset(1)

    assert "Resources stay" in str(sheet)
    assert learner.answers == {}
    assert "Why am I seeing this?" not in teacher.check(1).message


def test_skip_to_applies_what_comes_before() -> None:
    """Step 1 passes, step 2 is the learner's."""
    teacher, _ = lessons()

    sheet = teacher.skip_to(2)

    assert "Step 1: applied" in str(sheet)
    assert isinstance(teacher.check(1), Passed)
    assert isinstance(teacher.check(2), NotYet)
    assert "nothing before" in str(teacher.skip_to(1))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (lessons()[0].check(9), "has no step `9`"),
        (lessons()[0].check(1, challenge="nope"), "no challenge `nope`"),
        (lessons()[0].hint("nope"), "no step `nope`"),
        (lessons()[0].solution(0), "no step `0`"),
        (lessons()[0].answer("9.x", 1), "no question `9.x`"),
    ],
)
def test_what_does_not_exist_is_answered_in_words(said: object, words: str) -> None:
    """With what does."""
    assert isinstance(said, Verdict)
    assert words in said.message


def test_a_step_can_be_named_by_its_slug() -> None:
    """As on the command line."""
    assert lessons(UNPINNED)[0].check("backend-and-route").outcome == "passed"
