"""Step 3: what was read from the line of one's own request, compared with what was recorded."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from checks.llm_routing import access_log, line_questions
from checks.llm_routing.access_log import check
from checks.verdict import NotRight, NotYet, Passed, Unpassed, Verdict
from labgateway.decisions.access_log import to_record
from labgateway.decisions.chat import Usage
from labgateway.lab.frames import log_frame
from tests.checks.desk import lessons
from tests.checks.learner import Learner
from tests.checks.test_request import sentences
from tests.checks.texts import UNPINNED
from tests.checks.wrong_lines import (
    AGAIN,
    ASKED,
    SENT,
    USED,
    WRONG,
    hands_in,
    names,
    observed,
    right,
    trace,
)
from tests.checks.wrong_requests import Wrong, raised, sent
from tests.conftest import Running

BY_ID = {one.id: one for one in line_questions.QUESTIONS}


def verdict(learner: Learner) -> Verdict:
    """Step 3's."""
    return check(learner.observe())


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.id)
def test_a_wrong_answer_is_explained(wrong: Wrong) -> None:
    """In at most four sentences, calmly, without the answer."""
    said = verdict(observed(*wrong.acts))

    assert said.outcome == wrong.outcome, said.message
    for words in wrong.says:
        assert words in said.message
    assert isinstance(said, Unpassed)
    own = re.sub(r"`[^`]*`", "", said.message)
    assert "!" not in own
    assert ".." not in own
    assert sentences(said.message) <= 4


@pytest.mark.parametrize(
    "wrong", [one for one in WRONG if one.outcome == "not_right"], ids=lambda wrong: wrong.id
)
def test_the_answer_itself_is_told_the_same(wrong: Wrong) -> None:
    """The check repeats what `answer` said at once, and gives neither id nor number away."""
    learner = observed(*wrong.acts)
    (question,) = (one for one in learner.answers if one != "3.trace" or len(learner.answers) == 1)

    said = BY_ID[question].answered(learner.observe(), learner.answers[question].value)

    assert said == verdict(learner)
    assert said.outcome == "not_right"
    recorded = learner.exchanges[-1]
    for secret in (recorded.trace_id, f"{recorded.usage.output_tokens}`"):
        assert secret not in said.message


def test_all_three_answers_pass() -> None:
    """The line is evidence; nothing in the text differs between runs."""
    said = verdict(observed(*right()))

    assert isinstance(said, Passed), said.message
    assert said.evidence["gen_ai.usage.output_tokens"] == 34
    assert said.evidence["trace.id"] == "0" * 32
    assert not re.search(r"\d\d", str(said))


@pytest.mark.parametrize(
    "later",
    [
        (AGAIN,),
        (sent("/openaix", 404, error="route not found"), sent("/local")),
        (raised("NameError", "name 'x'"),),
    ],
    ids=["another request", "a stray one", "an exception"],
)
def test_what_comes_later_does_not_undo_a_pass(later: Any) -> None:
    """An answer is about what was there when it was given."""
    assert isinstance(verdict(observed(*right(*later))), Passed)


def test_the_trace_id_says_which_line_is_meant() -> None:
    """Another request came before the tokens were read; the first one's are asked for."""
    acts = (ASKED, names(trace), AGAIN, hands_in("3.models", [SENT, USED]))

    assert isinstance(verdict(observed(*acts, hands_in("3.tokens", [12, 34]))), Passed)


@pytest.mark.parametrize(
    ("question", "value"), [("3.models", [SENT, USED]), ("3.tokens", [12, 34])]
)
def test_an_answer_without_a_line_is_told_so(question: str, value: object) -> None:
    """Nothing to compare with."""
    learner = Learner().answer(question, value)

    assert isinstance(BY_ID[question].answered(learner.observe(), value), NotYet)
    assert access_log.answers(learner.observe()) == {}


def test_bodies_that_are_still_kept_are_mentioned() -> None:
    """The notebook turns them on; a pass reminds of it."""
    learner = observed(*right())
    learner.place = replace(learner.place, bodies=True)

    assert "`lab.log_bodies(False)`" in verdict(learner).message


