"""JupyterLab as the lab starts it."""

from __future__ import annotations

import sys
from pathlib import Path

from labgateway.lab.settings import shell


def jupyter_command(root: Path, *more: str, first: str | None = None) -> list[str]:
    """The command line that opens JupyterLab on ``root``, with ``first`` in the front tab.

    News and update checks are off: after set-up nothing leaves the machine.
    """
    opened = [f"--LabApp.default_url=/lab/tree/{first}"] if first else []
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={root}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        # A login shell would put the system's programs before the lab's kubectl and python.
        f"--ServerApp.terminado_settings={{'shell_command': [{shell()!r}]}}",
        *opened,
        *more,
    ]
