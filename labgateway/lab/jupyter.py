"""JupyterLab as the lab starts it."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path, PurePosixPath

from jupyter_core.paths import jupyter_config_dir

from labgateway.lab.settings import shell
from labgateway.lab.workspace import WORKSPACE, layout


def jupyter_command(root: Path, *more: str) -> list[str]:
    """The command line that opens JupyterLab on ``root``, in the lab's workspace.

    News and update checks are off: after set-up nothing leaves the machine.
    """
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={root}",
        f"--LabApp.default_url=/lab/workspaces/{WORKSPACE}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        # A login shell would put the system's programs before the lab's kubectl and python.
        f"--ServerApp.terminado_settings={{'shell_command': [{shell()!r}]}}",
        *more,
    ]


def lay_out(notebooks: str = ".", *workspaces: str) -> None:
    """Write the lab's layout where JupyterLab keeps its workspaces, over what was there.

    ``notebooks`` is the notebooks' folder, seen from the Jupyter server's root directory; names of
    workspaces are lower-case letters. JupyterLab's own writer takes three seconds to import.
    """
    given = os.environ.get("JUPYTERLAB_WORKSPACES_DIR")
    directory = Path(given) if given else Path(jupyter_config_dir()) / "lab" / "workspaces"
    directory.mkdir(parents=True, exist_ok=True)
    data = layout(PurePosixPath(notebooks))
    for name in workspaces or (WORKSPACE,):
        sign = hashlib.sha256(name.encode()).hexdigest()[:4]
        text = json.dumps({"data": data, "metadata": {"id": name}})
        (directory / f"{name}-{sign}.jupyterlab-workspace").write_text(text, encoding="utf-8")
