"""A step that had passed, and steps that are not begun."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from checks.llm_routing.names import ROUTE
from checks.runner import Lessons
from tests.checks.desk import MemoryDesk, lessons
from tests.checks.learner import Learner, solved_up_to
from tests.checks.texts import PUBLISHED, UNPINNED
from tests.checks.texts import ROUTE as ROUTE_ALONE
from tests.checks.wrong_requests import NO_BACKEND


@pytest.mark.parametrize(
    ("act", "outcome", "words"),
    [
        (
            lambda learner: learner.apply(UNPINNED.replace("openai-secret", "____")),
            "not_yet",
            "since then you applied `AgentgatewayBackend/openai-all-models`, `HTTPRoute/openai`. A",
        ),
        (
            lambda learner: learner.apply(PUBLISHED.replace("/openai", "openai")),
            "not_right",
            "since then you applied a text that was refused",
        ),
        (lambda learner: learner.delete(ROUTE), "not_yet", "You passed this step before. A check"),
        (lambda learner: learner, "passed", ""),
    ],
)
def test_a_step_that_had_passed_says_what_came_since(
    act: Callable[[Learner], Learner], outcome: str, words: str
) -> None:
    """A check describes what is there now; a pass is kept beside it."""
    teacher, learner = lessons(UNPINNED)
    assert "passed this step before" not in teacher.check(1).message
    passed_at = dict(learner.passed_at)
    act(learner)

    said = teacher.check(1)

    assert said.outcome == outcome, said.message
    assert words in said.message
    assert learner.passed_at.keys() == passed_at.keys() == {"llm-routing/1"}


def test_a_step_that_had_passed_names_the_answer_that_was_given_again() -> None:
    """An answer of another step is no reason."""
    learner = solved_up_to(3)
    teacher = Lessons(lambda: MemoryDesk(learner))
    teacher.check(3)
    learner.answer("2.key", "client").answer("3.tokens", [1, 2])

    said = teacher.check(3).message

    assert "since then you answered `3.tokens` again" in said


def test_what_the_notebooks_send_on_purpose_begins_no_step() -> None:
    """A 404 and step 1's 500 leave all later steps not begun."""
    teacher, learner = lessons(ROUTE_ALONE)
    teacher.answer("1.predict", 500)
    learner.send("/nowhere", 404, error="route not found")
    NO_BACKEND(learner)

    assert {teacher.check(number).outcome for number in range(2, 8)} == {"not_yet"}
