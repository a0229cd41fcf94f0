"""Which request is meant: by id, by its beginning, or by what came back."""

from __future__ import annotations

from dataclasses import dataclass, replace

import httpx
import pytest

from labgateway.decisions.exchange import Exchange
from labgateway.lab.request_lookup import find
from labgateway.words.errors import LabError
from tests.decisions.exchanged import ANSWERED, REFUSED

FIRST = replace(REFUSED, trace_id="abcd" * 8, span_id="1" * 16)
SECOND = replace(ANSWERED, trace_id="abce" * 8, span_id="2" * 16, response_id="chatcmpl-2")
SAME_TRACE = replace(SECOND, span_id="3" * 16, response_id="chatcmpl-3")
OLD = replace(REFUSED, trace_id="0" * 32, span_id="4" * 16)
RECENT = (FIRST, SECOND, SAME_TRACE)


@dataclass
class Completion:
    """As the OpenAI SDK returns one."""

    id: str


@dataclass
class StatusError:
    """As the OpenAI SDK raises one, without being an exception."""

    response: httpx.Response


def response(trace_id: str) -> httpx.Response:
    """What the gateway answers with."""
    return httpx.Response(200, headers={"x-trace-id": trace_id})


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (None, SAME_TRACE),
        ("abcd" * 8, FIRST),
        (f" {'ABCD' * 8} ", FIRST),
        ("abcd", FIRST),
        ("abce", SAME_TRACE),
        ("2" * 16, SECOND),
        ("0000", OLD),
        (response("abcd" * 8), FIRST),
        (StatusError(response("abcd" * 8)), FIRST),
        (Completion("chatcmpl-2"), SECOND),
    ],
)
def test_a_request_is_found(asked: object, found: Exchange) -> None:
    """Of several in one trace the last one; what only the disk remembers too."""
    assert find(asked, RECENT, lambda: (OLD, *RECENT)) is found


def test_the_last_request_may_be_on_disk_only() -> None:
    """After a restart."""
    assert find(None, (), lambda: (OLD,)) is OLD


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("ffff", "no request that is remembered has the trace id 'ffff'; the last ones, newest"),
        ("ffff", f"{'abce' * 8} (POST /openai, 200), {'abce' * 8} (POST /openai, 200), {'abcd'}"),
        ("abc", "too short for a trace id; give at least 4"),
        (response("f" * 32), f"has the id '{'f' * 32}'"),
        (Completion("chatcmpl-9"), "has the id 'chatcmpl-9'"),
        (httpx.Response(200), "a Response names no request; give a trace id, or a response that"),
        (7, "a int names no request"),
    ],
)
def test_what_cannot_be_found_is_told_with_what_can(asked: object, said: str) -> None:
    """The last few ids stand in the sentence."""
    with pytest.raises(LabError) as error:
        find(asked, RECENT, lambda: RECENT)
    assert said in str(error.value)


def test_a_beginning_that_two_traces_have_is_refused() -> None:
    """Both are named."""
    other = replace(FIRST, trace_id="abcd0" + "1" * 27)
    with pytest.raises(LabError, match=f"2 requests have .*{FIRST.trace_id}, {other.trace_id}"):
        find("abcd", (FIRST, other), tuple)


def test_without_any_request_it_says_what_to_do() -> None:
    """The learner's next cell, as it were."""
    with pytest.raises(LabError, match=r"no request has come in yet; send one .* httpx\.post"):
        find(None, (), tuple)
    with pytest.raises(LabError, match="none has come in yet"):
        find("abcd", (), tuple)
