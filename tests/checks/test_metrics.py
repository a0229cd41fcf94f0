"""Step 4: numbers from the metrics, compared with the samples and with what was recorded."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from checks.llm_routing.metric_questions import QUESTIONS
from checks.llm_routing.metrics import answers, check
from checks.verdict import NotRight, Passed, Unpassed, Verdict
from labgateway.lab.metric_frames import sample_frame
from tests.checks.learner import Learner
from tests.checks.test_request import sentences
from tests.checks.wrong_lines import observed
from tests.checks.wrong_numbers import (
    FIRST,
    GPT,
    MINI,
    RIGHT,
    SECOND,
    STRAY,
    TRAFFIC,
    WRONG,
    restarted,
)
from tests.checks.wrong_requests import Wrong, raised, sent
from tests.conftest import Running

BY_ID = {one.id: one for one in QUESTIONS}
USAGE = "agentgateway_gen_ai_client_token_usage"


def verdict(learner: Learner) -> Verdict:
    """Step 4's."""
    return check(learner.observe())


def answered(learner: Learner, question: str, value: object) -> Verdict:
    """What ``answer`` says."""
    learner.answer(question, value)
    return BY_ID[question].answered(learner.observe(), learner.answers[question].value)


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


def test_both_answers_pass() -> None:
    """The numbers are evidence; nothing in the text differs between runs."""
    said = verdict(observed(*RIGHT))

    assert isinstance(said, Passed), said.message
    assert said.evidence["one more request"] == {"_count": 1, "_sum": 27}
    assert said.evidence["output tokens by model"] == {GPT: 34, MINI: 27}
    assert not re.search(r"\d", str(said))


@pytest.mark.parametrize(
    "later",
    [(SECOND, STRAY), (restarted,), (restarted, FIRST), (raised("NameError", "name 'x'"),)],
    ids=["traffic", "a restart", "a restart and traffic", "an exception"],
)
def test_what_comes_later_does_not_undo_a_pass(later: Any) -> None:
    """An answer is about what the metrics said when it was given."""
    assert isinstance(verdict(observed(*RIGHT, *later)), Passed)


def test_counters_begin_anew_with_the_gateway() -> None:
    """Tokens of before its start are in the log and not in the metrics."""
    learner = observed(FIRST, restarted, SECOND)

    assert isinstance(answered(learner, "4.output", {GPT: 34, MINI: 27}), NotRight)
    assert isinstance(answered(learner, "4.output", {MINI: 27}), Passed)


def frame_of(learner: Learner) -> pd.DataFrame:
    """``lab.metrics()``."""
    return sample_frame(learner.observe().samples)


def output(learner: Learner, ending: str = "sum") -> pd.DataFrame:
    """The rows that are asked for."""
    frame = frame_of(learner)
    named = frame["name"] == f"{USAGE}_{ending}"
    return frame[named & (frame["gen_ai_token_type"] == "output")]


def test_tokens_by_model_may_be_any_kind_of_table() -> None:
    """A Series, a frame of two columns, a dict with numpy's numbers."""
    learner = observed(*TRAFFIC)
    by_model = output(learner).groupby("gen_ai_response_model")["value"].sum()
    for value in (
        by_model,
        by_model.reset_index(),
        output(learner),
        dict(by_model),
        by_model.astype("Int64").to_dict(),
    ):
        assert isinstance(answered(learner, "4.output", value), Passed)


def test_the_bill_is_by_the_model_that_answered() -> None:
    """Grouped by the other label, unless the two have the same names."""
    learner, same = observed(*TRAFFIC), observed(sent(response_model="gpt-4o-mini"))
    by_sent = [
        output(one).groupby("gen_ai_request_model")["value"].sum() for one in (learner, same)
    ]

    said = answered(learner, "4.output", by_sent[0])

    assert isinstance(said, NotRight)
    assert "by the model that was sent" in said.message
    assert isinstance(answered(same, "4.output", by_sent[1]), Passed)


def test_a_whole_frame_is_no_answer() -> None:
    """It has numbers that are none, and no answer is lost for that."""
    learner = observed(*TRAFFIC)
    for question in ("4.delta", "4.output", "4.calls", "4.cost", "4.pattern"):
        said = answered(learner, question, frame_of(learner))
        assert isinstance(said, NotRight)
        assert json.dumps(learner.answers[question].value, allow_nan=False)


def test_one_model_needs_no_name() -> None:
    """There is nothing to tell apart."""
    learner = observed(FIRST)
    assert isinstance(answered(learner, "4.output", np.float64(34)), Passed)
    assert isinstance(answered(learner, "4.output", 35), NotRight)


def test_the_mistakes_of_a_frame_are_those_in_the_table() -> None:
    """A learner who forgets a filter gets the numbers that the check knows."""
    learner = observed(*TRAFFIC)
    frame = frame_of(learner)
    outputs = frame[(frame["family"] == USAGE) & (frame["gen_ai_token_type"] == "output")]
    sums = frame[frame["name"] == f"{USAGE}_sum"]
    buckets = outputs[outputs["name"] == f"{USAGE}_bucket"]
    for rows, words in (
        (outputs, "all rows of output tokens"),
        (frame[frame["family"] == USAGE], "all rows of the family"),
        (sums, "mix all types"),
        (buckets, "added up buckets"),
        (output(learner, "count"), "counts of requests"),
    ):
        said = answered(learner, "4.output", rows.groupby("gen_ai_response_model")["value"].sum())
        assert words in said.message


def test_the_change_may_be_a_series() -> None:
    """The difference of two frames by name, buckets included."""
    learner = observed(*TRAFFIC)
    before = frame_of(learner)
    learner.send(usage=learner.exchanges[0].usage)
    after = frame_of(learner)
    read = [
        one[(one["family"] == USAGE) & (one["gen_ai_token_type"] == "output")]
        .groupby("name")["value"]
        .sum()
        for one in (before, after)
    ]

    assert isinstance(answered(learner, "4.delta", read[1] - read[0]), Passed)
    assert isinstance(answered(learner, "4.delta", ("1", np.int64(34))), Passed)


def test_the_real_gateway_counts_what_the_step_asks_for(routed: Running) -> None:
    """Samples, log and response agree."""
    for model in ("gpt-4o", "gpt-4o-mini", "gpt-4o"):
        usage = routed.ask(model=model).json()["usage"]
    learner = Learner()
    learner.exchanges = routed.exchanges
    learner.metrics = routed.gateway.metrics
    learner.now = routed.exchanges[-1].started
    right = answers(learner.observe())

    assert right["4.delta"] == [1, usage["completion_tokens"]]
    assert right["4.output"] == dict(
        output(learner).groupby("gen_ai_response_model")["value"].sum()
    )
    for question, value in right.items():
        assert isinstance(answered(learner, question, value), Passed)
