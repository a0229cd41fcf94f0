"""Step 4's questions beside its task: calls, the pattern for grep, what a request cost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from checks.llm_routing.metric_pattern import PUBLISHED
from checks.llm_routing.metrics import answers
from checks.verdict import NotYet, Passed
from labgateway.decisions.chat import Usage
from tests.checks.learner import Learner
from tests.checks.test_metrics import USAGE, answered
from tests.checks.wrong_lines import observed
from tests.checks.wrong_numbers import STRAY, TRAFFIC
from tests.checks.wrong_requests import sent


@pytest.mark.parametrize(
    ("given", "outcome", "words"),
    [
        (2, "passed", "`requests_total`"),
        ("2", "passed", ""),
        (np.float64(2.0), "passed", ""),
        (pd.Series([2.0]), "passed", ""),
        (3, "not_right", "`3` counts every request, 1 of which reached no model"),
        (5, "not_right", "once for every type of token"),
        (1.79e9, "not_right", "a Unix time"),
        (7, "not_right", "`7` is not the number"),
        ("two", "not_right", "not one number"),
        ([1, 2], "not_right", "not one number"),
    ],
)
def test_requests_that_reached_a_model(given: object, outcome: str, words: str) -> None:
    """4.10: a 404 is none."""
    said = answered(observed(*TRAFFIC), "4.calls", given)

    assert said.outcome == outcome, said.message
    assert words in said.message


def test_calls_need_a_call() -> None:
    """Before any traffic, and after a 404 alone."""
    assert isinstance(answered(Learner(), "4.calls", 1), NotYet)
    assert isinstance(answered(observed(STRAY), "4.calls", 3), NotYet)


@pytest.mark.parametrize(
    ("pattern", "outcome", "words"),
    [
        (PUBLISHED, "not_right", "No line about tokens gets through"),
        ("agentgateway_(request|.*token)", "not_right", "`head` cuts after 20"),
        ("agentgateway", "not_right", "`head` cuts after 20"),
        (f"{USAGE}_bucket", "not_right", "only buckets"),
        ("tokens?_total", "not_right", "No line about tokens"),
        ("(", "not_right", "no pattern"),
        (3, "not_right", "no pattern"),
        ("x" * 300, "not_right", "no pattern"),
        ("agentgateway_(requests_total|gen_ai_client_token_usage_(sum|count))", "passed", "gen_ai"),
        ("token_usage", "passed", "gen_ai"),
        ('grep -E "token_usage" | head -20', "passed", "gen_ai"),
        (f"^{USAGE}_sum", "passed", "gen_ai"),
    ],
)
def test_a_pattern_is_tried_on_the_lines(pattern: object, outcome: str, words: str) -> None:
    """4.4: what `head` cuts off is not seen."""
    said = answered(observed(*TRAFFIC), "4.pattern", pattern)

    assert said.outcome == outcome, said.message
    assert words in said.message


def test_a_pattern_is_kept_until_there_are_lines() -> None:
    """Nothing can match yet."""
    assert isinstance(answered(Learner(), "4.pattern", "token_usage"), NotYet)


@pytest.mark.parametrize(
    ("dollars", "outcome", "words"),
    [
        ((20 * 0.15 + 27 * 0.60) / 1e6, "passed", "what it cost"),
        ("0.0000192", "passed", ""),
        ("0.000019", "not_right", "did not cost that much"),
        ((18 * 0.15 + 34 * 0.60) / 1e6, "not_right", "did not cost that much"),
        ((20 * 0.60 + 27 * 0.15) / 1e6, "not_right", "crosswise"),
        (20 * 0.15 + 27 * 0.60, "not_right", "the size is not"),
        ((20 * 0.15 + 27 * 0.60) / 1e3, "not_right", "the size is not"),
        (47 * 0.60 / 1e6, "not_right", "the same price"),
        (1.0, "not_right", "did not cost that much"),
        ("a lot", "not_right", "not a number"),
    ],
)
def test_a_cost_is_worked_out_from_both_prices(dollars: object, outcome: str, words: str) -> None:
    """4.17."""
    said = answered(observed(*TRAFFIC), "4.cost", dollars)

    assert said.outcome == outcome, said.message
    assert words in said.message


def test_prices_the_wrong_way_round_are_not_right_by_chance() -> None:
    """Another request of the log has cost just that."""
    learner = observed(sent(usage=Usage(27, 20)), *TRAFFIC)

    said = answered(learner, "4.cost", (20 * 0.60 + 27 * 0.15) / 1e6)

    assert "crosswise" in said.message


def test_the_last_request_may_be_that_of_the_worked_example() -> None:
    """The question names the last one; the learner's own route is what the notebook means."""
    learner = observed(*TRAFFIC, sent("/local", usage=Usage(7, 3)))

    for usage in (Usage(20, 27), Usage(7, 3)):
        dollars = ((usage.input_tokens or 0) * 0.15 + (usage.output_tokens or 0) * 0.60) / 1e6
        assert isinstance(answered(learner, "4.cost", dollars), Passed)


def test_nothing_costs_nothing() -> None:
    """No request, no cost, and no solution either."""
    assert answers(Learner().observe()) == {}
    assert isinstance(answered(Learner(), "4.cost", 0.1), NotYet)
