"""Real kernels that run notebooks, with a home and the simulator of their own."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).parents[2]
CELL_TIMEOUT_S = 60


def environment(home: Path) -> dict[str, str]:
    """What a kernel, or pytest with nbval, needs to use a lab of its own."""
    without_key = {name: os.environ[name] for name in os.environ if not name.startswith("OPENAI_")}
    return {
        **without_key,
        "LABGATEWAY_HOME": str(home),
        "LABGATEWAY_PROVIDER": "simulator",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
    }


@contextlib.contextmanager
def executed(notebook: NotebookNode, cwd: Path, home: Path) -> Iterator[NotebookNode]:
    """The notebook with its outputs, run from top to bottom; the kernel lives as the block does."""
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT_S,
        kernel_name="python3",
        allow_errors=True,
        resources={"metadata": {"path": str(cwd)}},
    )
    with client.setup_kernel(env=environment(home)):
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
        yield notebook


def shown(cell: NotebookNode) -> str:
    """What a cell shows, as text: streams and values, in order."""
    parts = [
        one.text if one.output_type == "stream" else one.get("data", {}).get("text/plain", "")
        for one in cell.outputs
    ]
    return "".join(parts)


def errors(notebook: NotebookNode) -> list[str]:
    """The exceptions of a notebook that has run, with the cell's id."""
    return [
        f"{cell.id}: {one.ename}: {one.evalue}"
        for cell in notebook.cells
        if cell.cell_type == "code"
        for one in cell.outputs
        if one.output_type == "error"
    ]
