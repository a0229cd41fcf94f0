"""Answers of the provider: model, id and usage."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labgateway.decisions.chat import (
    ChatAnswer,
    Usage,
    answer_of,
    read_answer,
)
from labgateway.words.errors import LLMResponseUnreadable

ANSWER: dict[str, Any] = {
    "id": "chatcmpl-1",
    "model": "gpt-4o-mini-2024-07-18",
    "choices": [],
    "usage": {
        "prompt_tokens": 12,
        "completion_tokens": 5,
        "total_tokens": 17,
        "prompt_tokens_details": {"cached_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 2},
    },
}


def test_an_answer_is_read_for_model_id_and_usage() -> None:
    """Details included."""
    assert read_answer(json.dumps(ANSWER).encode()) == ChatAnswer(
        "gpt-4o-mini-2024-07-18", "chatcmpl-1", Usage(12, 5, 4, 2)
    )


@pytest.mark.parametrize(
    "usage",
    [
        None,
        "12",
        [],
        {},
        {"prompt_tokens": None},
        {"prompt_tokens": "12"},
        {"prompt_tokens": 1.5},
        {"prompt_tokens": True},
        {"prompt_tokens": -1},
        {"prompt_tokens": 10**400},
    ],
)
def test_unknown_usage_is_not_zero(usage: Any) -> None:
    """None (F23), also where the provider says what no count can be."""
    assert answer_of({"usage": usage}) == ChatAnswer()
    assert answer_of({"usage": {"prompt_tokens": 0}}).usage.input_tokens == 0


def test_odd_details_do_not_hide_the_counts() -> None:
    """``null`` or a list where an object is expected."""
    usage = {"prompt_tokens": 1, "prompt_tokens_details": None, "completion_tokens_details": [1]}
    assert answer_of({"usage": usage}).usage == Usage(1)


def test_what_is_remembered_of_an_answer_is_text_and_short() -> None:
    """The log has to be able to show it."""
    answer = answer_of({"model": "\ud800" + "m" * 1000, "id": 5})
    assert answer == ChatAnswer("\\ud800" + "m" * 255, None)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "the body is not JSON"),
        (b"<html>", "the body is not JSON"),
        (b"[" * 100_000, "the body is not JSON"),
        (b"[]", "the body is not a JSON object"),
    ],
)
def test_an_answer_that_is_none_is_a_bad_gateway(body: bytes, why: str) -> None:
    """502, without any of the body."""
    with pytest.raises(LLMResponseUnreadable) as refused:
        read_answer(body)
    assert refused.value.status == 502
    assert str(refused.value) == f"failed to process LLM response: {why}"
