"""What happens in cells: the magics, and the last exception, remembered for the checks."""

from __future__ import annotations

import contextlib
import linecache
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from labgateway.decisions.redaction import redact
from labgateway.lab.client import Client
from labgateway.lab.kubectl import Outcome
from labgateway.lab.magics import register
from labgateway.lab.settings import kernel_name
from labgateway.memory.doings import Raised
from labgateway.words.errors import LabError

_SHOWN = 300


class CellWatch:
    """Tells the lab how each cell ended; ``client`` gives the gateway that runs."""

    def __init__(self, client: Callable[[], Client]) -> None:
        self._client = client
        self._failed = False

    @classmethod
    def install(cls, client: Callable[[], Client]) -> None:
        """Watch the cells of this kernel, if there is one."""
        shell = _shell()
        if shell is None:
            return

        def kubectl(line: str, text: str | None, cwd: Path) -> Outcome:
            return client().kubectl(line, text, cwd)

        register(shell, kubectl)
        shell.events.register("post_run_cell", cls(client).ran)

    def ran(self, result: Any) -> None:
        """After a cell; a lab that cannot be reached is no reason to fail the learner's cell."""
        error = result.error_before_exec or result.error_in_exec
        if error is None and not self._failed:
            return
        self._failed = error is not None
        with contextlib.suppress(LabError):
            kernel = kernel_name() or ""
            raised = _raised(error, result.info.raw_cell, kernel) if error else None
            self._client().cell_ran(kernel, raised)


def _raised(error: BaseException, code: str, kernel: str) -> Raised:
    written = error.text if isinstance(error, SyntaxError) else _failing_line(error)
    line = (written or "").strip() or (code.strip().splitlines() or [""])[-1]
    said, shown = redact(str(error))[:_SHOWN], redact(line)[:_SHOWN]
    return Raised(type(error).__name__, said, shown, time.time(), kernel)


def _failing_line(error: BaseException) -> str:
    """The learner's own line that raised: the innermost frame that is a cell."""
    found = ""
    traceback = error.__traceback__
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        if "ipykernel" in name or name.startswith("<ipython-input"):
            found = linecache.getline(name, traceback.tb_lineno).strip()
        traceback = traceback.tb_next
    return found


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None
