"""Rows of all requests that are known: read once, followed, searched."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from labgateway.decisions.access_log import to_json, to_record
from labgateway.decisions.exchange import Bodies, Exchange
from labgateway.decisions.trace_filter import Filter
from labgateway.decisions.trace_rows import NAME_CHARACTERS, row_of
from labgateway.memory.exchanges import KEPT_IN_MEMORY, ExchangeLog
from labgateway.memory.journal import Journal
from labgateway.memory.trace_rows import TraceRows
from tests.lab.traffic import ANSWERED, REFUSED, STREAMED, numbered

DEADLINE_S = 30.0


def written(path: Path, count: int) -> None:
    """A journal that holds more than memory does."""
    lines = [to_json(numbered(ANSWERED, number)) for number in range(count)]
    path.write_text("".join(f"{line}\n" for line in lines))


def read(log: ExchangeLog) -> TraceRows:
    """The rows, read to the end."""
    rows = TraceRows(log)
    rows.all()
    assert rows.wait(DEADLINE_S)
    return rows


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The journal of requests."""
    return tmp_path / "exchanges.jsonl"


@pytest.mark.parametrize("exchange", [ANSWERED, STREAMED, REFUSED])
def test_a_row_says_what_the_exchange_says(exchange: Exchange) -> None:
    """In the same words."""
    row = row_of(to_record(exchange))
    for name in ("started", "trace_id", "span_id", "path", "status", "duration_s", "route"):
        assert getattr(row, name) == getattr(exchange, name)
    assert (row.input_tokens, row.output_tokens) == (
        exchange.usage.input_tokens,
        exchange.usage.output_tokens,
    )
    assert row.name == ("POST /openai/*" if exchange.route else "POST")
    assert row.failed is (exchange is REFUSED)


def test_names_that_clients_choose_have_a_bound() -> None:
    """And what is no line of the journal is refused."""
    long = dataclasses.replace(ANSWERED, request_model="m" * 100_000)
    assert len(row_of(to_record(long)).request_model or "") == NAME_CHARACTERS
    for record in ({}, {"labgateway": None}, {"labgateway": {"started": 1}}):
        with pytest.raises(ValueError, match="not an exchange"):
            row_of(record)


def test_all_that_is_on_disk_is_known_and_what_comes_is_added(path: Path) -> None:
    """Each request once, oldest first."""
    written(path, KEPT_IN_MEMORY + 500)
    log = ExchangeLog(Journal(path))
    rows = read(log)
    assert len(rows.all()) == KEPT_IN_MEMORY + 500
    log.record(numbered(REFUSED, 9_000))
    assert rows.all()[-1].status == 404
    ids = [one.span_id for one in rows.all()]
    assert len(set(ids)) == len(ids) == KEPT_IN_MEMORY + 501


def test_more_than_memory_holds_may_come_between_two_looks(path: Path) -> None:
    """What was forgotten meanwhile is read from disk again."""
    log = ExchangeLog(Journal(path))
    rows = read(log)
    for number in range(KEPT_IN_MEMORY + 1):
        log.record(numbered(ANSWERED, number))
    rows.all()
    assert rows.wait(DEADLINE_S)
    assert len(rows.all()) == KEPT_IN_MEMORY + 1


@pytest.mark.parametrize("text", ["needle", "NEEDLE", 'a "needle"', "針"])
def test_a_text_is_found_in_prompts_on_disk(path: Path, text: str) -> None:
    """Also of requests that memory has forgotten, and with another filter beside it."""
    said = Bodies(request='{"content": "a \\"needle\\" 針"}')
    spoken = dataclasses.replace(numbered(ANSWERED, 1), bodies=said)
    path.write_text(f"{to_json(numbered(ANSWERED, 0))}\n{to_json(spoken)}\nno line\n")
    log = ExchangeLog(Journal(path))
    for number in range(2, KEPT_IN_MEMORY + 10):
        log.record(numbered(REFUSED, number))
    rows = read(log)
    assert [one.span_id for one in rows.find(Filter(text=text))] == [spoken.span_id]
    assert rows.find(Filter(text=text, status="4xx")) == []
    assert [one.span_id for one in log.of_trace(spoken.trace_id)] == [spoken.span_id]


def test_without_a_journal_memory_is_all() -> None:
    """As in tests and in a home that cannot be written."""
    log = ExchangeLog(None)
    log.record(ANSWERED)
    rows = read(log)
    assert [one.trace_id for one in rows.all()] == [ANSWERED.trace_id]
    assert rows.find(Filter(text=ANSWERED.trace_id[:9]))
    assert rows.find(Filter(status="4xx")) == []
