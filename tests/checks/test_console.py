"""Step 6: a trace found in the console, and the way of its request."""

from __future__ import annotations

import re

import pytest

from checks.llm_routing.console import QUESTIONS, STEP, check
from checks.llm_routing.relation import affected, judge_affected, judge_way
from checks.llm_routing.seen_trace import judge_trace
from checks.runner import run
from checks.verdict import NotRight, NotYet, Passed, Unpassed
from tests.checks.learner import Learner, solved_up_to
from tests.checks.test_request import sentences
from tests.checks.texts import UNPINNED
from tests.checks.wrong_console import AFFECTED, FIRST, RIGHT_WAY, WITH_LOCAL, WRONG
from tests.checks.wrong_requests import Wrong


def found() -> Learner:
    """A learner with one answered request, whose trace was found."""
    return Learner(UNPINNED).send().answer("6.trace", FIRST)


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.id)
def test_a_wrong_reading_is_explained(wrong: Wrong) -> None:
    """The message names what was seen and the next step, calmly and briefly."""
    learner = Learner(wrong.text)
    for act in wrong.acts:
        act(learner)

    said = check(learner.observe())

    assert isinstance(said, Unpassed)
    assert said.outcome == wrong.outcome, said.message
    for words in wrong.says:
        assert words in said.message
    assert "!" not in re.sub(r"`[^`]*`", "", said.message)
    parts = [one.rstrip(".") for one in (said.saw, said.why, said.next_step) if one]
    assert sentences(f"{'. '.join(parts)}.") <= 4


@pytest.mark.parametrize(
    "value",
    [
        FIRST,
        f" {FIRST.upper()}\n",
        f"https://hub.example/user/ada/labgateway/ui/traces/{FIRST}?range=1h",
        FIRST[:8],
        f"'{FIRST[:12]}…'",
        [FIRST],
    ],
)
def test_a_trace_id_is_right_in_any_form(value: object) -> None:
    """Alone, in capitals, in the address of its page, or as the table shows it."""
    assert isinstance(judge_trace(Learner(UNPINNED).send().observe(), value), Passed)


@pytest.mark.parametrize(
    "value",
    [
        RIGHT_WAY,
        tuple(RIGHT_WAY),
        "openai, openai-all-models, openai-secret",
        "openai → openai-all-models → openai-secret",
        ["HTTPRoute/openai", "agentgateway-system/openai-all-models", " openai-secret "],
    ],
    ids=str,
)
def test_the_way_is_right_in_any_form(value: object) -> None:
    """A list or a text; with kinds and namespaces, as the console shows them."""
    said = check(found().answer("6.way", value).observe())

    assert isinstance(said, Passed), said.message
    assert said.evidence == {"trace": FIRST, "requests with this trace": 1}


def test_the_way_is_what_the_request_really_met() -> None:
    """Other names are right when they are the names that were recorded."""
    text = UNPINNED.replace("openai-all-models", "gpt")
    learner = Learner(text).send(backend="agentgateway-system/gpt").answer("6.trace", FIRST)

    assert isinstance(judge_way(learner.observe(), ["openai", "gpt", "openai-secret"]), Passed)
    assert isinstance(judge_way(learner.observe(), RIGHT_WAY), NotRight)


def test_without_a_request_the_way_is_kept() -> None:
    """It is judged later."""
    assert isinstance(judge_way(Learner(UNPINNED).observe(), RIGHT_WAY), NotYet)


@pytest.mark.parametrize(("value", "words"), AFFECTED, ids=str)
def test_a_wrong_set_of_routes_is_explained(value: list[str], words: str) -> None:
    """What each named thing is, and what its backend's policy names."""
    said = judge_affected(Learner(UNPINNED).apply(WITH_LOCAL).observe(), value)

    assert isinstance(said, NotRight)
    assert words in said.message


def test_the_affected_routes_are_read_off_the_resources() -> None:
    """A second route to the same backend is affected too; one name may stand alone."""
    learner = Learner(UNPINNED).apply(WITH_LOCAL)
    assert isinstance(judge_affected(learner.observe(), "openai"), Passed)
    route = UNPINNED[UNPINNED.index("kind: HTTPRoute") :].split("---")[0]
    second = route.replace("name: openai\n", "name: second\n", 1).replace("/openai", "/second")
    learner.apply(f"apiVersion: gateway.networking.k8s.io/v1\n{second}")

    assert affected(learner.observe()) == ["openai", "second"]
    assert isinstance(judge_affected(learner.observe(), ["openai"]), NotRight)
    assert isinstance(judge_affected(learner.observe(), ["second", "openai"]), Passed)


def test_an_exception_after_the_answers_does_not_undo_a_pass() -> None:
    """Nor does a later request."""
    learner = found().answer("6.way", RIGHT_WAY).cell_raised("NameError", "name 'x'").send()

    assert isinstance(check(learner.observe()), Passed)


def test_the_solution_leaves_only_the_opinions_open() -> None:
    """A prediction cannot be made afterwards."""
    said = run(STEP, solved_up_to(6).observe())

    assert isinstance(said, Passed)
    assert "Not answered so far: `6.predict`, `6.general`" in said.message


def test_one_question_about_counting_names_the_misconception() -> None:
    """6.7: two views are not two calls."""
    predict = next(one for one in QUESTIONS if one.id == "6.predict")

    said = predict.answered(Learner().answer("6.predict", 2).send().observe(), 2)

    assert isinstance(said, NotRight)
    assert "the trace id tells" in said.message
