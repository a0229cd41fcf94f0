"""Prompt and answer as a person reads them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from labgateway.decisions.conversation import conversation, was_cut
from labgateway.decisions.exchange import BODY_CHARACTERS, Bodies
from tests.decisions.exchanged import ANSWERED

PROMPT = {"role": "user", "content": "Why?\nBecause."}
CALL = {"id": "1", "function": {"name": "look", "arguments": '{"at": "this"}'}}
CHOICE = {"message": {"role": "assistant", "content": "So.", "tool_calls": [CALL]}}


def body(**parts: object) -> str:
    """A body as JSON."""
    return json.dumps(parts)


def test_turns_are_in_their_order() -> None:
    """What was sent, then what was answered; a tool call as JSON."""
    bodies = Bodies("{}", body(messages=[PROMPT]), body(choices=[CHOICE]))
    turns = conversation(replace(ANSWERED, bodies=bodies))
    assert [(one.side, one.role, one.kind) for one in turns] == [
        ("prompt", "user", "text"),
        ("answer", "assistant", "text"),
        ("answer", "assistant", "tool_call"),
    ]
    assert turns[0].text == "Why?\nBecause."
    assert json.loads(turns[2].text) == {"id": "1", "name": "look", "arguments": {"at": "this"}}


@pytest.mark.parametrize("bodies", [None, Bodies(), Bodies("not JSON", None, "nor this")])
def test_what_holds_no_messages_has_no_turns(bodies: Bodies | None) -> None:
    """Nothing is made up."""
    assert conversation(replace(ANSWERED, bodies=bodies)) == ()
    assert not was_cut(replace(ANSWERED, bodies=bodies))


def test_a_prompt_that_was_cut_shows_its_beginning() -> None:
    """And it is said that there was more."""
    long = body(messages=[{"role": "user", "content": "x" * 100_000}])[:BODY_CHARACTERS]
    exchange = replace(ANSWERED, bodies=Bodies(long, long))
    (turn,) = conversation(exchange)
    assert set(turn.text) == {"x"}
    assert was_cut(exchange)
