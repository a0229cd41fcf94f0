"""What our kubectl prints, compared with what the real one prints."""

from __future__ import annotations

import re
import shlex

from labgateway.lab.kubectl import Kubectl
from tests.terminals import Terminal

_NOT_KUBECTLS = re.compile(r"  |[IWEF]\d{4} \d\d:\d\d:\d\d\.")


def comparable(text: str) -> str:
    """Output without what differs from run to run."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}", "UID", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME", text)
    return re.sub(r" +\d+s( +|$)", " AGE ", text, flags=re.MULTILINE)


def without_indented(stderr: str) -> str:
    """kubectl's own lines, without the lab's below them and the empty ones at the end.

    What its libraries log, now and then, is not kubectl's either.
    """
    lines = stderr.splitlines(keepends=True)
    return "".join(line for line in lines if not _NOT_KUBECTLS.match(line)).rstrip("\n")


def agree(shell: Terminal, kubectl: Kubectl, line: str, text: str | None = None) -> None:
    """Both print the same and end with the same code."""
    real = shell.run(*shlex.split(line), text=text or "")
    ours = kubectl.run(line, text, cwd=shell.cwd)
    assert comparable(ours.stdout) == comparable(real.stdout), line
    assert comparable(without_indented(ours.stderr)) == comparable(without_indented(real.stderr)), (
        line
    )
    assert ours.returncode == real.returncode, line
