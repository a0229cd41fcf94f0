"""A real Jupyter server with JupyterLab, on a free loopback port."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from labgateway.lab.jupyter import jupyter_command

READY_S = 120.0


@dataclass(frozen=True)
class JupyterServer:
    """Where it is: its URL ends in a slash, ``runtime`` holds the kernels' connection files."""

    url: str
    token: str = field(repr=False)
    pid: int
    runtime: Path


@contextmanager
def jupyter_server(
    root: Path, state: Path, base_url: str = "/", *, laid_out: bool = False, **environment: str
) -> Iterator[JupyterServer]:
    """JupyterLab on ``root``; everything that it keeps is under ``state``.

    ``laid_out``: as ``labgateway lab`` starts it, with the notebooks copied to ``root``.
    """
    token = secrets.token_hex(16)
    runtime = state / "jupyter-runtime"
    env = {name: value for name, value in os.environ.items() if name != "OPENAI_API_KEY"}
    env |= {
        "LABGATEWAY_HOME": str(state / "home"),
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "JUPYTER_CONFIG_DIR": str(state / "jupyter-config"),
        "JUPYTERLAB_WORKSPACES_DIR": str(state / "jupyter-workspaces"),
        "JUPYTERLAB_SETTINGS_DIR": str(state / "jupyter-settings"),
        **environment,
    }
    arguments = [
        "--no-browser",
        "--allow-root",
        "--ServerApp.port=0",
        f"--ServerApp.base_url={base_url}",
        f"--IdentityProvider.token={token}",
    ]
    lab = [sys.executable, "-m", "labgateway", "lab", "--copy", str(root), "--", *arguments]
    command = lab if laid_out else jupyter_command(root, *arguments)
    with (state / "jupyter.log").open("w") as log:
        server = subprocess.Popen(command, env=env, stdout=log, stderr=log)
        try:
            yield JupyterServer(_url(runtime), token, server.pid, runtime)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


def _url(runtime: Path) -> str:
    """The server's URL, once it answers; the file that names it is there a moment earlier."""
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        for path in runtime.glob("jpserver-*.json"):
            text = path.read_text()
            url = str(json.loads(text)["url"]) if text else ""
            if url and _answers(url):
                return url
    raise TimeoutError(f"the Jupyter server was not ready within {READY_S:.0f} s")


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}api", trust_env=False).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
