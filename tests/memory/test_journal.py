"""An append-only file that survives a killed process, a full disk and damage."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labgateway.memory.journal import Journal
from labgateway.words.errors import HomeUnusable
from tests.memory.disks import full_after, small_disk


def read(journal: Journal) -> list[str]:
    """The lines of a journal that has no damage."""
    lines: list[str] = []
    assert journal.replay(lines.append) == []
    return lines


def only_json(line: str) -> None:
    """Takes what is JSON."""
    json.loads(line)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that is not there yet."""
    return tmp_path / "exchanges.jsonl"


def test_lines_come_back_in_order(path: Path) -> None:
    """Also from a second journal on the same file."""
    journal = Journal(path)
    for line in ("one", "two ü 안녕", ""):
        journal.append(line)
    assert read(journal) == ["one", "two ü 안녕", ""]
    assert read(Journal(path)) == ["one", "two ü 안녕", ""]


def test_a_new_file_is_the_learners_own(path: Path) -> None:
    """Mode 0600, and empty."""
    assert read(Journal(path)) == []
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_line_that_was_cut_off_is_kept_aside(path: Path) -> None:
    """The process died in the middle of it; the next line stands on its own."""
    path.write_bytes(b'{"a": 1}\n{"b": 2}\n{"c": ')
    journal = Journal(path)
    lines: list[str] = []
    assert journal.replay(lines.append) == [
        "exchanges.jsonl: 1 damaged line kept in exchanges.jsonl.damaged; the rest was read"
    ]
    assert lines == ['{"a": 1}', '{"b": 2}']
    journal.append('{"d": 4}')
    assert path.read_bytes() == b'{"a": 1}\n{"b": 2}\n{"d": 4}\n'
    aside = path.with_name("exchanges.jsonl.damaged")
    assert aside.read_bytes() == b'{"c": \n'
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600


