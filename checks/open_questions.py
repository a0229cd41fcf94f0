"""What is said of a step's questions: which came true, which are open, which are wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from checks.challenge import Question, Step
from checks.display import listed
from checks.verdict import NotRight, NotYet, Passed, Unpassed, Verdict
from labgateway.memory.observation import Observation


def first_wrong(seen: Observation, questions: Iterable[Question]) -> Unpassed | None:
    """What is wrong with the first answer that is not right; open questions are passed over."""
    for one in questions:
        if one.id in seen.answers:
            said = one.answered(seen, seen.answers[one.id].value)
            if isinstance(said, Unpassed):
                return said
    return None


def about_questions(step: Step, seen: Observation) -> Iterator[str]:
    """What became of predictions, and which questions are open or wrong; none blocks a step."""
    said = {
        one: one.answered(seen, seen.answers[one.id].value)
        for one in step.questions
        if one.id in seen.answers
    }
    predicted = {one: told for one, told in said.items() if one.prediction}
    yield from _about_predictions(seen, predicted)
    still = [one.id for one in step.questions if not one.optional and one not in said]
    if still:
        yield f"Not answered so far: {listed(still)}"
    wrong = [
        one.id for one, told in said.items() if isinstance(told, NotRight) and not one.prediction
    ]
    if wrong:
        yield f"Not as you answered: {listed(wrong)}; answer again to see why"


def _about_predictions(seen: Observation, said: Mapping[Question, Verdict]) -> Iterator[str]:
    """Each prediction beside what was recorded; one that did not come true is explained."""
    came_true: dict[str, list[str]] = {}
    for one, told in said.items():
        if isinstance(told, Passed):
            came_true.setdefault(one.by(seen), []).append(one.id)
    for by, names in came_true.items():
        yield f"As you predicted: {listed(names)}{by}"
    for one, told in said.items():
        if isinstance(told, NotRight):
            by = one.by(seen) if one.judge is not None else ""
            yield f"`{one.id}`: {told.saw}{by}. {told.why}".rstrip()
    waiting = [one.id for one, told in said.items() if isinstance(told, NotYet)]
    if waiting:
        yield f"Predicted, and not tried out yet: {listed(waiting)}"
