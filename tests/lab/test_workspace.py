"""The lab's layout, as JupyterLab keeps it."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from jupyterlab_server.workspaces_handler import WorkspacesManager

from labgateway.lab.jupyter import lay_out
from labgateway.lab.workspace import layout

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def opened(area: dict[str, Any]) -> list[str]:
    """The tabs of an area, in reading order."""
    if area["type"] == "tab-area":
        return list(area["widgets"])
    return [one for child in area["children"] for one in opened(child)]


def test_every_tab_can_be_restored_and_every_file_is_there() -> None:
    """JupyterLab leaves out, without a word, what it cannot find."""
    data = layout(PurePosixPath("."))

    tabs = opened(data["layout-restorer:data"]["main"]["dock"])
    assert set(tabs) == set(data) - {"layout-restorer:data"}
    paths = [data[tab]["data"]["path"] for tab in tabs if "path" in data[tab]["data"]]
    assert len(paths) == 3
    assert all((NOTEBOOKS / path).is_file() for path in paths)


def test_notebook_left_console_right() -> None:
    """The first notebook is in front and has the larger part."""
    restored = layout(PurePosixPath("notebooks"))["layout-restorer:data"]["main"]

    left, right = restored["dock"]["children"]
    assert restored["current"] == left["widgets"][0]
    assert left["widgets"][0] == "notebook:notebooks/llm-routing/00_start_here.ipynb"
    assert opened(right)[0] == "labgateway:console"
    assert restored["dock"]["sizes"][0] > 0.5


def test_it_is_where_jupyterlab_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under each name that is asked for, over what was there."""
    monkeypatch.setenv("JUPYTERLAB_WORKSPACES_DIR", str(tmp_path))
    for _ in range(2):
        lay_out("notebooks", "lab", "default")

    manager = WorkspacesManager(str(tmp_path))
    for name in ("lab", "default"):
        assert manager.load(name)["data"] == layout(PurePosixPath("notebooks"))
    assert len(manager.list_workspaces()) == 2
