"""The notebooks as shipped, the solutions of their todo cells, and the solved copies."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

HERE = Path(__file__).parent
SHIPPED = HERE.parents[1] / "notebooks" / "llm-routing"
SOLVED = HERE / "solved" / "llm-routing"
SOLUTIONS = HERE / "solutions" / "llm-routing.toml"
MANIFEST = Path("manifests") / "openai.yaml"
NAMES = tuple(path.name for path in sorted(SHIPPED.glob("*.ipynb")))

BLANK = "____"
TODO = "todo"
COMPARED = "nbval-check-output"  # nbval's tag for a cell whose stored output counts


@dataclass(frozen=True)
class Lesson:
    """A notebook: file name and content."""

    name: str
    notebook: NotebookNode

    @classmethod
    def read(cls, path: Path) -> Lesson:
        """A notebook from its file."""
        return cls(path.name, nbformat.read(path, as_version=4))

    @property
    def cells(self) -> list[NotebookNode]:
        """All cells, in order."""
        return list(self.notebook.cells)

    @property
    def prose(self) -> list[NotebookNode]:
        """The cells to read."""
        return [cell for cell in self.cells if cell.cell_type == "markdown"]

    @property
    def code(self) -> list[NotebookNode]:
        """The cells to run, manifests included."""
        return [cell for cell in self.cells if cell.cell_type == "code"]

    @property
    def python(self) -> list[NotebookNode]:
        """The cells to run, without those that hold YAML: a manifest counts as prose."""
        return [cell for cell in self.code if not cell.source.startswith("%%kubectl")]

    @property
    def todo(self) -> dict[str, NotebookNode]:
        """The learner's cells, by name."""
        return {cell.metadata["labgateway"]["cell"]: cell for cell in self.code if is_todo(cell)}

    def said(self, pattern: str) -> list[str]:
        """Every match of a pattern in the prose, code fences left out."""
        return _matches(self.prose, pattern)

    def coded(self, pattern: str) -> list[str]:
        """Every match of a pattern in the code."""
        return _matches(self.code, pattern)

    def cell(self, id_: str) -> NotebookNode:
        """The cell with an id."""
        return next(cell for cell in self.cells if cell.id == id_)


def _matches(cells: list[NotebookNode], pattern: str) -> list[str]:
    return [
        found
        for cell in cells
        for found in re.findall(pattern, unfenced(cell.source), re.MULTILINE)
    ]


def is_todo(cell: NotebookNode) -> bool:
    """Whether the learner has something to write in a cell."""
    return TODO in tags(cell)


def tags(cell: NotebookNode) -> list[str]:
    """A cell's tags."""
    return list(cell.metadata.get("tags", []))


def words(text: str) -> int:
    """Words of prose: what stands in code fences does not count."""
    return len(re.findall(r"[^\W_][\w'-]*", unfenced(text)))


def unfenced(text: str) -> str:
    """Markdown without its code fences."""
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


def code_lines(cell: NotebookNode) -> int:
    """Lines that are not empty."""
    return sum(1 for line in cell.source.splitlines() if line.strip())


def solutions() -> dict[str, dict[str, str]]:
    """File name → todo cell → its solution; a manifest's whole text is under ``text``."""
    loaded: dict[str, dict[str, str]] = tomllib.loads(SOLUTIONS.read_text(encoding="utf-8"))
    return {
        name: {cell: text.strip("\n") for cell, text in cells.items()}
        for name, cells in loaded.items()
    }
