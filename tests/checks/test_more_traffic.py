"""Step 7: three requests at the same time, judged by when they were under way and what they ask."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from checks.desk import solve
from checks.llm_routing import more_traffic
from checks.llm_routing.burst import number_of, prompt_of
from checks.llm_routing.counted import judge_count, varying
from checks.llm_routing.more_traffic import check
from checks.runner import Lessons
from checks.verdict import NotRight, NotYet, Passed, Unpassed
from labgateway.decisions.chat import Usage
from labgateway.decisions.exchange import Bodies
from labgateway.lab.client import Client
from tests.checks.desk import lessons
from tests.checks.learner import Learner
from tests.checks.test_request import sentences
from tests.checks.texts import UNPINNED
from tests.checks.wrong_requests import Wrong
from tests.checks.wrong_traces import after
from tests.checks.wrong_traffic import COUNTS, PROMPTS, RIGHT, WRONG, burst, counted
from tests.conftest import Running

VARIES = next(one for one in more_traffic.QUESTIONS if one.id == "7.varies")
TOTAL = next(one for one in more_traffic.QUESTIONS if one.id == "7.total")


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.id)
def test_wrong_traffic_is_explained(wrong: Wrong) -> None:
    """The message names what was seen and the next step, calmly and briefly."""
    said = check(after(wrong).observe())

    assert isinstance(said, Unpassed)
    assert said.outcome == wrong.outcome, said.message
    for words in wrong.says:
        assert words in said.message
    own = re.sub(r"`[^`]*`", "", said.message)
    assert "!" not in own
    assert ".." not in own
    parts = [one.rstrip(".") for one in (said.saw, said.why, said.next_step) if one]
    assert sentences(f"{'. '.join(parts)}.") <= 4


@pytest.mark.parametrize("right", RIGHT.values(), ids=RIGHT.keys())
def test_right_traffic_passes(right: Wrong) -> None:
    """Whatever its form; the twist gets a sentence."""
    said = check(after(right).observe())

    assert isinstance(said, Passed), said.message
    for words in right.says:
        assert words in said.message


def test_a_pass_has_nothing_that_differs_between_runs() -> None:
    """Times, tokens and ids are evidence, not text."""
    said = check(after(RIGHT["plain"]).observe())

    assert list(said.evidence) == list(PROMPTS)
    assert "10 tokens in, 5 out" in said.evidence["Count to 3"]
    assert set(re.findall(r"\d+", str(said))) == {"1", "2", "3", "95"}


def test_the_evidence_is_in_the_order_of_the_answers() -> None:
    """Which need not be that of the requests."""
    learner = after(RIGHT["plain"])
    learner.exchanges[-3] = replace(learner.exchanges[-3], ended_ns=900_000_000)

    assert list(check(learner.observe()).evidence) == [*PROMPTS[1:], PROMPTS[0]]


def test_bodies_that_are_still_on_are_mentioned() -> None:
    """The notebook turns them off at its end."""
    learner = after(RIGHT["plain"])
    learner.place = replace(learner.place, bodies=True)

    assert "`lab.log_bodies(False)`" in check(learner.observe()).message


@pytest.mark.parametrize("wrong", COUNTS, ids=lambda wrong: wrong.id)
def test_a_wrong_difference_is_named(wrong: Wrong) -> None:
    """7.11 and its kind."""
    learner = after(wrong)

    said = judge_count(learner.observe(), learner.answers["7.count"].value)

    assert isinstance(said, NotRight)
    for words in wrong.says:
        assert words in said.message


@pytest.mark.parametrize("value", [3, 3.0, "3", [3]], ids=str)
def test_the_difference_is_the_burst(value: object) -> None:
    """The requests of other steps are not in it."""
    learner = after(counted("right", value))

    assert isinstance(judge_count(learner.observe(), value), Passed)


def test_a_burst_that_ran_twice_counts_twice() -> None:
    """Six is right when the counter was looked at before the first one, three before the second."""
    seen = after(RIGHT["7.10"]).observe()

    assert isinstance(judge_count(seen, 3), Passed)
    assert isinstance(judge_count(seen, 6), Passed)


def test_a_difference_before_the_burst_is_kept() -> None:
    """There is nothing to compare with yet."""
    said = judge_count(Learner(UNPINNED).observe(), 3)

    assert isinstance(said, NotYet)
    assert "kept: `3`" in said.message


@pytest.mark.parametrize(
    ("usages", "which"),
    [
        ([(10, 1), (10, 3), (10, 5)], "output"),
        ([(10, 4), (11, 4), (12, 4)], "input"),
        ([(10, 1), (11, 3), (12, 5)], "both"),
        ([(10, 9), (10, 9), (10, 9)], "neither"),
    ],
)
def test_which_count_varies_is_read_from_the_record(
    usages: list[tuple[int, int]], which: str
) -> None:
    """The published text has it wrong for these prompts; other models may still differ."""
    learner = Learner(UNPINNED).answer("7.varies", which)
    burst()(learner)
    learner.exchanges = [
        replace(one, usage=Usage(*usage))
        for one, usage in zip(learner.exchanges, usages, strict=True)
    ]
    seen = learner.observe()

    assert varying(seen.exchanges) == which
    verdicts = {one.value: VARIES.answered(seen, one.value) for one in VARIES.choices}
    assert [name for name, said in verdicts.items() if isinstance(said, Passed)] == [which]


@pytest.mark.parametrize(
    ("ended_ms", "which"),
    [
        ((600, 600, 600), "longest"),
        ((300, 600, 900), "longest"),  # one model, one after the other: who waits is timed too
        ((610, 620, 1190), "longest"),  # a model with two places
    ],
)
def test_the_total_is_measured_at_the_gateway(ended_ms: tuple[int, ...], which: str) -> None:
    """Whatever the model makes them wait for: the waits go on at the same time."""
    learner = Learner(UNPINNED).answer("7.total", "sum")
    burst()(learner)
    learner.exchanges = [
        replace(one, ended_ns=end * 1_000_000)
        for one, end in zip(learner.exchanges, ended_ms, strict=True)
    ]

    verdicts = {one.value: TOTAL.answered(learner.observe(), one.value) for one in TOTAL.choices}

    assert [name for name, said in verdicts.items() if isinstance(said, Passed)] == [which]
    assert "has two places, the third request waits" in verdicts["sum"].message


def test_requests_that_hardly_overlap_take_about_the_sum() -> None:
    """Measured, not assumed: all three are under way for a moment, the first and the last alone."""
    learner = Learner(UNPINNED).answer("7.total", "sum").together(*PROMPTS, apart_s=0.29)
    learner.exchanges[1] = replace(learner.exchanges[1], ended_ns=300_000_000)

    assert isinstance(TOTAL.answered(learner.observe(), "sum"), Passed)
    assert "hardly overlapped" in TOTAL.answered(learner.observe(), "longest").message


def test_a_prediction_is_about_the_next_burst() -> None:
    """Neither of the two is judged by one that was there before."""
    learner = Learner(UNPINNED)
    burst()(learner)
    learner.now += 60

    for question in (VARIES, TOTAL):
        learner.answer(question.id, "sum" if question is TOTAL else "output")
        assert isinstance(question.answered(learner.observe(), "neither"), NotYet | NotRight)
        said = question.answered(learner.observe(), learner.answers[question.id].value)
        assert isinstance(said, NotYet)


@pytest.mark.parametrize(
    "request_",
    ['{"messages": [{"content": "Count', "[]", '{"messages": []}', '{"messages": [{}]}', None],
)
def test_a_prompt_that_cannot_be_read_is_none(request_: str | None) -> None:
    """Cut short, or never a chat completion."""
    learner = Learner(UNPINNED).send(bodies=Bodies(request_))

    assert prompt_of(learner.exchanges[0]) is None
    assert number_of(learner.exchanges[0]) is None


def test_a_reset_forgets_the_burst() -> None:
    """Begin anew."""
    teacher, learner = lessons(UNPINNED)
    burst()(learner)
    assert isinstance(teacher.check(7), Passed)

    learner.now += 60
    teacher.reset(7)

    assert isinstance(teacher.check(7), NotYet)


def test_the_solution_passes_on_a_real_gateway(running: Running) -> None:
    """Three at the same time, with bodies on meanwhile and off again."""
    desk = Client.find(Path(running.home))
    running.simulator.behaviour = replace(running.simulator.behaviour, delay_s=1.0)
    lessons = Lessons(lambda: desk)
    lessons.skip_to(7)

    solve(desk, more_traffic.STEP)

    said = lessons.check(7)
    assert isinstance(said, Passed), said
    assert "Their prompts count to 1, 2 and 3" in said.message
    assert not desk.observation().place.bodies
