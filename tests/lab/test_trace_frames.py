"""Requests as rows: newest first, narrowed down by filters."""

from __future__ import annotations

from typing import Any

import pytest

from labgateway.decisions.trace_filter import Filter
from labgateway.lab.trace_frames import span_frame, trace_frame
from tests.lab.traffic import ANSWERED, REFUSED, TRAFFIC, numbered


def test_the_newest_request_comes_first() -> None:
    """Times are UTC, seconds are floats, tokens and statuses integers that may be missing."""
    frame = trace_frame(TRAFFIC)
    assert list(frame["trace_id"]) == [one.trace_id for one in reversed(TRAFFIC)]
    assert str(frame.dtypes["time"]).startswith("datetime64[")
    assert "UTC" in str(frame.dtypes["time"])
    assert (frame.dtypes["status"], frame.dtypes["input_tokens"]) == ("Int64", "Int64")
    assert frame.dtypes["duration_s"] == "float64"
    assert frame["input_tokens"].isna().sum() == 1
    assert frame["name"].iloc[0] == "POST /openai/*"


def test_a_frame_shows_what_tells_most_and_says_what_it_leaves_out() -> None:
    """A selection of it is an ordinary frame again."""
    frame: Any = trace_frame([numbered(ANSWERED, number) for number in range(12)])
    for shown in (repr(frame), frame._repr_html_()):
        assert "10 of 12 traces" in shown
        assert "0.103" in shown
        assert "nan" not in shown.lower()
    assert "10 of 12" not in repr(frame[["status"]])


def test_without_requests_the_columns_are_there() -> None:
    """So that a cell that selects one of them does not fail."""
    assert trace_frame([]).empty
    assert list(trace_frame([]).columns) == list(trace_frame(TRAFFIC).columns)
    assert list(span_frame([]).columns) == list(span_frame(TRAFFIC).columns)


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({"status": "4xx"}, [3]),
        ({"status": 200}, [1, 2, 4, 5]),
        ({"status": "404"}, [3]),
        ({"status": "5xx"}, []),
        ({"model": "gpt-4o-mini"}, [1, 2, 4, 5]),
        ({"model": "gpt-4o-2024"}, [1, 2, 4, 5]),
        ({"model": "gpt"}, []),
        ({"route": "openai"}, [1, 2, 4, 5]),
        ({"min_duration_s": 0.1}, [1, 2, 4, 5]),
        ({"max_duration_s": 0.1}, [3]),
        ({"text": "ROUTE NOT"}, [3]),
        ({"text": "hélène"}, [4]),
        ({"text": "/nowhere", "status": "2xx"}, []),
        ({}, [1, 2, 3, 4, 5]),
    ],
)
def test_filters_narrow_down(wanted: dict[str, Any], numbers: list[int]) -> None:
    """All that are given have to hold."""
    found = trace_frame(TRAFFIC, Filter(**wanted))["trace_id"]
    assert sorted(int(one, 16) for one in found) == numbers


def test_the_gateways_own_time_is_all_but_the_provider_call() -> None:
    """Parent less child, never their sum."""
    own_s = trace_frame([REFUSED, ANSWERED])["gateway_s"]
    assert list(own_s) == pytest.approx([0.005, REFUSED.duration_s])


def test_spans_of_several_requests_share_one_beginning() -> None:
    """Milliseconds after the first of them."""
    frame = span_frame(TRAFFIC[:2])
    roots = frame[frame["kind"] == "SERVER"]
    assert list(roots["start_ms"].round()) == [0, 1000]
    assert list(frame["span"][:4]) == ["POST /openai/*", "route", "chat gpt-4o", "response"]
