"""Hints and solutions: what is shown, when, and what that leaves behind."""

from __future__ import annotations

from checks.display import Sheet
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
