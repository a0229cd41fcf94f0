"""The access log as a frame: real types, readable, whole."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pandas as pd
import pytest

from labgateway.decisions.access_log import LOG_NAMES, to_record
from labgateway.decisions.chat import Usage
from labgateway.decisions.exchange import Bodies
from labgateway.lab.frames import AccessLog, log_frame
from tests.decisions.test_access_log import ANSWERED, REFUSED

SPOKEN = dataclasses.replace(ANSWERED, bodies=Bodies("asked", "sent", "answered <b>ü</b>"))
PLAIN = dataclasses.replace(ANSWERED, stream=False, first_token_ns=None, parameters=())
TIME = pd.Timestamp("2026-01-01T00:00:00.25Z")


def frame(*exchanges: Any) -> pd.DataFrame:
    """The frame of these, as it is after a journal on disk."""
    return log_frame([json.loads(json.dumps(to_record(one))) for one in exchanges])


def html_of(log: pd.DataFrame) -> str:
    """What a notebook shows of it."""
    assert isinstance(log, AccessLog)
    return log._repr_html_()


def test_columns_have_types_to_compute_with() -> None:
    """UTC times, seconds as floats, tokens and statuses as integers that may be missing."""
    log = frame(REFUSED, SPOKEN)
    assert {name: str(kind) for name, kind in log.dtypes.items()} == {
        "time": "datetime64[us, UTC]",
        "gateway": "str",
        "listener": "str",
        "route_rule": "str",
        "route": "str",
        "endpoint": "str",
        "src.addr": "str",
        "http.method": "str",
        "http.host": "str",
        "http.path": "str",
        "http.version": "str",
        "http.status": "Int64",
        "trace.id": "str",
        "span.id": "str",
        "protocol": "str",
        "gen_ai.operation.name": "str",
        "gen_ai.provider.name": "str",
        "gen_ai.request.model": "str",
        "gen_ai.response.model": "str",
        "gen_ai.usage.input_tokens": "Int64",
        "gen_ai.usage.cache_read.input_tokens": "Int64",
        "gen_ai.usage.output_tokens": "Int64",
        "agw.ai.time_to_first_token": "float64",
        "agw.ai.time_per_output_token": "float64",
        "gen_ai.request.temperature": "float64",
        "gen_ai.request.max_tokens": "Int64",
        "gen_ai.request.seed": "Int64",
        "error": "str",
        "reason": "str",
        "duration": "float64",
        "labgateway.original_model": "str",
        "request.body": "str",
        "response.body": "str",
    }


def test_values_are_those_of_the_requests() -> None:
    """One row a request, oldest first; what was not there is missing, tokens too (F23)."""
    log = frame(REFUSED, SPOKEN, dataclasses.replace(PLAIN, usage=Usage()))
    assert list(log["time"]) == [TIME] * 3
    assert list(log["http.status"]) == [404, 200, 200]
    assert list(log["gen_ai.usage.input_tokens"].isna()) == [True, False, True]
    assert log["gen_ai.usage.output_tokens"].sum() == 34
    assert list(log["duration"]) == pytest.approx([0.0014, 0.842, 0.842])
    assert log["agw.ai.time_to_first_token"][1] == pytest.approx(0.1806)
    assert log["agw.ai.time_per_output_token"][1] == pytest.approx((0.842 - 0.1806) / 34)
    assert list(log["agw.ai.time_to_first_token"].isna()) == [True, False, True]
    assert log["response.body"][1] == "answered <b>ü</b>"
    assert log.index.tolist() == [0, 1, 2]


def test_columns_are_in_the_order_of_the_log() -> None:
    """Those that no request has are left out, but for a few that are always there."""
    log = frame(REFUSED, SPOKEN)
    assert list(log.columns) == [name for name in LOG_NAMES if name in log.columns]
    assert "gen_ai.usage.reasoning_tokens" not in log.columns
    assert "request.body" not in frame(REFUSED).columns


def test_an_empty_log_has_columns() -> None:
    """A learner who asks too early gets an empty frame that can be filtered all the same."""
    log = log_frame([])
    assert list(log.columns) == [
        *("time", "route", "http.method", "http.path", "http.status", "trace.id", "duration")
    ]
    assert str(log.dtypes["time"]) == "datetime64[us, UTC]"
    assert str(log.dtypes["http.status"]) == "Int64"
    assert len(log[log["http.status"] == 200]) == 0
    assert "0 of 0 requests" in repr(log)
    assert "0 of 0 requests" in html_of(log)


def test_it_is_shown_by_its_telling_columns() -> None:
    """The last ten rows, times to the millisecond, and how many there are in all."""
    log = frame(*[PLAIN] * 12, dataclasses.replace(REFUSED, error="<script>alert(1)</script>"))
    text, html = repr(log), html_of(log)
    assert text.count("\n") == 11
    assert "10 of 13 requests (times in UTC)" in text
    assert "00:00:00.250" in text
    assert "0.842 s" in text
    assert "gen_ai.request.model" in text
    assert "src.addr" not in text
    assert "<script>" not in html
    assert html.count("<tr") == 11
    assert not [one for one in ("NaN", "nan", "NA&gt;", "None") if one in html]
    assert not [one for one in ("NaN", "nan", "<NA>", "None") if one in text]


def test_a_line_fits_the_page() -> None:
    """Names of columns break, an error has a line of its own, an id is as long as it takes."""
    error = "failed to process LLM request: failed to parse request: missing field"
    html = html_of(frame(PLAIN, dataclasses.replace(REFUSED, error=error)))
    assert "gen_<wbr>ai.<wbr>usage.<wbr>output_<wbr>tokens" in html
    assert 'colspan="9" style="' in html
    assert html.count(f">error: {error}</td>") == html.count("error") == 1
    assert f">{PLAIN.trace_id[:8]}…</td>" in html
    assert PLAIN.trace_id not in html


def test_a_part_of_it_is_shown_as_it_is() -> None:
    """Whoever chooses columns and rows wants to see these."""
    log = frame(PLAIN, REFUSED)
    chosen = log[["src.addr", "http.version"]]
    assert type(chosen) is pd.DataFrame
    assert "HTTP/1.1" in repr(chosen)
    assert type(log[log["http.status"] == 404]) is pd.DataFrame
    assert log.groupby("http.status")["duration"].count().to_dict() == {200: 1, 404: 1}


def test_twenty_thousand_requests_are_a_frame() -> None:
    """All of them, in their order."""
    records = [
        to_record(dataclasses.replace(PLAIN, started=PLAIN.started + number, path=f"/{number}"))
        for number in range(20_000)
    ]
    log = log_frame(records)
    assert log.shape[0] == 20_000
    assert list(log["http.path"]) == [f"/{number}" for number in range(20_000)]
    assert log["time"].is_monotonic_increasing
    assert log["gen_ai.usage.input_tokens"].sum() == 20_000 * 12
    assert "10 of 20000 requests" in repr(log)
