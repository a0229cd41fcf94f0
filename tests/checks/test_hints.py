"""Hints and solutions: what is shown, when, and what that leaves behind."""

from __future__ import annotations

import pytest

from checks.challenge import Question
from checks.display import Sheet
from checks.llm_routing import CHALLENGE
from checks.runner import Lessons
from tests.checks.desk import lessons, nobody
from tests.checks.texts import UNPINNED


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


def test_a_solution_is_asked_for_twice() -> None:
    """What it will show, that a hint leaves more to do, and how to confirm."""
    teacher, learner = lessons()

    before = str(teacher.solution(1))

    assert "kind:" not in before
    assert "`hint(1)`" in before
    assert "`solution(1, confirm=True)`" in before
    assert "kind: AgentgatewayBackend" in str(teacher.solution(1, confirm=True))
    assert learner.attempts == []


def test_a_solution_comes_with_a_question() -> None:
    """Reading is not yet understanding."""
    assert "Explain it:" in str(lessons()[0].solution(1, confirm=True))


def test_a_solution_needs_no_confirmation_after_the_third_hint() -> None:
    """Then there is no smaller help left."""
    teacher, learner = lessons()
    learner.hints["llm-routing/1"] = 3

    assert "kind: AgentgatewayBackend" in str(teacher.solution(1))


def test_a_solution_needs_no_confirmation_after_a_pass() -> None:
    """To compare with one's own; the other step's stays shut."""
    teacher, learner = lessons(UNPINNED)
    teacher.answer("1.predict", 500)
    learner.send()  # as step 1's notebook does

    assert "kind: AgentgatewayBackend" in str(teacher.solution(1))
    assert "confirm=True" in str(teacher.solution(2))


OPEN = [one for step in CHALLENGE.steps for one in step.questions if not one.choices]


@pytest.mark.parametrize("question", OPEN, ids=lambda one: one.id)
def test_a_question_without_choices_has_hints_that_grow(question: Question) -> None:
    """Where to look, then code with a blank where it matters."""
    teacher, learner = lessons()

    first, second, third = (str(teacher.hint(question.id)) for _ in range(3))

    assert first.startswith(f"Hint 1 of 2 for {question.id}")
    assert "____" not in first
    assert "____" in second
    assert third == second
    assert learner.hints == {question.id: 2}


def test_choices_are_their_own_hints() -> None:
    """Each says what it overlooks."""
    said = str(lessons()[0].hint("7.alert"))

    assert "Hint 1 of 1 for 7.alert" in said
    assert "`logs`, `metrics`, `traces`" in said


def test_a_second_wrong_answer_offers_the_hint() -> None:
    """Right ones, and questions with choices, offer none; a reset forgets what was shown."""
    teacher, learner = lessons(UNPINNED)
    learner.send()

    said = [teacher.answer("3.tokens", value).message for value in ([1, 2], [12, 3], [12, 34])]

    offer = '`hint("3.tokens")` says where to look'
    assert [offer in one for one in said] == [False, True, False]
    assert "hint(" not in [teacher.answer("2.key", "client").message for _ in range(2)][1]
    teacher.hint("3.tokens")
    teacher.reset(3)
    assert learner.hints == {}
