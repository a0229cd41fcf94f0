"""How the notebooks are written: grammar, proportions, words; and their solved copies."""

from __future__ import annotations

import ast
import json
import re
import statistics
from pathlib import Path

import pytest
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

from tests.notebooks.lesson import (
    BLANK,
    MANIFEST,
    NAMES,
    SHIPPED,
    SOLVED,
    Lesson,
    code_lines,
    is_todo,
    solutions,
    unfenced,
    words,
)
from tests.notebooks.solve import filled

CELLS = range(20, 36)
LONGEST_CODE_CELL = 15
MEDIAN_CODE_CELL = 4
PROSE_CELL_WORDS = (30, 50)
LONGEST_PROSE_WORDS = 120
WORDS_A_CODE_LINE = 8
LONGEST_LINE = 100
LONGEST_LISTED_LINE = 66  # in the column of the laid-out lab
LABELS = ("# 1 where", "# 2 when", "# 3 credentials")
NOT_SAID = (
    r"!(?!\[)|\b(?:simply|just|obviously|easy|easily|of course|please)\b"
    "|[\U0001f000-\U0001faff\u2600-\u27bf]"
)


@pytest.fixture(params=NAMES)
def lesson(request: pytest.FixtureRequest) -> Lesson:
    """Each notebook as shipped."""
    return Lesson.read(SHIPPED / request.param)


def test_the_first_three_notebooks_are_there() -> None:
    """A learner starts at 00 and finds the steps in order."""
    first = ("00_start_here", "01_backend_and_route", "02_send_a_request")
    assert NAMES[:3] == tuple(f"{name}.ipynb" for name in first)


def test_it_has_the_length_of_one_sitting(lesson: Lesson) -> None:
    """Twenty to thirty-five cells."""
    assert len(lesson.cells) in CELLS


def test_code_cells_are_short(lesson: Lesson) -> None:
    """Four lines at the median, fifteen at most; a manifest is YAML and counts as prose."""
    lengths = [code_lines(cell) for cell in lesson.python]
    assert statistics.median(lengths) <= MEDIAN_CODE_CELL
    assert max(lengths) <= LONGEST_CODE_CELL


def test_prose_leads(lesson: Lesson) -> None:
    """Thirty to fifty words a prose cell, no lecture anywhere, eight words a line of code."""
    lengths = [words(cell.source) for cell in lesson.prose]
    low, high = PROSE_CELL_WORDS
    assert low <= statistics.median(lengths) <= high
    assert max(lengths) <= LONGEST_PROSE_WORDS
    assert sum(lengths) >= WORDS_A_CODE_LINE * sum(code_lines(cell) for cell in lesson.python)


def test_it_opens_with_title_and_goal(lesson: Lesson) -> None:
    """The first cell says what will be true at the end; it is the only H1."""
    assert re.match(r"# .+\n\n\*\*Goal:\*\* ", lesson.cells[0].source)
    assert len(lesson.said(r"^# .+")) == 1


def test_headings_ask_or_claim(lesson: Lesson) -> None:
    """No "Step 3: Configuration": a heading is a question or a sentence with a verb."""
    headings = lesson.said(r"^## (.+)$")
    assert [one for one in headings if not one.endswith("?") and " " not in one] == []
    assert [one for one in headings if one.lower().startswith("step ")] == []
    assert headings[-1] == "What comes next?"


def test_words_are_plain(lesson: Lesson) -> None:
    """No exclamation mark, no emoji, no "simply"."""
    without_code = [re.sub(r"`[^`]*`", "", unfenced(cell.source)) for cell in lesson.prose]
    assert re.findall(NOT_SAID, "\n".join(without_code), re.IGNORECASE) == []


def test_a_word_is_defined_once(lesson: Lesson) -> None:
    """A word stands in bold where it is defined, and nowhere else."""
    defined = lesson.said(r"\*\*([A-Za-z][^*]*)\*\*")
    assert sorted({word for word in defined if defined.count(word) > 1}) == []


def test_code_cells_end_in_a_value(lesson: Lesson) -> None:
    """What a cell shows is its last line, not a print."""
    assert [cell.id for cell in lesson.python if not _ends_in_a_value(cell.source)] == []
    assert lesson.coded(r"\bprint\(") == []


def test_code_fits_the_page(lesson: Lesson) -> None:
    """No line of code has to be scrolled to."""
    lines = [line for cell in lesson.code for line in cell.source.splitlines()]
    assert [line for line in lines if len(line) > LONGEST_LINE] == []


def test_a_listing_in_the_prose_keeps_its_lines(lesson: Lesson) -> None:
    """JupyterLab would break a longer one in the middle of a column."""
    listed = re.findall(
        r"```.*?\n(.*?)```", "\n".join(one.source for one in lesson.prose), re.DOTALL
    )
    lines = "\n".join(listed).splitlines()
    assert [line for line in lines if len(line) > LONGEST_LISTED_LINE] == []


