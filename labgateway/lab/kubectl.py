"""kubectl for notebooks without the binary: its verbs, over HTTP, in its own words.

What it prints is compared with the real kubectl in the tests; lines that begin with two spaces
are the lab's own, after kubectl's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from labgateway.decisions.redaction import redact
from labgateway.lab.cluster import Cluster
from labgateway.lab.command_line import Command, read, usage
from labgateway.lab.failures import Failure
from labgateway.lab.kubectl_apply import apply
from labgateway.lab.kubectl_delete import delete
from labgateway.lab.kubectl_get import describe, explain, get, version
from labgateway.lab.kubectl_label import annotate, label
from labgateway.lab.kubectl_logs import logs, port_forward
from labgateway.lab.kubectl_resources import api_resources
from labgateway.lab.kubectl_wait import wait
from labgateway.lab.printed import Printed
from labgateway.lab.sources import Typed
from labgateway.memory.doings import Attempt


@dataclass(frozen=True)
class Outcome:
    """What a command printed, its exit code, and what it tried to apply.

    ``notes`` is the part of ``stderr`` that says that there is nothing, which is no mistake;
    ``brief`` is the rest of it without what kubectl was doing, such as the patch that it sent.
    """

    stdout: str
    stderr: str
    returncode: int
    attempt: Attempt | None = None
    notes: str = ""
    brief: str = ""


_VERBS: dict[str, Callable[[Cluster, Command, Typed], Printed]] = {
    "apply": apply,
    "get": get,
    "describe": describe,
    "delete": delete,
    "explain": explain,
    "logs": logs,
    "port-forward": port_forward,
    "version": version,
    "api-resources": api_resources,
    "label": label,
    "annotate": annotate,
    "wait": wait,
}


class Kubectl:
    """Runs command lines against the API that a client's base URL points to."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def run(self, line: str, text: str | None = None, *, cwd: Path) -> Outcome:
        """Run one line; ``text`` is what ``-f -`` reads, ``cwd`` where file names start.

        A learner's mistake is in ``stderr`` and ``returncode``; nothing is raised for it.
        """
        cluster = Cluster(self._client)
        try:
            command = read(line)
            if not command.verb or command.has("help"):
                return Outcome(f"{usage(command.verb)}\n", "", 0)
            printed = _VERBS[command.verb](cluster, command, Typed(line, text, cwd))
        except Failure as failure:
            printed = Printed(failures=[failure])
        warnings = "".join(f"Warning: {one}\n" for one in dict.fromkeys(cluster.warnings))
        return Outcome(
            printed.stdout,
            redact(warnings + printed.stderr, printed.secrets),
            1 if printed.failures else 0,
            printed.attempt,
            printed.notes,
            redact(warnings + printed.brief, printed.secrets),
        )
