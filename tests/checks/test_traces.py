"""Step 5: a trace that began in the learner's code, judged by the spans that came in."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from checks.llm_routing import CHALLENGE, traces
from checks.llm_routing.overhead import judge_overhead
from checks.llm_routing.span_times import judge_longest, kept_span
from checks.llm_routing.traces import check
from checks.runner import Lessons
from checks.verdict import NotRight, NotYet, Passed, Unpassed
from labgateway.decisions.spans import Span
from labgateway.lab.client import Client
from labgateway.memory.doings import Answer
from tests.checks.learner import Learner
from tests.checks.test_request import sentences
from tests.checks.texts import UNPINNED
from tests.checks.wrong_requests import Wrong
from tests.checks.wrong_traces import CHAT, WRONG, after
from tests.conftest import Running

ROOT_MS, CALL_MS = 600.0, 588.0  # the learner's marks


def whole() -> Learner:
    """A learner with one trace of five stages."""
    return Learner(UNPINNED).traced()


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.id)
def test_a_wrong_trace_is_explained(wrong: Wrong) -> None:
    """The message names what was seen and the next step, calmly and briefly."""
    said = check(after(wrong).observe())

    assert isinstance(said, Unpassed)
    assert said.outcome == wrong.outcome, said.message
    for words in wrong.says:
        assert words in said.message
    assert "!" not in re.sub(r"`[^`]*`", "", said.message)
    assert ".." not in said.message
    parts = [one.rstrip(".") for one in (said.saw, said.why, said.next_step) if one]
    assert sentences(f"{'. '.join(parts)}.") <= 4


@pytest.mark.parametrize(
    "value",
    [CHAT, "chat", "Chat GPT-4o-mini ", "provider call", {"name": CHAT}, [{"name": CHAT}]],
    ids=str,
)
def test_the_longest_span_passes_in_any_form(value: object) -> None:
    """Its name, its first word, the stage's name, or a row of the table."""
    said = check(whole().answer("5.longest", value).observe())

    assert isinstance(said, Passed), said.message
    assert "five stages" in said.message


def test_a_span_itself_can_be_handed_in() -> None:
    """As ``lab.spans`` gives it; only name and id are kept."""
    span = Span("a" * 32, "b" * 16, None, CHAT, "CLIENT", 0, 1)

    assert kept_span(span) == {"name": CHAT, "span_id": "b" * 16}


def test_a_pass_has_nothing_that_differs_between_runs() -> None:
    """Ids and times are evidence, not text."""
    said = check(whole().answer("5.longest", "chat").observe())

    assert said.evidence["overhead"] == "12.000 ms"
    assert f"{0:015x}c" in said.evidence["ask"]
    assert not re.search(r"\d", str(said))


def test_a_span_of_another_kind_passes_with_a_word_about_it() -> None:
    """INTERNAL is the SDK's default."""
    learner = whole().answer("5.longest", "chat")
    learner.spans[-1] = replace(learner.spans[-1], kind="INTERNAL")

    said = check(learner.observe())

    assert isinstance(said, Passed)
    assert "has the kind INTERNAL" in said.message


def test_bodies_that_are_still_on_are_mentioned() -> None:
    """Nobody should leave them on by accident."""
    learner = whole().answer("5.longest", "chat")
    learner.place = replace(learner.place, bodies=True)

    assert "`lab.log_bodies(False)`" in check(learner.observe()).message


def test_later_requests_do_not_undo_a_pass() -> None:
    """The notebook goes on with a stream and an error."""
    learner = whole().answer("5.longest", "chat").send()
    learner.send("/openai", 404, error="route not found")

    assert isinstance(check(learner.observe()), Passed)


def test_an_earlier_attempt_without_a_span_is_forgotten() -> None:
    """Only what came closest is spoken of."""
    learner = Learner(UNPINNED).send().traced().send().answer("5.longest", "chat")

    assert isinstance(check(learner.observe()), Passed)


def test_an_exception_after_the_answer_comes_first_only_while_something_is_wrong() -> None:
    """A later cell that raises does not undo a pass."""
    wrong = whole().answer("5.longest", "route").cell_raised("NameError", "name 'x'")
    right = whole().answer("5.longest", "chat").cell_raised("NameError", "name 'x'")

    assert check(wrong.observe()).outcome == "raised"
    assert isinstance(check(right.observe()), Passed)