def test_urls_are_computed(lesson: Lesson) -> None:
    """A port may be another one on this machine: none is typed."""
    typed = r":\d{4,5}\b|localhost|127\.0\.0\.1"
    assert lesson.coded(typed) + lesson.said(typed) == []


def test_the_learners_cells_are_marked(lesson: Lesson) -> None:
    """A todo cell says which step and cell it is, holds a blank, and nothing else holds one."""
    assert lesson.todo
    for name, cell in lesson.todo.items():
        assert cell.metadata["labgateway"] == {"step": int(lesson.name[:2]), "cell": name}
        assert cell.id == name
    assert [cell.id for cell in lesson.code if (BLANK in cell.source) != is_todo(cell)] == []


def test_one_check_at_most_one_step(lesson: Lesson) -> None:
    """One cell checks the notebook's step; the first notebook shows the check of step 1."""
    step = max(1, int(lesson.name[:2]))
    assert lesson.coded(r"(?<!\w)check\((\d)\)") == [str(step)]


def test_it_runs_on_the_kernel_at_hand(lesson: Lesson) -> None:
    """Kernel python3, no outputs, no counts, no leftovers of an editor; ids are unique names."""
    metadata = lesson.notebook.metadata
    assert metadata["kernelspec"]["name"] == "python3"
    assert set(metadata) == {"kernelspec", "language_info"}
    assert all(not cell.outputs and cell.execution_count is None for cell in lesson.code)
    assert all(set(cell.metadata) <= {"tags", "labgateway"} for cell in lesson.cells)
    # nbformat replaces an id that comes twice, so the file is asked.
    text = (SHIPPED / lesson.name).read_text(encoding="utf-8")
    ids = [cell["id"] for cell in json.loads(text)["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9-]+", id_) for id_ in ids)


def test_links_lead_somewhere(lesson: Lesson) -> None:
    """A link to a file beside the notebook names one that is there."""
    links = lesson.said(r"\]\(([^)]+)\)")
    assert [link for link in links if not (SHIPPED / link).exists()] == []


def test_the_pairs_carry_the_same_labels() -> None:
    """Worked example, task and file number the three questions alike."""
    lesson = Lesson.read(SHIPPED / "01_backend_and_route.ipynb")
    manifest = (SHIPPED / MANIFEST).read_text(encoding="utf-8")
    for text in (lesson.cell("local-pair").source, lesson.cell("openai-pair").source, manifest):
        assert [label for label in LABELS if label not in text] == []
    assert lesson.cell("openai-pair").source.count(BLANK) == len(LABELS)
    assert manifest.count(BLANK) == len(LABELS)


def test_the_route_for_local_is_the_same_in_cell_and_file() -> None:
    """Who starts at 02 gets from the file what 01 applies in a cell."""
    cell = Lesson.read(SHIPPED / "01_backend_and_route.ipynb").cell("local-pair").source
    manifest = (SHIPPED / "manifests" / "local.yaml").read_text(encoding="utf-8")
    assert manifest.endswith(cell.removeprefix("%%kubectl apply -f -\n") + "\n")


def test_solved_copies_differ_in_the_learners_cells_only(lesson: Lesson) -> None:
    """A solved copy is what is shipped plus the solutions; python -m tests.notebooks.solve."""
    expected = filled(lesson, solutions().get(lesson.name, {}))
    solved = Lesson.read(SOLVED / lesson.name)
    assert [_content(cell) for cell in solved.cells] == [_content(cell) for cell in expected.cells]
    assert BLANK not in "".join(cell.source for cell in solved.code)
    assert set(solutions()[lesson.name]) == set(lesson.todo)


def test_solved_manifests_differ_in_the_blanks_only() -> None:
    """A line of a manifest is the same in both, or it held a blank."""
    for shipped in sorted((SHIPPED / "manifests").glob("*.yaml")):
        solved = SOLVED / "manifests" / shipped.name
        pairs = zip(_lines(shipped), _lines(solved), strict=True)
        assert [a for a, b in pairs if a != b and BLANK not in a] == []
        assert BLANK not in solved.read_text(encoding="utf-8")


def _content(cell: NotebookNode) -> tuple[str, str, str, dict[str, object]]:
    return cell.id, cell.cell_type, cell.source, dict(cell.metadata)


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _ends_in_a_value(source: str) -> bool:
    """Whether the last statement is an expression; magics and shell lines become calls."""
    last = ast.parse(TransformerManager().transform_cell(source)).body[-1]
    return isinstance(last, ast.Expr)
