"""Tokens in four places: said to be equal where they are, and different where they are not."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from labgateway.decisions.access_log import log_record
from labgateway.decisions.chat import Usage
from labgateway.decisions.exchange import BODY_CHARACTERS, Bodies, Exchange
from labgateway.decisions.metric_families import moved_by
from labgateway.decisions.spans import spans_of
from labgateway.decisions.token_agreement import Tokens, said_usage, tokens_in
from tests.decisions.exchanged import ANSWERED, REFUSED

CALLED = replace(ANSWERED, sent_ns=1_000_000, received_ns=800_000_000)
SAID = json.dumps({"usage": {"prompt_tokens": 12, "completion_tokens": 34}})


def tokens(exchange: Exchange) -> tuple[Tokens, ...]:
    """What the four places say of an exchange."""
    return tokens_in(exchange, log_record(exchange), moved_by(exchange), spans_of(exchange))


def answered(response: str, **changes: object) -> Exchange:
    """An exchange whose answer was kept."""
    return replace(CALLED, bodies=Bodies(None, None, response), **changes)  # type: ignore[arg-type]


def test_four_places_say_the_same() -> None:
    """Cached tokens have a row where there are any."""
    assert tokens(CALLED) == (
        Tokens("input", 12, 12, 12, 12),
        Tokens("output", 34, 34, 34, 34),
        Tokens("input from cache", 5, 5, 5, 5),
    )
    without = tokens(replace(CALLED, usage=Usage(12, 34, 0)))
    assert [one.kind for one in without] == ["input", "output"]
    assert all(one.equal for one in tokens(CALLED))


def test_nobody_counts_tokens_of_a_request_that_reached_no_model() -> None:
    """None, which is not 0."""
    assert tokens(REFUSED) == (
        Tokens("input", None, None, None, None),
        Tokens("output", None, None, None, None),
    )


def test_a_place_that_says_something_else_shows() -> None:
    """The answer that was kept is read again, so that the log is not compared with itself."""
    other = answered(SAID.replace("34", "35"), usage=Usage(12, 34, None))
    assert tokens(other)[1] == Tokens("output", 35, 34, 34, 34)
    assert [one.equal for one in tokens(other)] == [True, False]
    missing = answered(SAID, usage=Usage(12, 34, 5))
    assert tokens(missing)[2] == Tokens("input from cache", None, 5, 5, 5)


@pytest.mark.parametrize(
    ("response", "said"),
    [
        (SAID, Usage(12, 34)),
        (f'data: {{"choices": []}}\n\ndata: {SAID}\n\ndata: [DONE]\n\n', Usage(12, 34)),
        ('data: {"choices": []}\n\n', Usage()),
        ("[]", None),
        (SAID + " " * BODY_CHARACTERS, None),
    ],
)
def test_usage_is_read_from_an_answer_that_was_kept_whole(
    response: str, said: Usage | None
) -> None:
    """As JSON or as events, whatever was asked for."""
    assert said_usage(answered(response)) == said


def test_usage_is_read_from_no_error() -> None:
    """The gateway reads none there either."""
    assert said_usage(answered(SAID, status=429)) is None
    assert said_usage(CALLED) is None
