"""A right answer is right in any spelling, and a spelling makes no wrong answer right."""

from __future__ import annotations

import pytest

from checks.challenge import Question
from checks.llm_routing import CHALLENGE
from checks.spelling import entries, number
from checks.verdict import Kept, NotRight, NotYet, Passed
from labgateway.decisions.chat import Usage
from tests.checks.learner import Learner
from tests.checks.texts import UNPINNED

QUESTIONS = {one.id: one for step in CHALLENGE.steps for one in step.questions}
USED = "SmolLM2-135M-Instruct"
TRACE = f"{0:032x}"


def learner() -> Learner:
    """Who has sent one request, of 1,040 and 3,500 tokens."""
    return Learner(UNPINNED).send(usage=Usage(1040, 3500))


def answered(question: Question, value: object) -> object:
    """The class of the verdict."""
    made = learner().answer(question.id, value)
    return type(question.answered(made.observe(), made.answers[question.id].value))


@pytest.mark.parametrize(
    ("id_", "value"),
    [
        ("1.credential", "agentgatewaybackend"),
        ("1.credential", "Agentgateway Backend"),
        ("1.credential", "AgentgatewayBackend/openai-all-models"),
        ("2.key", "the gateway."),
        ("2.key", "`gateway`"),
        ("3.bodies", "it is switched OFF"),
        ("3.key", None),
        ("3.trace", f"trace.id: {TRACE}"),
        ("3.models", f"gpt-4o-mini, {USED}"),
        ("3.models", f"gpt-4o-mini / {USED.lower()}"),
        ("3.models", ["'gpt-4o-mini'", f" {USED} "]),
        ("3.tokens", ["1,040", "3 500"]),
        ("3.tokens", "1,040 3,500"),
        ("3.tokens", "1040,3500"),
        ("3.tokens", ["1040 tokens", "3_500 tokens"]),
        ("4.pattern", 'curl -s "$URL" | grep -E "token_usage_(sum|count)" | head -20'),
        ("4.pattern", "grep -E token_usage_sum | head"),
        ("4.pattern", "'token_usage_sum'"),
        ("4.calls", "1 request"),
        ("4.delta", ["1", "3,500"]),
        ("4.delta", "1, 3500"),
        ("4.output", "3,500 tokens"),
        ("4.output", {USED.upper(): "3,500"}),
        ("4.output", [USED, 3500]),
        ("4.output", [(USED, 3500)]),
        ("4.cost", "$0.002256"),
        ("4.cost", "0,002256 dollars"),
        ("4.rate", "I can't tell"),
        ("4.asked", "No."),
        ("5.overhead", "12.0 ms"),
        ("5.overhead", "0.012 s"),
        ("5.overhead", "12000 µs"),
        ("7.waited", "612 ms"),
        ("7.waited", 612.0),
        ("7.waited", [612]),
    ],
)
def test_a_right_answer_may_be_spelt_in_many_ways(id_: str, value: object) -> None:
    """Units, separators, quotes, case, a list or a text."""
    assert answered(QUESTIONS[id_], value) is Passed


@pytest.mark.parametrize(
    ("id_", "value", "outcome"),
    [
        ("1.predict", "HTTP 500", Kept),
        ("1.predict", "404 or 500", NotRight),
        ("1.predict", "", NotYet),
        ("1.model", "gpt4o", Kept),
        ("1.model", "gpt-4o-mini-2024-07-18", NotRight),
        ("2.key", "not the gateway", NotRight),
        ("2.key", "agentgateway", NotRight),
        ("2.key", ["gateway", "client"], NotRight),
        ("3.tokens", ["1.040", "3.500"], NotRight),
        ("3.tokens", "1,040", NotRight),
        ("3.models", [1, 2], NotRight),
        ("4.cost", 0.0023, NotRight),
        ("4.cost", 0.2256, NotRight),
        ("5.overhead", "12.0 s", NotRight),
        ("7.waited", "61.2", NotRight),
        ("7.waited", "0.612 s", NotRight),
        ("7.waited", 1202, NotRight),
    ],
)
def test_no_spelling_makes_another_answer_right(id_: str, value: object, outcome: type) -> None:
    """Two choices at once, a denied one, a name that begins like one, another unit."""
    assert answered(QUESTIONS[id_], value) is outcome


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234", 1234.0),
        ("12 345.5", 12345.5),
        ("0,5", 0.5),
        ("0.001", 0.001),
        ("1,2345", 1.2345),
        ("-3", -3.0),
        ("1e-3", 0.001),
        ("~ 7 requests", 7.0),
        ("7 cents", None),
        ("seven", None),
        ("", None),
        (True, None),
        (None, None),
    ],
)
def test_numbers_are_read_as_people_write_them(text: object, value: float | None) -> None:
    """Thousands and decimals by where they stand; an unknown word is no unit."""
    assert number(text) == value


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("a, b", ["a", "b"]),
        ("[1,040, 3,500]", ["1,040", "3,500"]),
        ("1,234", ["1", "234"]),
        ({"x": 1, "y": 2}, [1, 2]),
        (("'a'", 2), ["a", 2]),
        ("a", ["a"]),
        (5, [5]),
    ],
)
def test_a_list_may_be_a_text(value: object, parts: list[object]) -> None:
    """A comma before three digits parts nothing, unless it is the only one."""
    assert entries(value) == parts