@pytest.mark.parametrize("damage", [b"{broken", b"\xff\xfe", b"", b"\x00" * 9, b'{"a"\r: '])
def test_a_damaged_line_in_the_middle_is_moved_aside_once(path: Path, damage: bytes) -> None:
    """Everything around it is read, and the next start has nothing to report."""
    path.write_bytes(b'{"a": 1}\n' + damage + b'\n{"b": 2}\n')
    lines: list[str] = []

    def take(line: str) -> None:
        only_json(line)
        lines.append(line)

    journal = Journal(path)
    assert len(journal.replay(take)) == 1
    assert lines == ['{"a": 1}', '{"b": 2}']
    assert path.with_name("exchanges.jsonl.damaged").read_bytes() == damage + b"\n"
    journal.append('{"c": 3}')
    assert read(Journal(path)) == ['{"a": 1}', '{"b": 2}', '{"c": 3}']
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@given(data=st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_no_byte_is_lost_whatever_the_file_holds(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    """Each line is either given out or kept aside."""
    path = tmp_path_factory.mktemp("journal") / "one.jsonl"
    path.write_bytes(data)
    lines: list[bytes] = []

    def take(line: str) -> None:
        only_json(line)
        lines.append(line.encode())

    journal = Journal(path)
    journal.replay(take)
    aside = path.with_name("one.jsonl.damaged")
    kept = aside.read_bytes().split(b"\n")[:-1] if aside.exists() else []
    given = data.split(b"\n")
    assert sorted([*lines, *kept]) == sorted(given if given[-1] else given[:-1])
    assert read(journal) == [line.decode() for line in lines]
    journal.close()


def test_a_lone_surrogate_is_written_as_its_escape(path: Path) -> None:
    """It has no UTF-8 form, and in JSON the escape is the same text."""
    journal = Journal(path)
    line = json.dumps({"text": "\\\ud800"}, ensure_ascii=False)
    journal.append(line)
    (again,) = read(journal)
    assert json.loads(again) == {"text": "\\\ud800"}
    journal.rewrite([line])
    assert [json.loads(one) for one in read(Journal(path))] == [{"text": "\\\ud800"}]


def test_a_full_disk_leaves_the_file_as_it_was(path: Path) -> None:
    """The line is refused with what to do, and a later one is whole again."""
    journal = Journal(path)
    journal.append("a" * 99)
    with full_after(150), pytest.raises(HomeUnusable, match="free some disk space and try again"):
        journal.append("b" * 99)
    assert path.read_bytes() == b"a" * 99 + b"\n"
    journal.append("c")
    assert read(journal) == ["a" * 99, "c"]


def test_a_disk_without_space_loses_nothing(tmp_path: Path) -> None:
    """On a real one of 64 KiB: every line that was taken is there."""
    with small_disk(tmp_path / "disk") as disk:
        (disk / "film").write_bytes(b"x" * 20_000)
        journal = Journal(disk / "one.jsonl")
        taken: list[str] = []

        def fill() -> None:
            for number in range(1000):
                line = f"{number}:" + "x" * 999
                journal.append(line)
                taken.append(line)

        with pytest.raises(HomeUnusable, match="No space left on device"):
            fill()
        assert read(journal) == taken
        with pytest.raises(HomeUnusable, match="No space left on device"):
            journal.rewrite(taken)
        assert read(journal) == taken
        assert sorted(one.name for one in disk.iterdir()) == ["film", "one.jsonl"]
        (disk / "film").unlink()
        journal.append("again")
        assert read(journal) == [*taken, "again"]
        journal.close()


def test_damage_that_cannot_be_kept_aside_stays_where_it_is(path: Path) -> None:
    """The lab does not start, says why, and nothing is lost."""
    data = b"{broken " + b"x" * 300 + b'\n{"a": 1}\n{"torn'
    path.write_bytes(data)
    with full_after(100), pytest.raises(HomeUnusable, match=r"cannot be kept in .*\.damaged"):
        Journal(path).replay(only_json)
    assert path.read_bytes() == data


def test_a_rewrite_replaces_the_content_in_one_step(path: Path) -> None:
    """And lines are appended to the new one."""
    journal = Journal(path)
    journal.append("old")
    journal.rewrite(["new", "newer"])
    journal.append("newest")
    assert path.read_text(encoding="utf-8") == "new\nnewer\nnewest\n"
    assert [one.name for one in path.parent.iterdir()] == ["exchanges.jsonl"]


def test_a_rewrite_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    """Also when it is the lines that fail."""
    journal = Journal(path)
    journal.append("old")
    with full_after(100), pytest.raises(HomeUnusable, match="cannot be rewritten"):
        journal.rewrite(["x" * 200])
    with pytest.raises(ZeroDivisionError):
        journal.rewrite(str(1 // number) for number in (1, 0))
    journal.append("new")
    assert path.read_text(encoding="utf-8") == "old\nnew\n"
    assert [one.name for one in path.parent.iterdir()] == ["exchanges.jsonl"]


def test_threads_append_whole_lines(path: Path) -> None:
    """None is torn, none is lost."""
    journal = Journal(path)
    texts = [[f"{thread}-{number}-" + "x" * 500 for number in range(50)] for thread in range(8)]

    def write(mine: list[str]) -> None:
        for line in mine:
            journal.append(line)

    threads = [threading.Thread(target=write, args=(mine,)) for mine in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(read(journal)) == sorted(line for mine in texts for line in mine)


def test_a_killed_process_loses_no_line_that_was_taken(path: Path) -> None:
    """The operating system has a line when ``append`` returns."""
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from labgateway.memory.journal import Journal\n"
        "journal = Journal(Path(sys.argv[1]))\n"
        "journal.append('one')\n"
        "journal.append('two')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert killed.returncode == -9
    assert read(Journal(path)) == ["one", "two"]


def test_a_closed_journal_refuses_lines(path: Path, tmp_path: Path) -> None:
    """And never writes into a file that got its descriptor's number; closing twice is harmless."""
    journal = Journal(path)
    journal.close()
    with (tmp_path / "other").open("w+b") as other:
        with pytest.raises(HomeUnusable, match="cannot be written"):
            journal.append("lost")
        journal.close()
        assert other.read() == b""


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    """A directory in its place."""
    (tmp_path / "one.jsonl").mkdir()
    with pytest.raises(HomeUnusable, match=r"one\.jsonl cannot be opened \(Is a directory\)"):
        Journal(tmp_path / "one.jsonl")