def test_a_reset_begins_anew() -> None:
    """A line from before it is none."""
    learner = observed(*right())
    learner.reset_at["llm-routing/3"] = learner.now + 1

    assert isinstance(verdict(learner), NotYet)
    said = verdict(learner.send().answer("3.trace", "0" * 32))
    assert isinstance(said, NotRight)
    assert "before you began the step again" in said.message


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("3.trace", " 0000000000000000000000000000000A ".upper()),
        ("3.trace", ["0000000000000000000000000000000a"]),
        ("3.trace", pd.Series({"trace.id": "0000000000000000000000000000000a"})),
        ("3.trace", pd.Series(["0000000000000000000000000000000a"])),
        ("3.models", (SENT, USED.casefold())),
        ("3.models", np.array([SENT, USED])),
        ("3.models", pd.Series({"gen_ai.response.model": USED, "gen_ai.request.model": SENT})),
        ("3.tokens", ["12", 34.0]),
        ("3.tokens", (np.int64(12), np.int64(34))),
        ("3.tokens", pd.array([12, 34], dtype="Int64")),
        ("3.tokens", pd.Series([12, 34], dtype="Int64")),
        (
            "3.tokens",
            pd.Series({"gen_ai.usage.input_tokens": 12, "gen_ai.usage.output_tokens": 34}),
        ),
    ],
    ids=repr,
)
def test_the_form_of_an_answer_does_not_matter(question: str, value: object) -> None:
    """Text or number, tuple, array or Series."""
    learner = observed(sent(request_model=SENT, trace_id="0000000000000000000000000000000a"))

    learner.answer(question, value)

    said = BY_ID[question].answered(learner.observe(), learner.answers[question].value)
    assert isinstance(said, Passed), said.message


def test_a_whole_line_or_frame_is_not_picked_from() -> None:
    """Nor are prompts kept with it."""
    learner = observed(ASKED)
    frame = log_frame([to_record(one) for one in learner.exchanges])
    frame["request.body"] = "private"
    for question in ("3.trace", "3.models", "3.tokens"):
        for value in (frame, frame.iloc[-1], frame["trace.id"].to_frame()):
            learner.answer(question, value)
            kept = learner.answers[question].value
            said = BY_ID[question].answered(learner.observe(), kept)
            assert "private" not in repr(kept)
            assert isinstance(said, NotRight) or "trace.id" in repr(kept)


@pytest.mark.parametrize(
    ("usage", "larger"), [((12, 34), "output"), ((34, 12), "input"), ((7, 7), "equal")]
)
def test_the_prediction_is_judged_by_ones_own_request(usage: tuple[int, int], larger: str) -> None:
    """Whichever side was larger."""
    learner = Learner(UNPINNED).answer("3.predict", larger)
    seen = learner.send("/local").send(usage=Usage(*usage)).observe()

    said = [one.value for one in BY_ID["3.predict"].choices if _passes(seen, one.value)]

    assert said == [larger]


def _passes(seen: Any, value: object) -> bool:
    return isinstance(BY_ID["3.predict"].answered(seen, value), Passed)


def test_a_prediction_waits_for_the_next_request() -> None:
    """What was sent before it does not tell; answered again, it is about the same request."""
    more_read, more_written = sent(usage=Usage(9, 5)), sent(usage=Usage(5, 9))
    teacher, learner = lessons(UNPINNED)
    more_read(learner)

    said = teacher.answer("3.predict", "input")
    more_written(learner)
    learner.answer("3.trace", learner.exchanges[-1].trace_id)
    learner.answer("3.models", ["gpt-4o-mini", USED]).answer("3.tokens", [5, 9])

    assert isinstance(said, NotYet)
    assert "kept: `input`. Now send your request" in said.message
    assert "`3.predict`: You predicted `input`, and it was `output`" in teacher.check(3).message
    assert "longer than one short question" in teacher.answer("3.predict", "input").message
    assert isinstance(teacher.answer("3.predict", "output"), Passed)


def test_without_a_key_in_the_log_all_is_well() -> None:
    """3.14: whoever looks for it and finds none is right."""
    teacher, _ = lessons(UNPINNED)

    assert isinstance(teacher.answer("3.key", "none"), Passed)
    assert "no headers" in teacher.answer("3.key", "authorization").message
    assert "Nothing is" in teacher.answer("3.bodies", "broken").message


def test_the_real_gateway_records_what_the_step_asks_for(routed: Running) -> None:
    """Response header, line and answers agree."""
    reply = routed.ask()
    learner = Learner(UNPINNED)
    learner.exchanges = routed.exchanges
    learner.now = routed.exchanges[-1].started
    usage = reply.json()["usage"]

    learner.answer("3.trace", reply.headers["x-trace-id"])
    learner.answer("3.models", ["gpt-4o-mini", reply.json()["model"]])
    learner.answer("3.tokens", [usage["prompt_tokens"], usage["completion_tokens"]])

    assert isinstance(verdict(learner), Passed)
