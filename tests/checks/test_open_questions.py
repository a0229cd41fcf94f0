"""What a pass says of the step's questions."""

from __future__ import annotations

from checks.verdict import Kept, Passed
from tests.checks.desk import lessons
from tests.checks.texts import PINNED, UNPINNED
from tests.checks.wrong_requests import NO_BACKEND


def test_a_pass_compares_predictions_and_names_open_questions() -> None:
    """None keeps the step from passing; a prediction that did not come true is explained."""
    teacher, learner = lessons(UNPINNED)
    teacher.answer("1.predict", 500)
    teacher.answer("1.model", "gpt-4o")

    before = teacher.check(1)
    NO_BACKEND(learner)
    learner.send()
    said = teacher.check(1)

    assert isinstance(before, Passed)
    assert "Predicted, and not tried out yet: `1.predict`, `1.model`" in before.message
    assert isinstance(said, Passed)
    assert (
        "As you predicted: `1.predict`, judged by your request to `/openai` whose" in said.message
    )
    assert (
        "`1.model`: You predicted `gpt-4o`, and it was `gpt-4o-mini`, judged by your first request"
        " for `gpt-4o-mini` after it, with the backend you had applied then. A" in said.message
    )
    assert "Not answered so far: `1.credential`" in said.message


def test_a_wrong_answer_to_a_question_is_named_by_a_pass() -> None:
    """It can be answered again at once, for nothing has to be sent for it."""
    teacher, _ = lessons(UNPINNED)
    teacher.answer("1.credential", "Gateway")

    assert "Not as you answered: `1.credential`; answer again" in teacher.check(1).message


def test_a_pass_with_all_questions_answered_says_nothing_of_them() -> None:
    """But that the prediction came true."""
    teacher, learner = lessons(UNPINNED)
    teacher.answer("2.key", "Gateway")
    teacher.answer("2.models", ["gpt-4o-mini", "gpt-4o-mini", "smollm2-135m-instruct"])
    learner.send()
    assert "Not answered so far: `2.reply`" in teacher.check(2).message

    teacher.answer("2.reply", {"id": "chatcmpl-0"})

    said = str(teacher.check(2))
    assert "As you predicted: `2.models`" in said
    assert "answer" not in said.split("·")[1].replace("answered", "")


def test_a_prediction_is_compared_with_the_repair_of_its_time() -> None:
    """The notebook invites to the other repair later; the verdict says which one counted."""
    teacher, learner = lessons(UNPINNED)
    teacher.answer("1.model", "gpt-4o-mini")
    learner.send().apply(PINNED).send(request_model="gpt-4o")

    said = teacher.check(1).message

    assert "As you predicted: `1.model`, judged by your first request" in said
    assert "with the backend you had applied then; by now it sends `gpt-4o`" in said


def test_a_prediction_that_is_made_again_waits_for_its_own_request() -> None:
    """With the other repair in force, a request of before says nothing about it."""
    teacher, learner = lessons(UNPINNED)
    teacher.answer("1.model", "gpt-4o-mini")
    learner.send().apply(PINNED)

    before = teacher.answer("1.model", "gpt-4o")
    learner.send(request_model="gpt-4o")
    after = teacher.answer("1.model", "gpt-4o")

    assert isinstance(before, Kept)
    assert isinstance(after, Passed)
    assert "your last request for `gpt-4o-mini` before it" in after.message
