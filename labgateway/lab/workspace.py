"""The lab laid out in JupyterLab: which tabs are open, and where."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

WORKSPACE = "lab"
FIRST_NOTEBOOK = "llm-routing/00_start_here.ipynb"
BOARD = "board.ipynb"
MANIFEST = "llm-routing/manifests/openai.yaml"
_CONSOLE = "labgateway:console"
_TERMINAL = "terminal:1"
_NOTEBOOK_PART, _CONSOLE_PART = 0.58, 0.62


def layout(notebooks: PurePosixPath) -> dict[str, Any]:
    """A workspace of JupyterLab, as it keeps them.

    Notebooks on the left, the console on the right, terminal and editor below it. ``notebooks`` is
    the folder with the notebooks, seen from the Jupyter server's root directory.
    """
    first, board, manifest = (str(notebooks / one) for one in (FIRST_NOTEBOOK, BOARD, MANIFEST))
    left = _tabs(f"notebook:{first}", f"notebook:{board}")
    below = _tabs(_TERMINAL, f"editor:{manifest}")
    right = _split("vertical", _CONSOLE_PART, _tabs(_CONSOLE), below)
    main = _split("horizontal", _NOTEBOOK_PART, left, right)
    aside = {"collapsed": True, "widgets": []}
    return {
        "layout-restorer:data": {
            "main": {"dock": main, "current": f"notebook:{first}"},
            "left": aside,
            "right": aside,
            "relativeSizes": [0, 1, 0],
        },
        f"notebook:{first}": {"data": {"path": first, "factory": "Notebook"}},
        f"notebook:{board}": {"data": {"path": board, "factory": "Notebook"}},
        f"editor:{manifest}": {"data": {"path": manifest, "factory": "Editor"}},
        _TERMINAL: {"data": {"name": "1", "cwd": str(PurePosixPath(first).parent)}},
        _CONSOLE: {"data": {}},
    }


def _tabs(*widgets: str) -> dict[str, Any]:
    return {"type": "tab-area", "currentIndex": 0, "widgets": list(widgets)}


def _split(orientation: str, first: float, *children: dict[str, Any]) -> dict[str, Any]:
    sizes = [first, 1 - first]
    return {
        "type": "split-area",
        "orientation": orientation,
        "sizes": sizes,
        "children": list(children),
    }
