"""``python -m checks``: targets, exit codes, rows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from checks.__main__ import exit_code, main
from checks.runner import CHALLENGES
from checks.verdict import NotReady, NotRight, NotYet, Passed, Raised, Verdict
from tests.checks.desk import MemoryDesk, nobody
from tests.checks.learner import Learner, solved_up_to
from tests.checks.texts import PUBLISHED, UNPINNED

STEPS = CHALLENGES[0].steps
Output = pytest.CaptureFixture[str]


def checks(learner: Learner, *arguments: str) -> int:
    """Run the command line on a learner's lab."""
    return main(arguments, lambda _home: MemoryDesk(learner))


def rows(capsys: Output) -> Any:
    """What ``--json`` printed."""
    return json.loads(capsys.readouterr().out)


def test_all_steps_are_run(capsys: Output) -> None:
    """No target means everything; the rows are the contract's."""
    assert checks(solved_up_to(STEPS[-1].number), "run", "--json") == 0

    found = rows(capsys)

    assert [(one["challenge"], one["step"], one["outcome"]) for one in found] == [
        ("llm-routing", one.number, "passed") for one in STEPS
    ]
    assert {name for one in found for name in one} == {
        "challenge",
        "step",
        "outcome",
        "message",
        "evidence",
    }


@pytest.mark.parametrize(
    "target", ["llm-routing/1", "llm-routing/backend-and-route", "llm-routing/1/"]
)
def test_one_step_by_number_or_slug(target: str, capsys: Output) -> None:
    """The published text is not right."""
    assert checks(Learner(PUBLISHED), "run", target, "--json") == 1
    assert [one["outcome"] for one in rows(capsys)] == ["not_right"]


def test_text_for_people(capsys: Output) -> None:
    """Name, title, verdict."""
    assert checks(Learner(), "run", "llm-routing/1") == 2
    assert "llm-routing/1 Create the OpenAI backend" in capsys.readouterr().out


def test_run_is_the_default(capsys: Output) -> None:
    """``python -m checks``."""
    assert checks(Learner()) == 2
    assert "… Not yet" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ([], 0),
        ([Passed("a")], 0),
        ([Passed("a"), NotYet("b")], 2),
        ([NotReady("a")], 2),
        ([NotYet("a"), NotRight("b")], 1),
        ([Raised("a"), Passed("b")], 1),
    ],
)
def test_exit_codes(verdicts: list[Verdict], code: int) -> None:
    """0 all passed, 1 something is not right, 2 not attempted yet or lab not ready."""
    assert exit_code(verdicts) == code


def test_no_lab_is_a_row_too(capsys: Output) -> None:
    """A program that reads rows need not read stderr."""
    assert main(["run", "llm-routing", "--json"], lambda _home: nobody()) == 2
    assert {one["outcome"] for one in rows(capsys)} == {"not_ready"}


@pytest.mark.parametrize("target", ["nope", "llm-routing/9", "nope/1"])
def test_a_target_that_does_not_exist(target: str, capsys: Output) -> None:
    """Says what does."""
    assert checks(Learner(), "run", target) == 2
    assert "llm-routing" in capsys.readouterr().err


def test_list(capsys: Output) -> None:
    """Challenges and steps, also for programs."""
    assert checks(Learner(), "list") == 0
    assert re.search(r"LLM Routing & Observability \(\d\d min\)", capsys.readouterr().out)
    assert checks(Learner(), "list", "llm-routing", "--json") == 0
    assert [one["slug"] for one in rows(capsys)] == [one.slug for one in STEPS]


def test_hint_gives_the_next_one(capsys: Output) -> None:
    """As in a notebook."""
    learner = Learner()
    assert checks(learner, "hint", "llm-routing/1") == 0
    assert checks(learner, "hint", "llm-routing/1") == 0
    assert "Hint 2 of 3" in capsys.readouterr().out


def test_solve_applies_the_solution(capsys: Output) -> None:
    """The words of kubectl go to stderr, the verdict to stdout."""
    assert checks(Learner(), "solve", "llm-routing/1", "--json") == 0

    printed = capsys.readouterr()

    assert json.loads(printed.out)[0]["outcome"] == "passed"
    assert printed.err == "applied\n"


def test_reset(capsys: Output) -> None:
    """Requests before it no longer count."""
    learner = Learner(UNPINNED).send()
    assert checks(learner, "reset", "llm-routing/2") == 0
    assert "begins anew" in capsys.readouterr().out
    assert checks(learner, "run", "llm-routing/2") == 2
    assert main(["reset"], lambda _home: nobody()) == 2


def test_the_home_is_passed_on() -> None:
    """``--home`` chooses the lab."""
    asked: list[Path | None] = []

    def find(home: Path | None) -> MemoryDesk:
        asked.append(home)
        return MemoryDesk(Learner())

    main(["run", "llm-routing/1", "--home", "/x"], find)

    assert asked == [Path("/x")]


def test_all_steps_in_a_terminal_fit_it_and_are_counted(
    capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No line is wider than the terminal, but for a word that is."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")

    assert checks(solved_up_to(3), "run") != 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == f"3 of {len(STEPS)} steps passed"
    assert [one for one in lines if len(one) > 60 and " " in one.strip()] == []
    assert len(lines) > 3 * len(STEPS)
