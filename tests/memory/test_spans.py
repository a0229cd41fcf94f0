"""Spans from outside: each once, the last ones in memory, found again after a restart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labgateway.decisions.spans import Span, SpanEvent, spans_of
from labgateway.memory.exchanges import ExchangeLog
from labgateway.memory.journal import Journal
from labgateway.memory.spans import (
    KEPT_CHARACTERS,
    KEPT_IN_MEMORY,
    SpanLog,
    from_json,
    known_spans,
    to_json,
)
from tests.decisions.test_spans import ANSWERED
from tests.memory.disks import full_after

SPAN = Span("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", None, "ask", "CLIENT", 1, 2)


def numbered(number: int, **changes: object) -> Span:
    """A span that can be told from others."""
    return replace(SPAN, span_id=f"{number:016x}", start_ns=number, end_ns=number, **changes)  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The journal of spans."""
    return tmp_path / "spans.jsonl"


@pytest.fixture
def exchanges(tmp_path: Path) -> Iterator[ExchangeLog]:
    """A log of requests."""
    journal = Journal(tmp_path / "exchanges.jsonl")
    yield ExchangeLog(journal)
    journal.close()


TEXT = st.text(max_size=9)
VALUE = TEXT | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.booleans()
ATTRIBUTES = st.dictionaries(TEXT, VALUE | st.lists(TEXT, max_size=2).map(tuple), max_size=3)
SPANS = st.builds(
    replace,
    st.just(SPAN),
    name=TEXT,
    parent_id=st.none() | TEXT,
    attributes=ATTRIBUTES,
    events=st.lists(st.builds(SpanEvent, TEXT, st.integers(0, 2**63), ATTRIBUTES), max_size=2).map(
        tuple
    ),
    description=TEXT,
    service=TEXT,
)


@given(SPANS)
def test_json_gives_the_span_back(span: Span) -> None:
    """With its numbers as numbers and its lists as lists."""
    again = from_json(json.loads(json.dumps(to_json(span))))
    assert again == span
    types = [{name: type(value) for name, value in one.attributes.items()} for one in (again, span)]
    assert types[0] == types[1]


def test_what_was_received_is_found_after_a_restart(path: Path) -> None:
    """In the order in which it came."""
    log = SpanLog(Journal(path))
    log.record([numbered(2), numbered(1)])
    log.record([numbered(3)])
    for one in (log, SpanLog(Journal(path))):
        assert one.recent() == [numbered(2), numbered(1), numbered(3)]
        assert one.notices == []


def test_a_span_that_is_sent_again_is_there_once(path: Path) -> None:
    """An exporter that lost the answer tries again; the ids of another trace are others."""
    log = SpanLog(Journal(path))
    other = replace(SPAN, trace_id="f" * 32)
    log.record([SPAN, other])
    log.record([replace(SPAN, name="again"), other])
    assert log.recent() == [SPAN, other]
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2


def test_memory_has_a_bound(path: Path) -> None:
    """In spans and in characters; the oldest go first."""
    log = SpanLog(Journal(path, limit_bytes=100_000))
    log.record(numbered(number) for number in range(KEPT_IN_MEMORY + 5))
    assert log.recent()[0] == numbered(5)
    assert len(log.recent()) == KEPT_IN_MEMORY
    assert sum(one.stat().st_size for one in path.parent.iterdir()) < 250_000
    large = {f"k{n}": "x" * 10_000 for n in range(100)}
    log.record(numbered(number, attributes=large) for number in range(10_000, 10_020))
    assert len(log.recent()) == KEPT_CHARACTERS // 1_000_000 - 1
    assert log.recent()[-1].span_id == f"{10_019:016x}"


def test_a_full_disk_loses_no_span_in_memory(path: Path) -> None:
    """It is said, until there is room again."""
    log = SpanLog(Journal(path))
    with full_after(10):
        log.record([numbered(1)])
    assert log.recent() == [numbered(1)]
    assert "free some disk space" in (log.lost or "")
    log.record([numbered(2)])
    assert log.lost is None


@pytest.mark.parametrize("line", ["{}", "5", "not json", "[" * 100_000, '{"trace_id": 5}'])
def test_a_damaged_line_is_set_aside(path: Path, line: str) -> None:
    """The others are read."""
    SpanLog(Journal(path)).record([SPAN])
    with path.open("a", encoding="utf-8") as journal:
        journal.write(f"{line}\n")
    log = SpanLog(Journal(path))
    assert log.recent() == [SPAN]
    assert "1 damaged line kept in spans.jsonl.damaged" in log.notices[0]


def test_a_trace_is_made_of_both_sides(exchanges: ExchangeLog) -> None:
    """The learner's span and the gateway's, by their beginning; other traces are not in it."""
    received = SpanLog(None)
    asking = replace(SPAN, trace_id=ANSWERED.trace_id, span_id=str(ANSWERED.parent_id))
    elsewhere = replace(SPAN, trace_id="f" * 32)
    received.record([elsewhere, asking])
    exchanges.record(ANSWERED)
    exchanges.record(replace(ANSWERED, trace_id="e" * 32))
    assert known_spans(exchanges, received, ANSWERED.trace_id) == [asking, *spans_of(ANSWERED)]
    assert len(known_spans(exchanges, received)) == 2 + 2 * 4
    assert known_spans(exchanges, received, "0" * 32) == []


def test_what_the_gateway_exports_to_itself_is_there_once(exchanges: ExchangeLog) -> None:
    """A learner may name the lab as the collector."""
    received = SpanLog(None)
    received.record(spans_of(ANSWERED))
    exchanges.record(ANSWERED)
    assert known_spans(exchanges, received) == list(spans_of(ANSWERED))


def test_a_request_that_is_not_sampled_has_no_trace(exchanges: ExchangeLog) -> None:
    """It has its line, as in the exercise."""
    exchanges.record(replace(ANSWERED, sampled=False))
    assert known_spans(exchanges, SpanLog(None), ANSWERED.trace_id) == []


def test_an_old_trace_is_looked_for_on_disk(exchanges: ExchangeLog) -> None:
    """Memory has the last 2,000 requests."""
    exchanges.record(ANSWERED)
    for number in range(KEPT_IN_MEMORY):
        exchanges.record(replace(ANSWERED, trace_id="e" * 32, span_id=f"{number:016x}"))
    assert known_spans(exchanges, SpanLog(None), ANSWERED.trace_id) == list(spans_of(ANSWERED))
