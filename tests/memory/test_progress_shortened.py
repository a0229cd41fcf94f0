"""The journal of the learner's doings is cut down to what is remembered."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from labgateway.memory.doings import Answer, Attempt
from labgateway.memory.journal import Journal
from labgateway.memory.progress import KEPT_ATTEMPTS, SHORTENED_AT_BYTES, Progress
from tests.memory.disks import full_after
from tests.memory.test_progress import KERNEL, RAISED, REFUSED, facts


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The journal of the learner's doings."""
    return tmp_path / "progress.jsonl"


def remember_everything(progress: Progress) -> None:
    """One of each, and what was taken back."""
    progress.attempt(REFUSED)
    progress.answer("forgotten", Answer("x", 1.0))
    progress.hint("llm-routing/1", 3)
    progress.reset("llm-routing/1", ("forgotten",), 2.0)
    progress.hint("llm-routing/1", 1)
    progress.passed("llm-routing/1", 2.5)
    progress.cell_ran(KERNEL, RAISED)


LONG = Answer("ü" * 5_000, 3.0)
LONG_AGAIN = replace(LONG, first_at=LONG.at)


def test_a_long_journal_is_cut_down_at_the_start(path: Path) -> None:
    """To what is remembered, of which nothing changes (F41)."""
    remember_everything(Progress(Journal(path)))
    journal = Journal(path)
    for _ in range(SHORTENED_AT_BYTES // 10_000):
        journal.append(json.dumps({"answer": {"question": "q", **asdict(LONG)}}))
    for _restart in range(2):
        again = Progress(Journal(path))
        assert path.stat().st_size < 20_000
        assert facts(again) == (
            (REFUSED,),
            {"q": LONG_AGAIN},
            RAISED,
            {"llm-routing/1": 1},
            {"llm-routing/1": 2.0},
            {"llm-routing/1": 2.5},
        )


def test_the_journal_of_a_long_session_is_bounded(path: Path) -> None:
    """Whatever is noted while the lab runs (F41)."""
    progress = Progress(Journal(path))
    remember_everything(progress)
    for number in range(4 * SHORTENED_AT_BYTES // 10_000):
        progress.answer(f"q{number % 7}", LONG)
        assert path.stat().st_size < SHORTENED_AT_BYTES + 11_000
    assert facts(Progress(Journal(path))) == facts(progress)


def test_what_is_remembered_may_be_long(path: Path) -> None:
    """The journal is then rewritten when it has doubled, not with every note."""
    progress = Progress(Journal(path))
    for number in range(2 * KEPT_ATTEMPTS):
        progress.attempt(Attempt(float(number), "notebook", "x" * 20_000, ()))
    inodes = set()
    for _ in range(50):
        progress.attempt(Attempt(1.0, "notebook", "x" * 20_000, ()))
        inodes.add(path.stat().st_ino)
    assert len(inodes) <= 2
    assert path.stat().st_size < 2 * KEPT_ATTEMPTS * 20_100
    assert facts(Progress(Journal(path))) == facts(progress)


def test_a_full_disk_leaves_a_long_journal_long(path: Path) -> None:
    """The lab starts all the same, and nothing is lost."""
    progress = Progress(Journal(path))
    remember_everything(progress)
    journal = Journal(path)
    for number in range(SHORTENED_AT_BYTES // 10_000):
        journal.append(json.dumps({"answer": {"question": f"q{number}", **asdict(LONG)}}))
    before = path.read_bytes()
    with full_after(1_000):
        again = Progress(Journal(path))
    assert path.read_bytes() == before
    assert facts(Progress(Journal(path))) == facts(again)


def test_notes_of_many_threads_are_all_kept(path: Path) -> None:
    """Also those that come while the journal is being cut down."""
    progress = Progress(Journal(path))

    def note(thread: int) -> None:
        for number in range(60):
            progress.answer(f"{thread}-{number % 5}", Answer(LONG.value, float(number)))

    threads = [threading.Thread(target=note, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.at for one in progress.answers.values()} == {55.0, 56.0, 57.0, 58.0, 59.0}
    assert facts(Progress(Journal(path))) == facts(progress)
