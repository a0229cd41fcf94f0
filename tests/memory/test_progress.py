"""What the learner did besides requests."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from labgateway.memory.doings import (
    Answer,
    Attempt,
    AttemptedDocument,
    Problem,
    Raised,
    attempt_from,
)
from labgateway.memory.journal import Journal
from labgateway.memory.progress import KEPT_ATTEMPTS, Progress
from labgateway.words.errors import HomeUnusable
from tests.memory.disks import full_after

REFUSED = Attempt(
    at=1767225600.0,
    source="notebook",
    text="kind: HTTPRoute",
    documents=(
        AttemptedDocument(
            number=1,
            first_line=1,
            kind="HTTPRoute",
            namespace="default",
            name="openai",
            outcome="refused",
            message="HTTPRoute is invalid",
            problems=(Problem("spec.rules[0]", "must", 3, "  rules:"), Problem("", "no YAML")),
            manifest={"kind": "HTTPRoute", "spec": {"rules": [None, 1.5, True]}},
        ),
    ),
)
KERNEL = "lessons/04_metrics.ipynb"
RAISED = Raised("ZeroDivisionError", "division by zero", "1 / 0", 1767225601.0, KERNEL)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The journal of the learner's doings."""
    return tmp_path / "progress.jsonl"


def facts(progress: Progress) -> tuple[object, ...]:
    """All that is remembered."""
    return (
        progress.attempts,
        progress.answers,
        progress.raised,
        progress.hints,
        progress.reset_at,
        progress.passed_at,
    )


def test_everything_is_kept_over_a_restart(path: Path) -> None:
    """Attempts, answers, the last exception, hints, resets, passes."""
    progress = Progress(Journal(path))
    progress.attempt(REFUSED)
    progress.answer("which-model", Answer("gpt-4o", 1.0))
    progress.answer("how-many", Answer(3, 2.0))
    progress.cell_ran(KERNEL, RAISED)
    progress.hint("llm-routing/1", 2)
    progress.reset("llm-routing/2", (), 3.0)
    progress.passed("llm-routing/1", 4.0)
    expected = (
        (REFUSED,),
        {"which-model": Answer("gpt-4o", 1.0), "how-many": Answer(3, 2.0)},
        RAISED,
        {"llm-routing/1": 2},
        {"llm-routing/2": 3.0},
        {"llm-routing/1": 4.0},
    )
    assert facts(progress) == expected
    assert facts(Progress(Journal(path))) == expected


def test_a_later_answer_replaces_an_earlier_one() -> None:
    """The learner thought again; when the first one was given is remembered, up to a reset."""
    progress = Progress(None)
    progress.answer("q", Answer("a", 1.0))
    progress.answer("q", Answer("b", 2.0))
    progress.answer("q", Answer("c", 3.0))
    assert progress.answers == {"q": Answer("c", 3.0, first_at=1.0)}
    progress.reset("step", ("q",), 4.0)
    progress.answer("q", Answer("d", 5.0))
    assert progress.answers["q"].began == 5.0


def test_a_cell_that_runs_clears_the_last_exception(path: Path) -> None:
    """A cell of that kernel; and it says nothing when there was none."""
    progress = Progress(Journal(path))
    progress.cell_ran(KERNEL, None)
    assert path.read_bytes() == b""
    progress.cell_ran(KERNEL, RAISED)
    progress.cell_ran("another", None)
    assert progress.raised == RAISED
    progress.cell_ran(KERNEL, None)
    assert progress.raised is None
    assert Progress(Journal(path)).raised is None


def test_the_highest_hint_counts() -> None:
    """Looking at the first one again takes nothing back."""
    progress = Progress(None)
    for level in (1, 3, 2):
        progress.hint("step", level)
    assert progress.hints == {"step": 3}


def test_a_reset_forgets_answers_hints_and_the_pass_of_its_step() -> None:
    """And no others."""
    progress = Progress(None)
    for question in ("one", "two"):
        progress.answer(question, Answer(1, 1.0))
        progress.hint(question, 1)
        progress.passed(question, 2.0)
    progress.reset("one", ("one",), 5.0)
    assert (list(progress.answers), list(progress.hints)) == (["two"], ["two"])
    assert progress.passed_at == {"two": 2.0}
    assert progress.reset_at == {"one": 5.0}