@pytest.mark.parametrize("value", [12, "12", 11.7, 12.4, [12.0]], ids=str)
def test_the_overhead_is_root_less_provider_call(value: object) -> None:
    """In milliseconds, to two figures."""
    said = judge_overhead(whole().observe(), value)

    assert isinstance(said, Passed), said.message


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (ROOT_MS + CALL_MS, "counts the provider call twice"),
        ((ROOT_MS + CALL_MS) / 1e3, "counts the provider call twice"),
        (CALL_MS - ROOT_MS, "negative time"),
        (ROOT_MS, "whole root span"),
        (CALL_MS, "provider call alone"),
        (610 - CALL_MS, "way to the gateway"),
        (610, "your own span, from your client's"),
        (2, "share in per cent"),
        (0, "does not work in no time"),
        (0.012, "the right time in seconds"),
        (9, "`route` and `response` added up"),
        (0.009, "added up, in seconds"),
        (13, "two figures"),
        (77, "take one from the other"),
        ("long", "not a number"),
        (None, "not a number"),
    ],
)
def test_a_wrong_overhead_is_named(value: object, words: str) -> None:
    """5.7, 5.8 and their kind."""
    said = judge_overhead(whole().observe(), value)

    assert isinstance(said, NotRight)
    assert words in said.message


@pytest.mark.parametrize(
    ("value", "outcome", "words"),
    [
        (1.02, "passed", ""),
        (1, "passed", ""),
        ("0.98", "passed", ""),
        (0.9, "not_right", "two figures"),
        (2, "not_right", "two figures"),
        (0, "not_right", "does not work in no time"),
        (0.00102, "not_right", "the right time in seconds"),
        (0.001, "not_right", "the right time in seconds"),
        (0.34, "not_right", "`route` and `response` added up"),
        (0.17, "not_right", "share in per cent"),
    ],
)
def test_an_overhead_of_a_millisecond_is_judged_as_closely(
    value: object, outcome: str, words: str
) -> None:
    """1 is what 1.02 is rounded to; 0, and a time in seconds, are other mistakes than a share."""
    marks: dict[str, Any] = {"selected_ns": 120_000, "sent_ns": 800_000, "received_ns": 599_780_000}
    learner = Learner(UNPINNED).traced(**marks)

    said = judge_overhead(learner.observe(), value)

    assert said.outcome == outcome, said.message
    assert words in said.message


def test_answers_before_a_request_are_kept() -> None:
    """There is nothing to compare with yet."""
    seen = Learner(UNPINNED).observe()

    for said in (judge_longest(seen, "chat"), judge_overhead(seen, 12)):
        assert isinstance(said, NotYet)
        assert "kept" in said.message


def test_an_answer_is_about_the_trace_before_it() -> None:
    """A later request with other times does not make it wrong."""
    learner = whole().answer("5.overhead", 12).traced(sent_ns=300_000_000)

    assert isinstance(judge_overhead(learner.observe(), 12), Passed)


def test_an_answer_counts_against_a_trace_without_a_client() -> None:
    """The worked example's reading comes before the learner's own span."""
    learner = Learner(UNPINNED).send()
    learner.answers["5.longest"] = Answer("chat", learner.now)

    assert isinstance(judge_longest(learner.observe(), "chat"), Passed)


def test_the_solution_passes_on_a_real_gateway(running: Running) -> None:
    """Skipping sends a span of the OpenTelemetry SDK, and the check finds it."""
    lessons = Lessons(lambda: Client.find(Path(running.home)))

    lessons.skip_to(7)

    assert isinstance(lessons.check(5), Passed), lessons.check(5)
    assert traces.STEP in CHALLENGE.steps


def test_an_overhead_of_another_trace_is_told_apart() -> None:
    """The worked example has one, too."""
    learner = Learner(UNPINNED).send("/local", sent_ns=200_000_000).traced()

    said = judge_overhead(learner.observe(), 208)

    assert isinstance(said, NotRight)
    assert "what the gateway took of another request" in said.message
