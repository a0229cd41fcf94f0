"""The notebooks as a learner gets them, run from top to bottom before anything is filled in."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat import NotebookNode

from tests.notebooks.kernels import errors, executed, shown
from tests.notebooks.lesson import NAMES, SHIPPED, Lesson

pytestmark = pytest.mark.slow

Runs = tuple[Lesson, Lesson]
PRINTS = ("%kubectl", "%%kubectl", "%%bash")
UNDONE = ("… Not yet", "✘ Not right")


@pytest.fixture(scope="module", params=NAMES)
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """One notebook, run twice: two fresh kernels, one home that was new before the first."""
    home = tmp_path_factory.mktemp("home")
    done = []
    for _ in range(2):
        notebook = Lesson.read(SHIPPED / request.param).notebook
        with executed(notebook, SHIPPED, home) as run:
            done.append(Lesson(request.param, run))
    return done[0], done[1]


def test_nothing_raises(runs: Runs) -> None:
    """A blank gets a polite answer, never a traceback, and any notebook can be the first."""
    assert [errors(run.notebook) for run in runs] == [[], []]


def test_the_check_says_what_is_left_to_do(runs: Runs) -> None:
    """Nothing is done yet, and the check does not claim otherwise."""
    for run in runs:
        assert shown(run.cell("check")).startswith(UNDONE)


def test_answers_left_blank_are_refused_in_words(runs: Runs) -> None:
    """`answer` with a blank names what could be answered."""
    answers = [cell for run in runs for cell in run.code if cell.source.startswith("answer(")]
    assert [cell.id for cell in answers if not shown(cell).startswith(UNDONE)] == []


def test_nothing_is_printed_behind_the_learners_back(runs: Runs) -> None:
    """Only cells that run kubectl or a shell command print; no thread writes into a cell."""
    printed = [cell for run in runs for cell in run.code if _streams(cell)]
    assert [cell.id for cell in printed if not _may_print(cell)] == []


def test_the_kernels_are_told_nothing_on_standard_error(runs: Runs) -> None:
    """No warning, no log line: what a cell writes to stderr is kubectl's refusal."""
    written = [cell for run in runs for cell in run.code if "stderr" in _streams(cell)]
    assert [cell.id for cell in written if not cell.source.startswith(PRINTS)] == []


def test_the_published_manifest_is_applied_by_half(tmp_path: Path) -> None:
    """The route is created, the line that cannot be read is named, and the route answers 500."""
    notebook = Lesson.read(SHIPPED / "01_backend_and_route.ipynb").notebook
    with executed(notebook, SHIPPED, tmp_path / "home") as done:
        lesson = Lesson("01", done)
    said = shown(lesson.cell("published"))
    assert "httproute.gateway.networking.k8s.io/openai created" in said
    assert "yaml: line 9" in said
    assert shown(lesson.cell("ask-half")) == "(500, 'service not found')"
    assert "BackendNotFound" in shown(lesson.cell("describe-half"))


def _streams(cell: NotebookNode) -> set[str]:
    return {one.name for one in cell.outputs if one.output_type == "stream"}


def _may_print(cell: NotebookNode) -> bool:
    return cell.source.startswith(PRINTS) or any(
        line.startswith("!") for line in cell.source.splitlines()
    )
