"""The kubectls of this machine: the wheel's, the machine's own, and the oldest beside it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

WHICH = ("wheel", "machine", "oldest")


def kubectls() -> dict[str, str | None]:
    """Paths by where they come from; None for those that are not here.

    Google's SDK installs older versions beside its kubectl, as ``kubectl.1.27`` and so on.
    """
    beside = Path(sys.executable).parent
    paths = os.environ.get("PATH", "").split(os.pathsep)
    elsewhere = os.pathsep.join(one for one in paths if Path(one) != beside)
    machine = shutil.which("kubectl", path=elsewhere)
    older = sorted(Path(machine).resolve().parent.glob("kubectl.1.*")) if machine else []
    return {
        "wheel": shutil.which("kubectl", path=str(beside)),
        "machine": machine,
        "oldest": str(older[0]) if older else None,
    }
