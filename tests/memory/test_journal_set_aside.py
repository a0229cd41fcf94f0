"""A journal of bounded size: full files are set aside, on any disk, under the eyes of readers."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from labgateway.memory.journal import Journal, lines_of
from labgateway.words.errors import HomeUnusable
from tests.memory.disks import small_disk


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that is not there yet."""
    return tmp_path / "exchanges.jsonl"


def lines_at(path: Path) -> list[str]:
    """All lines, of the file that was set aside and of the present one."""
    return [*lines_of(Journal.set_aside(path)), *lines_of(path)]


def test_a_full_file_is_set_aside_for_a_new_one(path: Path) -> None:
    """The two together are bounded, hold the last lines, and are the learner's own."""
    journal = Journal(path, limit_bytes=100)
    for number in range(50):
        journal.append(f"{number:09}")
        assert path.stat().st_size <= 100 + 10
    assert lines_at(path) == [f"{number:09}" for number in range(50 - len(lines_at(path)), 50)]
    assert 10 < len(lines_at(path)) <= 21
    assert journal.older == path.with_name("exchanges.1.jsonl")
    assert sorted(one.name for one in path.parent.iterdir()) == [
        "exchanges.1.jsonl",
        "exchanges.jsonl",
    ]
    for one in path.parent.iterdir():
        assert stat.S_IMODE(one.stat().st_mode) == 0o600


def test_without_a_limit_nothing_is_set_aside(path: Path) -> None:
    """There is one file."""
    journal = Journal(path)
    for number in range(50):
        journal.append(f"{number:09}")
    assert (len(lines_of(path)), journal.older.exists()) == (50, False)
    assert journal.size_bytes == path.stat().st_size == 500


def test_a_new_file_is_begun_on_a_full_disk(tmp_path: Path) -> None:
    """The line is refused, nothing that was taken is lost, and it goes on with more space."""
    with small_disk(tmp_path / "disk") as disk:
        journal = Journal(disk / "one.jsonl", limit_bytes=16_000)
        lines = [f"{number:03}" + "x" * 996 for number in range(80)]
        for line in lines[:40]:
            journal.append(line)  # two files are full now
        kept = lines_at(journal.path)
        space = 65_536 - sum(one.stat().st_size for one in disk.iterdir()) // 4096 * 4096
        (disk / "film").write_bytes(b"x" * (space - 8192))

        def fill() -> None:
            for line in lines[40:]:
                journal.append(line)
                kept.append(line)

        with pytest.raises(HomeUnusable, match="No space left on device"):
            fill()
        assert lines_at(journal.path) == kept[-len(lines_at(journal.path)) :]
        (disk / "film").unlink()
        journal.append("again")
        assert lines_of(journal.path)[-1] == "again"
        journal.close()


def test_where_no_file_can_be_begun_the_full_one_grows(path: Path) -> None:
    """No line is lost, and the older file stays whole."""
    journal = Journal(path, limit_bytes=20)
    for number in range(4):
        journal.append(f"{number:09}")
    older = Journal.set_aside(path)
    older.unlink()
    older.mkdir()
    (older / "in the way").touch()
    for number in range(4, 9):
        journal.append(f"{number:09}")
    assert lines_of(path) == [f"{number:09}" for number in range(2, 9)]
    assert lines_of(journal.older) == []


def test_the_last_lines_of_both_files_come_back(path: Path) -> None:
    """In their order; a damaged one that was set aside is passed over, and stays where it is."""
    journal = Journal(path, limit_bytes=30)
    for line in ("one", "two", "bad", "the fourth, which is long", "five", "six"):
        journal.append(line)
    taken: list[str] = []

    def take(line: str) -> None:
        if line == "bad":
            raise ValueError(line)
        taken.append(line)

    assert journal.recall(take, last=3) == []
    assert taken == ["two", "the fourth, which is long", "five", "six"]
    assert lines_of(journal.older)[2] == "bad"


def test_readers_miss_no_line_while_files_are_set_aside(path: Path) -> None:
    """What is being set aside is found at least once; what is found has no gaps."""
    journal = Journal(path, limit_bytes=2_000)
    begin, done = threading.Barrier(2), threading.Barrier(2)

    def write() -> None:
        for number in range(200 * 150):
            if number % 150 == 0:  # fewer than a file holds, so one is set aside in a look's time
                begin.wait()
            journal.append(f"{number:09}")
            if number % 150 == 149:
                done.wait()

    writer = threading.Thread(target=write)
    writer.start()
    for _look in range(200):
        begin.wait()
        current = lines_of(path)
        seen = sorted({int(line) for line in [*lines_of(journal.older), *current]})
        done.wait()
        assert seen == list(range(seen[0], seen[0] + len(seen)) if seen else [])
    writer.join()