def test_attempts_are_bounded(path: Path) -> None:
    """The last hundred, now and after a restart (F41)."""
    progress = Progress(Journal(path))
    for number in range(KEPT_ATTEMPTS + 5):
        progress.attempt(Attempt(float(number), "kubectl", "", ()))
    for one in (progress, Progress(Journal(path))):
        assert [attempt.at for attempt in one.attempts] == [float(n) for n in range(5, 105)]


@pytest.mark.parametrize("outcome", ["created", "configured", "unchanged"])
def test_an_attempt_failed_when_a_document_was_not_applied(outcome: str) -> None:
    """Refused or unreadable."""
    fine = AttemptedDocument(1, 1, "HTTPRoute", "default", "a", outcome)
    assert not Attempt(1.0, "notebook", "", (fine,)).failed
    assert REFUSED.failed


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        ("\ud800", "\\ud800"),
        ({"a\udfff": (1, [math.inf])}, {"a\\udfff": [1, ["inf"]]}),
        (None, None),
        (["ü", 10**30, True], ["ü", 10**30, True]),
    ],
)
def test_an_answer_is_what_every_reader_of_json_takes(path: Path, value: Any, kept: Any) -> None:
    """NaN and lone surrogates would stop the observation for good."""
    progress = Progress(Journal(path))
    progress.answer("q", Answer(value, 1.0))
    for one in (progress, Progress(Journal(path))):
        assert one.answers["q"].value == kept
        json.dumps(one.answers["q"].value, allow_nan=False, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "line",
    [
        "{torn",
        "[]",
        "null",
        "{}",
        '{"attempt": {}, "answer": {}}',
        '{"later": 1}',
        '{"attempt": []}',
        '{"attempt": {"at": 1, "source": "a", "text": "b"}}',
        '{"attempt": {"at": "x", "source": "a", "text": "b", "documents": []}}',
        '{"attempt": {"at": 1, "source": "a", "text": "b", "documents": "abc"}}',
        '{"answer": {"question": "q"}}',
        '{"answer": {"question": ["q"], "value": 1, "at": 1}}',
        '{"answer": {"question": "q", "value": 1, "at": "x"}}',
        '{"raised": {"type": "E"}}',
        '{"raised": 5}',
        '{"hint": {"step": "s", "level": "high"}}',
        '{"hint": {"step": ["s"], "level": 1}}',
        '{"passed": {"step": "s"}}',
        '{"reset": {"step": "s", "questions": 5, "at": 1}}',
        '{"reset": {"step": "s", "questions": [], "at": null}}',
        '{"answer": ' * 50_000,
    ],
)
def test_an_entry_of_the_wrong_shape_is_skipped(path: Path, line: str) -> None:
    """Kept aside, said once, and everything else is there."""
    progress = Progress(Journal(path))
    progress.attempt(REFUSED)
    with path.open("a", encoding="utf-8") as handle:
        handle.write(line + "\n")
    progress.hint("step", 1)
    again = Progress(Journal(path))
    assert len(again.notices) == 1
    assert facts(again) == ((REFUSED,), {}, None, {"step": 1}, {}, {})
    assert Progress(Journal(path)).notices == []


def test_a_full_disk_remembers_nothing_that_a_restart_would_forget(path: Path) -> None:
    """The learner reads why; what was there stays."""
    progress = Progress(Journal(path))
    progress.answer("q", Answer(1, 1.0))
    with full_after(path.stat().st_size + 5), pytest.raises(HomeUnusable, match="free some disk"):
        progress.answer("q", Answer(2, 2.0))
    assert progress.answers == {"q": Answer(1, 1.0)}
    assert Progress(Journal(path)).answers == {"q": Answer(1, 1.0)}


def test_an_attempt_survives_json() -> None:
    """As an attached notebook sends it."""
    assert attempt_from(json.loads(json.dumps(asdict(REFUSED)))) == REFUSED
    with pytest.raises(ValueError):
        attempt_from({"at": 1.0})
