"""A real JupyterLab server and a real Chromium that may talk to this machine only."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request, sync_playwright

READY_S = 60.0
CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


@dataclass
class Browser:
    """A page on JupyterLab, and every host that it asked for something."""

    page: Page
    url: str
    token: str
    hosts: set[str] = field(default_factory=set)

    def open(self, path: str) -> None:
        """Open a notebook and wait until its kernel is idle."""
        self.page.goto(f"{self.url}lab/tree/{path}?token={self.token}", wait_until="domcontentloaded")
        self.page.locator(".jp-Notebook").first.wait_for(timeout=60_000)
        self.page.locator("[data-status=idle]").first.wait_for(timeout=60_000)

    def run_all(self) -> None:
        """Run → Run All Cells, and wait until no cell is waiting or running."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        self.page.wait_for_function(
            """() => {
                const prompts = [...document.querySelectorAll('.jp-Notebook .jp-CodeCell .jp-InputPrompt')];
                return prompts.length > 0 && prompts.every(one => /\\[\\d+\\]:/.test(one.textContent));
            }""",
            timeout=120_000,
        )


@contextmanager
def jupyter_lab(root: Path, home: Path, provider: str) -> Iterator[Browser]:
    """JupyterLab on ``root`` in Chromium, with the lab's home and provider given."""
    token = secrets.token_hex(16)
    runtime = home.parent / "jupyter-runtime"
    env = {name: value for name, value in os.environ.items() if name != "OPENAI_API_KEY"}
    env |= {
        "LABGATEWAY_HOME": str(home),
        "LABGATEWAY_PROVIDER": provider,
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "JUPYTER_CONFIG_DIR": str(home.parent / "jupyter-config"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home.parent / "jupyter-workspaces"),
        "JUPYTERLAB_SETTINGS_DIR": str(home.parent / "jupyter-settings"),
    }
    with (home.parent / "jupyter.log").open("w") as log:
        server = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "jupyterlab",
                "--no-browser",
                "--allow-root",
                "--ServerApp.port=0",
                f"--IdentityProvider.token={token}",
                f"--ServerApp.root_dir={root}",
            ],
            env=env,
            stdout=log,
            stderr=log,
        )
        try:
            with _chromium(_server_url(runtime), token) as browser:
                yield browser
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


def _server_url(runtime: Path) -> str:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        for path in runtime.glob("jpserver-*.json"):
            text = path.read_text()
            if text:
                return str(json.loads(text)["url"])
    raise TimeoutError(f"the Jupyter server was not ready within {READY_S:.0f} s")


@contextmanager
def _chromium(url: str, token: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = chromium.new_page(viewport={"width": 1360, "height": 860})
        browser = Browser(page, url, token)

        def note(request: Request) -> None:
            parts = urlsplit(request.url)
            if parts.scheme not in {"data", "blob", "about"}:
                browser.hosts.add(parts.hostname or "")

        page.on("request", note)
        try:
            yield browser
        finally:
            chromium.close()
