"""Lessons cannot rot: every step is complete, and its solution, hints and questions fit it."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from checks.challenge import Challenge, Question, Step
from checks.llm_routing import backend_and_route
from checks.runner import CHALLENGES, run
from checks.verdict import NotRight, NotYet, Passed, Verdict
from tests.checks.learner import Learner, solved_up_to
from tests.checks.texts import PINNED, UNPINNED
from tests.checks.wrong_requests import NO_BACKEND
from tests.checks.wrong_traffic import PROMPTS

STEPS = [(lesson, step) for lesson in CHALLENGES for step in lesson.steps]
LESSONS = Path(__file__).parents[2] / "notebooks" / "llm-routing"
OTHER = PINNED.replace("gpt-4o", "o3")
SENT = {PINNED: "gpt-4o", UNPINNED: "gpt-4o-mini", OTHER: "o3"}
QUESTIONS = [question for _, step in STEPS for question in step.questions]


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


@pytest.mark.parametrize(("_lesson", "step"), STEPS)
def test_lockstep_unsolved_must_not_pass(_lesson: Challenge, step: Step) -> None:
    """Neither an untouched lab nor the step before is enough."""
    for learner in (Learner(), solved_up_to(step.number - 1)):
        assert not isinstance(run(step, learner.observe()), Passed)


@pytest.mark.parametrize(("_lesson", "step"), STEPS)
def test_lockstep_the_solution_passes(_lesson: Challenge, step: Step) -> None:
    """What `solution` shows is right."""
    assert isinstance(run(step, solved_up_to(step.number).observe()), Passed)


@pytest.mark.parametrize(("_lesson", "step"), STEPS)
def test_lockstep_hints_do_not_hold_the_solution(_lesson: Challenge, step: Step) -> None:
    """The third hint has blanks where it matters."""
    assert step.solution.text not in "".join(step.hints)


CHOOSING = [one for one in QUESTIONS if one.choices]
PREDICTIONS = [one for one in QUESTIONS if one.prediction]
TEXTS = {"pinned": PINNED, "unpinned": UNPINNED, "other": OTHER}


def verdicts(question: Question, text: str) -> list[Verdict]:
    """Of every choice, given before there were requests: one without a backend, then answered."""
    said = []
    for choice in question.choices:
        learner = Learner(text).answer(question.id, choice.value)
        NO_BACKEND(learner)
        learner.send(request_model=SENT[text]).together(*PROMPTS)
        said.append(question.answered(learner.observe(), choice.value))
    return said


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("question", CHOOSING, ids=lambda one: one.id)
def test_lockstep_a_question_has_one_right_answer(question: Question, text: str) -> None:
    """And something to say about every choice, each time something else."""
    said = verdicts(question, text)

    assert sum(isinstance(one, Passed) for one in said) == 1
    assert all(isinstance(one, Passed | NotRight) for one in said)
    assert len({one.parts[1:] for one in said}) == len(question.choices) >= 3


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("question", CHOOSING, ids=lambda one: one.id)
def test_lockstep_a_right_answer_is_confirmed(question: Question, text: str) -> None:
    """Why it is right, in at most two sentences; nothing to look for any more."""
    (right,) = (one for one in verdicts(question, text) if isinstance(one, Passed))

    assert len(right.more[0].split()) > 5
    assert right.more[0].count(". ") <= 1
    assert not re.search(r"\b(look|compare|think)\b", right.message, re.IGNORECASE)


@pytest.mark.parametrize("question", CHOOSING, ids=lambda one: one.id)
def test_lockstep_a_wrong_answer_ends_in_a_next_step(question: Question) -> None:
    """The misconception first; a prediction is compared with what came, and may stay."""
    for text in TEXTS.values():
        for choice, said in zip(question.choices, verdicts(question, text), strict=True):
            if isinstance(said, NotRight):
                assert said.why == choice.wrong != ""
                if question.prediction:
                    assert said.saw.startswith(f"You predicted `{choice.value}`, and it was `")
                    assert "Nothing has to be changed" in said.message
                else:
                    assert f'answer("{question.id}", …)' in said.message


@pytest.mark.parametrize("question", PREDICTIONS, ids=lambda one: one.id)
def test_lockstep_a_prediction_waits_for_what_comes_after_it(question: Question) -> None:
    """Whatever was asked before: it is kept, and nothing is given away."""
    learner = Learner(PINNED)
    NO_BACKEND(learner)
    learner.send().together(*PROMPTS)
    given: list[object] = [one.value for one in question.choices] or [["a", "b", "c"]]

    for value in given:
        learner.answer(question.id, value)
        said = question.answered(learner.observe(), value)

        assert isinstance(said, NotYet)
        assert f"Your answer to {question.id} is kept" in said.message
        assert "the check compares the two" in said.message


def blanks(text: str) -> set[str]:
    """What stands before the blanks of a text."""
    names = re.findall(r"^(.*?)\s*[:=]\s*[\"/]*____", text, re.MULTILINE)
    return {name.strip(" -") for name in names}


def todo_cell(notebook: str, cell: str) -> str:
    """A learner's cell of a notebook, as shipped."""
    found = json.loads((LESSONS / notebook).read_text(encoding="utf-8"))["cells"]
    sources = {one["metadata"].get("labgateway", {}).get("cell"): one["source"] for one in found}
    return "".join(sources[cell])


def test_lockstep_the_third_hint_has_the_blanks_of_the_task() -> None:
    """In the notebook and in the manifest beside it; no other blank, none left out."""
    hints = {step.number: step.hints[2] for _, step in STEPS}

    in_cell = blanks(todo_cell("01_backend_and_route.ipynb", "openai-pair"))
    in_file = blanks((LESSONS / "manifests" / "openai.yaml").read_text(encoding="utf-8"))

    assert blanks(hints[1]) == in_cell == in_file == {"openai", "name", "value"}
    assert blanks(hints[2]) == blanks(todo_cell("02_send_a_request.ipynb", "request"))


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
