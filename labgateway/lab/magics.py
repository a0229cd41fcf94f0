"""``%kubectl`` and ``%%kubectl``: kubectl in a notebook, printed as a terminal would."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from labgateway.lab.kubectl import Outcome
from labgateway.words.errors import LabError

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

RunKubectl = Callable[[str, str | None, Path], Outcome]


def register(shell: InteractiveShell, kubectl: RunKubectl) -> None:
    """Give a shell ``%kubectl LINE`` and ``%%kubectl LINE`` with a manifest below it.

    Both print and return nothing; a learner's mistake is printed too, never raised. File names
    start in the working directory, which is the notebook's.
    """

    def magic(line: str, cell: str | None = None) -> None:
        """Run kubectl against the lab's gateway: %kubectl get httproutes -A."""
        try:
            outcome = kubectl(line, cell, Path.cwd())
        except LabError as error:
            sys.stderr.write(f"error: {error}\n")
            return
        # A notebook shows stderr in red, which alarms; that there is nothing is no alarm.
        sys.stdout.write(outcome.stdout + outcome.notes)
        sys.stdout.flush()  # so that stderr stands below it
        sys.stderr.write(outcome.stderr.replace(outcome.notes, "", 1))

    # IPython's own decorator hides the method's signature from mypy.
    shell.register_magic_function(magic, "line_cell", "kubectl")  # type: ignore[arg-type]
