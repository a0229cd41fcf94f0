"""Which requests a filter takes, by time and by a text that stands in a body."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labgateway.decisions.exchange import Bodies
from labgateway.decisions.trace_filter import Filter, plain_run
from tests.decisions.exchanged import ANSWERED, REFUSED

BEGAN = REFUSED.started


@pytest.mark.parametrize(
    ("wanted", "taken"),
    [
        (Filter(since=BEGAN), True),
        (Filter(since=BEGAN + 0.1), False),
        (Filter(until=BEGAN), False),
        (Filter(since=BEGAN - 1, until=BEGAN + 1), True),
        (Filter(since=BEGAN - 1, status="2xx"), False),
    ],
)
def test_a_time_range_holds_the_beginning_of_a_request(wanted: Filter, taken: bool) -> None:
    """Its own beginning included, its end not."""
    assert wanted.takes(REFUSED) is taken


@pytest.mark.parametrize(
    "text", ['say "hi"', "Über", "two\nlines", "SAY", "ÜBER \N{BLACK HEART SUIT}"]
)
@pytest.mark.parametrize(
    "body", ['{"content": "say \\"hi\\" two\\nlines Über \N{BLACK HEART SUIT}"}']
)
def test_a_prompt_is_found_as_it_was_typed(text: str, body: str) -> None:
    """Although it stands in JSON, where quotes and line ends are escaped, and maybe more."""
    escaped = body.replace("Ü", "\\u00dc").replace("\N{BLACK HEART SUIT}", "\\u2665")
    for one in (body, escaped):
        spoken = replace(ANSWERED, bodies=Bodies(request=one))
        assert Filter(text=text).takes(spoken)
    assert not Filter(text=text).takes(ANSWERED)


@pytest.mark.parametrize(
    ("text", "run"), [("What, an Über-Gateway", "gateway"), ("日本", ""), ("4xx", "4xx"), ("", "")]
)
def test_a_plain_run_is_the_same_in_json(text: str, run: str) -> None:
    """So that lines without it need not be read."""
    assert plain_run(text) == run
