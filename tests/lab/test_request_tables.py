"""Both ends of a request in tables: what is not known is left open, not guessed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labgateway.decisions.chat import Usage
from labgateway.decisions.exchange import Bodies, Exchange
from labgateway.decisions.metric_families import TOKEN_USAGE, Moved
from labgateway.decisions.token_agreement import Tokens
from labgateway.lab.page import Listing, Table
from labgateway.lab.request_bodies import bodies_section
from labgateway.lab.request_sections import metrics_section, tokens_section
from labgateway.lab.request_tables import request_table, response_table
from tests.decisions.exchanged import ANSWERED, REFUSED

SENT = replace(ANSWERED, sent_ns=1_000, sent_path="/openai", credential="secret", request_bytes=99)


@pytest.mark.parametrize(
    ("exchange", "row"),
    [
        (SENT, ("Method, path", "POST /openai", "POST /openai", "passed on")),
        (replace(SENT, sent_path=None), ("Method, path", "POST /openai", "no answer came from it")),
        (REFUSED, ("Method, path", "POST /nowhere", "nothing was sent", "answered by itself")),
        (replace(REFUSED, host=""), ("Where to", "no Host", "-", "no route was found")),
        (replace(SENT, credential="none"), ("Authorization", "no key", "no key", "nothing: the")),
        (replace(SENT, original_model=None), ("Model", "none named", "gpt-4o-mini", "added: the")),
        (SENT, ("Body", "99 bytes", "99 bytes", "passed on, byte for byte")),
    ],
)
def test_a_row_of_the_request(exchange: Exchange, row: tuple[str, ...]) -> None:
    """What was sent, what was received, what was done."""
    rows = {one[0]: one for one in request_table(exchange).rows}
    assert all(said.startswith(begin) for said, begin in zip(rows[row[0]], row, strict=False))


@pytest.mark.parametrize(
    ("exchange", "row"),
    [
        (SENT, ("Tokens", "12 in, 34 out", "12 in, 34 out", "passed on")),
        (replace(SENT, usage=Usage(7, None)), ("Tokens", "7 in, unknown out")),
        (replace(SENT, stream=True), ("Body", "420 bytes, streamed", "-", "passed on")),
        (replace(SENT, finish_reasons=("stop", "length")), ("Finish reason", "stop, length")),
    ],
)
def test_a_row_of_the_response(exchange: Exchange, row: tuple[str, ...]) -> None:
    """What was got, what was answered, what was done."""
    rows = {one[0]: one for one in response_table(exchange).rows}
    assert rows[row[0]][: len(row)] == row


def test_what_never_came_has_no_row() -> None:
    """A refusal has a status, a sentence and an id."""
    names = [one[0] for one in response_table(REFUSED).rows]
    assert names == ["Status", "Body", "x-trace-id"]


def test_a_body_that_was_cut_is_not_read_as_json() -> None:
    """Nor is one that is none; an answer without text says so."""
    cut, none = '{"messages": [' + "1," * 9000, "{"
    section = bodies_section(replace(SENT, bodies=Bodies(cut[:16384], none, '{"choices": []}')))
    notes = {one.caption: one.note for one in section.blocks if isinstance(one, Listing)}
    assert notes["The client sent"] == "cut at 16,384 characters"
    assert notes["The provider received"] == "1 characters"
    assert section.said == "The provider's answer holds no text."
    silent = replace(SENT, status=204, bodies=Bodies("{}", "{}", ""))
    assert bodies_section(silent).said == "The provider said nothing."
    listings = [one for one in bodies_section(silent).blocks if isinstance(one, Listing)]
    assert [one.note for one in listings] == ["JSON", "the same text"]


@pytest.mark.parametrize("response", ["no JSON", "[]", '{"error": "text"}'])
def test_an_error_in_no_known_form_is_shown_as_it_came(response: str) -> None:
    """In its own listing."""
    section = bodies_section(replace(SENT, status=500, bodies=Bodies(None, None, response)))
    assert section.said == "The provider's answer holds no text."
    assert [one.caption for one in section.blocks if isinstance(one, Listing)] == [
        "The provider answered"
    ]


def test_places_that_differ_are_said_to_differ() -> None:
    """In the sentence and in the row."""
    section = tokens_section(SENT, (Tokens("input", 12, 12, 12, 11),))
    assert section.said == "The four places differ."
    table = section.blocks[0]
    assert isinstance(table, Table)
    assert table.rows == (("input", "12", "12", "12", "11", "differ"),)


def test_a_value_over_every_bound_moves_one_bucket() -> None:
    """That of ``+Inf``."""
    section = metrics_section([Moved(TOKEN_USAGE, ("input", *"123456789"), 4**13 + 1)])
    table = section.blocks[0]
    assert isinstance(table, Table)
    name = f'{TOKEN_USAGE}_bucket{{gen_ai_token_type="input",le="+Inf"}}'
    assert table.rows[-1] == (name, "+1")
