"""Real Python processes that hold a lab, and what can be asked of them line by line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import httpx

from labgateway.lab.client import Client

KERNEL = """
import json, sys, labgateway
lab = labgateway.start()
print(json.dumps({"gateway": lab.gateway_url, "owner": lab.owner}), flush=True)
for line in sys.stdin:
    print(json.dumps(eval(line)), flush=True)
"""


class LabProcess:
    """A process that has called ``labgateway.start()`` and evaluates expressions."""

    def __init__(self, home: Path, **environment: str) -> None:
        env = {name: value for name, value in os.environ.items() if name != "OPENAI_API_KEY"}
        env |= {"LABGATEWAY_HOME": str(home), "LABGATEWAY_PROVIDER": "simulator", **environment}
        self.process = subprocess.Popen(
            [sys.executable, "-c", KERNEL],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=env,
        )
        self.first: dict[str, Any] = json.loads(self._line())
        self.client = Client.find(home)

    @property
    def url(self) -> str:
        """The gateway port, as this process sees it."""
        return str(self.first["gateway"])

    def evaluate(self, expression: str) -> Any:
        """The value of an expression in the process; ``lab`` is there."""
        assert self.process.stdin is not None
        self.process.stdin.write(expression + "\n")
        self.process.stdin.flush()
        return json.loads(self._line())

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            assert self.process.stderr is not None
            raise AssertionError(self.process.stderr.read())
        return line

    def __enter__(self) -> Self:
        """Use the process in a block."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it, whatever state it is in."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def ask(url: str, **headers: str) -> httpx.Response:
    """A chat completion."""
    return httpx.post(
        f"{url}/openai",
        json={"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}]},
        headers=headers,
        timeout=20,
        trust_env=False,
    )
