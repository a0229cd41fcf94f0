"""``%kubectl`` and ``%%kubectl``: kubectl in a notebook, printed as a terminal would."""

from __future__ import annotations

import sys
from collections.abc import Callable
from html import escape
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
        refusal = outcome.stderr.replace(outcome.notes, "", 1)
        if refusal == outcome.brief:
            sys.stderr.write(refusal)
        else:
            _show(outcome.brief, refusal)

    # IPython's own decorator hides the method's signature from mypy.
    shell.register_magic_function(magic, "line_cell", "kubectl")  # type: ignore[arg-type]


def _show(brief: str, refusal: str) -> None:
    """The useful lines of a refusal, with all of it folded away; as text, all of it."""
    from IPython.display import display  # noqa: PLC0415 - a terminal without IPython has no magics

    lines = "white-space:pre-wrap;overflow-wrap:anywhere;margin:0"
    page = (
        '<div role="status" style="border-left:4px solid var(--jp-error-color1);padding:4px 8px">'
        f'<pre style="{lines}">{escape(brief)}</pre>'
        '<details><summary style="cursor:pointer">All that kubectl prints</summary>'
        f'<pre style="{lines}">{escape(refusal)}</pre></details></div>'
    )
    shown = {"text/plain": refusal, "text/html": page}
    display(shown, raw=True)
