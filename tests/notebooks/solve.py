"""Make the solved copies again: ``python -m tests.notebooks.solve``.

A solved copy is the shipped notebook with the solutions in its todo cells, run by a real kernel
against the simulator in a home of its own. Only cells marked for comparison keep their outputs.
"""

from __future__ import annotations

import copy
import shutil
import tempfile
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tests.notebooks.kernels import errors, executed
from tests.notebooks.lesson import (
    COMPARED,
    MANIFEST,
    NAMES,
    SHIPPED,
    SOLVED,
    Lesson,
    is_todo,
    solutions,
    tags,
)


def filled(lesson: Lesson, answers: dict[str, str]) -> NotebookNode:
    """A notebook with solutions in place of its blanks. Errors: ``KeyError`` for one without."""
    notebook = copy.deepcopy(lesson.notebook)
    for cell in notebook.cells:
        if is_todo(cell):
            cell.source = answers[cell.metadata["labgateway"]["cell"]]
    return notebook


def keep_compared(notebook: NotebookNode) -> None:
    """Strip a notebook that has run of every output that is not compared."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code" and COMPARED not in tags(cell):
            cell.outputs, cell.execution_count = [], None


def main() -> None:
    """Write every solved copy, in order, one kernel after the other on one home."""
    answers = solutions()
    (SOLVED / MANIFEST).parent.mkdir(parents=True, exist_ok=True)
    for manifest in sorted((SHIPPED / MANIFEST).parent.glob("*.yaml")):
        shutil.copyfile(manifest, SOLVED / MANIFEST.parent / manifest.name)
    (SOLVED / MANIFEST).write_text(answers[MANIFEST.name]["text"] + "\n", encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="labgateway-") as home:
        for name in NAMES:
            notebook = filled(Lesson.read(SHIPPED / name), answers.get(name, {}))
            with executed(notebook, SOLVED, Path(home)) as done:
                if raised := errors(done):
                    raise SystemExit(f"{name} does not run: {raised}")
            keep_compared(done)
            nbformat.write(done, SOLVED / name)


if __name__ == "__main__":
    main()
