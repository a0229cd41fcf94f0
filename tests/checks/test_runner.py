"""The runner: what notebooks and the terminal share."""

from __future__ import annotations

import json

import pytest

from checks.challenge import Question
from checks.runner import CHALLENGES, Lessons
from checks.verdict import NotReady, NotRight, NotYet, Passed, Verdict
from tests.checks.desk import MemoryDesk, lessons, nobody
from tests.checks.learner import Learner
from tests.checks.texts import PUBLISHED, UNPINNED
from tests.checks.wrong_requests import NO_BACKEND

STEPS = [(lesson, step) for lesson in CHALLENGES for step in lesson.steps]
QUESTIONS = [question for _, step in STEPS for question in step.questions]


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


@pytest.mark.parametrize("value", [612, "612", " 612 "])
def test_an_answer_is_judged_at_once(value: object) -> None:
    """And kept."""
    teacher, learner = lessons()

    said = teacher.answer("7.waited", value)

    assert isinstance(said, Passed)
    assert learner.answers["7.waited"].value == value


def test_a_wrong_answer_names_the_misconception() -> None:
    """The right one is not given away."""
    said = lessons()[0].answer("7.waited", 22)

    assert isinstance(said, NotRight)
    assert "what the gateway took itself" in said.message
    assert "612" not in said.message


def test_a_wrong_prediction_is_explained_after_the_experiment() -> None:
    """Not before it, and not in the light of what was asked before it."""
    teacher, learner = lessons(UNPINNED)
    NO_BACKEND(learner)

    before = teacher.answer("1.predict", 404)
    NO_BACKEND(learner)
    after = teacher.answer("1.predict", 404)

    assert isinstance(before, NotYet)
    assert "404 means" not in before.message
    assert isinstance(after, NotRight)
    assert "You predicted `404`, and it was `500`, judged by your request to" in after.message
    assert "404 means that no route matched" in after.message
    assert isinstance(teacher.answer("1.predict", 500), Passed)


ERROR = ("TypeError", "Lab.table() missing 1 required positional argument: 'figure'", "lab.table()")


@pytest.mark.parametrize(
    ("asking", "raised_in", "outcome"),
    [
        ("a/04_metrics.ipynb", "a/04_metrics.ipynb", "raised"),
        ("a/04_metrics.ipynb", "a/07_more_traffic.ipynb", "not_yet"),
        ("process 7", "process 8", "not_yet"),
        (None, "a/04_metrics.ipynb", "raised"),
        (None, "a/07_more_traffic.ipynb", "not_yet"),
        (None, "a/notes.ipynb", "not_yet"),
        (None, "process 7", "not_yet"),
    ],
)
def test_an_exception_belongs_to_its_notebook(
    asking: str | None, raised_in: str, outcome: str
) -> None:
    """Another kernel's says nothing of this one; a terminal asks for that of the step."""
    learner = Learner(UNPINNED).send().cell_raised(*ERROR, kernel=raised_in)

    said = Lessons(lambda: MemoryDesk(learner, asking)).check(4)

    assert said.outcome == outcome, said.message
    assert "httpx" not in said.message


@pytest.mark.parametrize("value", [["____"] * 3, ("a", "b", "____"), ["a", ["____"]]], ids=str)
def test_a_blank_in_a_list_is_no_answer(value: object) -> None:
    """One open blank is enough."""
    teacher, learner = lessons(UNPINNED)
    learner.send()

    said = teacher.answer("2.models", value)

    assert isinstance(said, NotYet)
    assert learner.answers == {}
    assert "blank `____` of 2.models" in said.message


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
    assert json.dumps(learner.answers["1.predict"].value, allow_nan=False)


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


def test_skip_to_leaves_alone_what_is_done() -> None:
    """A repair of the learner's own, even when a later text was refused."""
    teacher, learner = lessons(UNPINNED)
    learner.apply(PUBLISHED)

    sheet = teacher.skip_to(2)

    assert "Step 1: done already" in str(sheet)
    assert len(learner.attempts) == 2


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (lessons()[0].check(9), "has no step `9`"),
        (lessons()[0].check(1, challenge="nope"), "no challenge `nope`"),
        (lessons()[0].hint("nope"), "no step `nope`"),
        (lessons()[0].solution(0), "no step `0`"),
        (lessons()[0].answer("9.x", 1), "no question `9.x`"),
        (lessons()[0].check(), "No step was named. Its steps: 1 (backend-and-route), 2"),
        (lessons()[0].hint(), "No step was named"),
        (lessons()[0].solution(), "No step was named"),
        (lessons()[0].reset(), "No step was named"),
        (lessons()[0].skip_to(), "No step was named"),
        (lessons()[0].answer(), "No question was named. There are `1.predict`"),
        (lessons()[0].answer("2.key"), "blank `____` of 2.key"),
    ],
)
def test_what_does_not_exist_is_answered_in_words(said: object, words: str) -> None:
    """With what does."""
    assert isinstance(said, Verdict)
    assert words in said.message


def test_a_step_can_be_named_by_its_slug() -> None:
    """As on the command line."""
    assert lessons(UNPINNED)[0].check("backend-and-route").outcome == "passed"
