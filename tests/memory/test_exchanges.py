"""The exchanges: the last ones in memory, every one in the journal."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path

import pytest

from labgateway.decisions.access_log import from_json
from labgateway.decisions.exchange import Bodies, Exchange
from labgateway.memory.exchanges import (
    KEPT_BODY_CHARACTERS,
    KEPT_IN_MEMORY,
    ExchangeLog,
    read_records,
)
from labgateway.memory.journal import Journal
from tests.memory.disks import full_after

ANSWERED = Exchange(
    started=1767225600.0,
    trace_id="4bf92f3577b34da6a3ce929d0e0e4736",
    span_id="00f067aa0ba902b7",
    method="POST",
    host="localhost",
    path="/openai",
    http_version="HTTP/1.1",
    source="127.0.0.1:51234",
    status=200,
)


def numbered(number: int) -> Exchange:
    """An exchange that can be told from others."""
    return dataclasses.replace(ANSWERED, path=f"/{number}", span_id=f"{number:016x}")


def paths(log: ExchangeLog) -> list[str]:
    """The paths of what is remembered."""
    return [one.path for one in log.recent()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The journal of requests."""
    return tmp_path / "exchanges.jsonl"


def test_what_was_recorded_is_found_at_once_and_after_a_restart(path: Path) -> None:
    """Oldest first; the last few on request."""
    log = ExchangeLog(Journal(path))
    for number in range(3):
        log.record(numbered(number))
        assert from_json(path.read_text(encoding="utf-8").splitlines()[-1]) == numbered(number)
    for one in (log, ExchangeLog(Journal(path))):
        assert one.recent() == [numbered(0), numbered(1), numbered(2)]
        assert one.recent(2) == [numbered(1), numbered(2)]
        assert (one.recent(0), one.recent(9)) == ([], one.recent())
        assert one.notices == []


def test_memory_holds_the_last_ones_and_the_journal_all(path: Path) -> None:
    """A restart reads no more than memory holds (F41)."""
    log = ExchangeLog(Journal(path))
    for number in range(KEPT_IN_MEMORY + 5):
        log.record(numbered(number))
    for one in (log, ExchangeLog(Journal(path))):
        assert len(one.recent()) == KEPT_IN_MEMORY
        assert one.recent()[0] == numbered(5)
    assert len(path.read_text(encoding="utf-8").splitlines()) == KEPT_IN_MEMORY + 5


@pytest.mark.parametrize("line", ["{torn", "{}", "[]", '{"started": 1}', "[" * 100_000])
def test_a_damaged_line_is_skipped_and_kept_aside(path: Path, line: str) -> None:
    """Everything else is there."""
    log = ExchangeLog(Journal(path))
    log.record(numbered(1))
    with path.open("a", encoding="utf-8") as handle:
        handle.write(line + "\n")
    log.record(numbered(2))
    again = ExchangeLog(Journal(path))
    assert paths(again) == ["/1", "/2"]
    assert again.notices == [
        "exchanges.jsonl: 1 damaged line kept in exchanges.jsonl.damaged; the rest was read"
    ]
    assert ExchangeLog(Journal(path)).notices == []


def test_a_full_disk_stops_no_traffic_and_loses_nothing(path: Path) -> None:
    """What could not be written is written with the next one that can be, in its order."""
    log = ExchangeLog(Journal(path))
    log.record(numbered(1))
    with full_after(path.stat().st_size + 50):
        log.record(numbered(2))
        log.record(numbered(3))
        assert log.lost is not None
        assert "free some disk space and try again" in log.lost
        assert paths(log) == ["/1", "/2", "/3"]
        assert len(path.read_text(encoding="utf-8").splitlines()) == 1
    log.record(numbered(4))
    assert log.lost is None
    assert paths(ExchangeLog(Journal(path))) == ["/1", "/2", "/3", "/4"]


def test_requests_are_recorded_from_many_threads(path: Path) -> None:
    """Memory and journal agree on the order."""
    log = ExchangeLog(Journal(path))

    def record(thread: int) -> None:
        for number in range(50):
            log.record(numbered(100 * thread + number))

    threads = [threading.Thread(target=record, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(log.recent()) == 200
    assert ExchangeLog(Journal(path)).recent() == log.recent()


def test_without_a_journal_memory_is_all() -> None:
    """For tests and tools."""
    log = ExchangeLog(None)
    log.record(ANSWERED)
    assert (log.recent(), log.lost) == ([ANSWERED], None)


def test_whoever_follows_is_woken_and_gets_what_came() -> None:
    """From a position on, as far as it is still in memory; not after the block."""
    log, woken = ExchangeLog(None), threading.Event()
    log.record(numbered(0))
    position = log.position
    assert log.after(position) == ([], position)
    with log.watched(woken.set):
        assert not woken.is_set()
        log.record(numbered(1))
        assert woken.is_set()
        fresh, later = log.after(position)
        assert (fresh, later) == ([numbered(1)], position + 1)
    woken.clear()
    for number in range(2, KEPT_IN_MEMORY + 10):
        log.record(numbered(number))
    assert not woken.is_set()
    assert log.after(position)[0] == log.recent()


def test_files_are_bounded_and_older_requests_are_read_from_them(path: Path) -> None:
    """A file that is full is set aside, the one before it goes; a restart takes up both."""
    log = ExchangeLog(Journal(path, limit_bytes=4_000))
    for number in range(100):
        log.record(numbered(number))
    line = len(path.read_bytes().splitlines()[0]) + 1
    assert sorted(one.name for one in path.parent.iterdir()) == [
        "exchanges.1.jsonl",
        "exchanges.jsonl",
    ]
    for one in path.parent.iterdir():
        assert one.stat().st_size < 4_000 + line
    for kept in (log, ExchangeLog(Journal(path, limit_bytes=4_000))):
        numbers = [int(one.path[1:]) for one in kept.history()]
        assert numbers == list(range(100 - len(numbers), 100))
        assert len(numbers) > 4_000 // line
    assert ExchangeLog(Journal(path)).recent() == log.history()


def test_bodies_in_memory_are_bounded_too(path: Path) -> None:
    """The oldest requests are then only on disk."""
    log = ExchangeLog(Journal(path))
    spoken = Bodies("q" * 16_000, "q" * 16_000, "a" * 16_000)
    count = KEPT_BODY_CHARACTERS // 48_000 + 5
    for number in range(count):
        log.record(dataclasses.replace(numbered(number), bodies=spoken))
    assert len(log.recent()) == KEPT_BODY_CHARACTERS // 48_000
    assert len(log.history()) == count
    assert log.history()[0].bodies == spoken


def test_another_process_reads_what_is_on_disk(path: Path) -> None:
    """Also beside a line that is just being written, and one that is no record."""
    log = ExchangeLog(Journal(path))
    log.record(numbered(1))
    with path.open("a", encoding="utf-8") as handle:
        handle.write("{torn\n")
    log.record(numbered(2))
    with path.open("a", encoding="utf-8") as handle:
        handle.write('{"time": "2026')
    assert [one["http.path"] for one in read_records(path)] == ["/1", "/2"]
    assert read_records(path.with_name("none.jsonl")) == []
