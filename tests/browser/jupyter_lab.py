"""A real JupyterLab server and a real Chromium that may talk to this machine only."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
from playwright.sync_api import FrameLocator, Locator, Page, Request, sync_playwright

from tests.jupyter_server import jupyter_server


def _chromium() -> str | None:
    """The machine's own, else the one that ``playwright install chromium`` brought."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    with sync_playwright() as playwright:
        brought = playwright.chromium.executable_path
    return brought if Path(brought).exists() else None


CHROMIUM = _chromium()
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


THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}


def choose(state: Path, theme: str) -> None:
    """A theme, and all cells on the page at once, for a JupyterLab whose state is there."""
    for folder, name, text in (
        ("apputils-extension", "themes", f'{{"theme": "{THEMES[theme]}"}}'),
        ("notebook-extension", "tracker", '{"windowingMode": "none"}'),
    ):
        settings = state / "jupyter-settings/@jupyterlab" / folder
        settings.mkdir(parents=True)
        (settings / f"{name}.jupyterlab-settings").write_text(text)


def write_notebook(path: Path, cells: Iterable[str]) -> None:
    """A notebook of these code cells, in a folder that is made for it."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    path.parent.mkdir()
    nbformat.write(notebook, path)


@dataclass
class Browser:
    """A page on JupyterLab or the console, and every host that it asked for something."""

    page: Page
    url: str
    token: str
    hosts: set[str] = field(default_factory=set)

    @property
    def shown(self) -> Locator:
        """The notebook in the front tab."""
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")

    def open(self, path: str) -> None:
        """Open a notebook in a workspace of its own and wait until its kernel is idle."""
        workspace = Path(path).stem
        self.page.goto(
            f"{self.url}lab/workspaces/{workspace}/tree/{path}?token={self.token}",
            wait_until="domcontentloaded",
        )
        self.shown.wait_for(timeout=60_000)
        self.page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)

    def open_laid_out(self) -> None:
        """Open the lab as its own start does, and wait until the notebook's kernel is idle."""
        self.page.goto(
            f"{self.url}lab/workspaces/lab?token={self.token}", wait_until="domcontentloaded"
        )
        self.shown.first.wait_for(timeout=60_000)
        self.page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)

    @property
    def console(self) -> FrameLocator:
        """The page in the console's pane."""
        return self.page.frame_locator("iframe[title='Gateway console']")

    def fill(self, cell: int, source: str) -> None:
        """Type over a cell of the notebook in the front tab; cells are counted from 0."""
        self.shown.locator(".jp-Notebook .jp-Cell").nth(cell).locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)

    def run_all(self) -> None:
        """Run → Run All Cells, and wait until no cell is waiting or running."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        self.page.wait_for_function(
            """() => {
                const prompts = [...document.querySelectorAll(
                    '.jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell .jp-InputPrompt')];
                const done = prompts.filter(one => /\\[\\d+\\]:/.test(one.textContent));
                return prompts.length > 0 && done.length === prompts.length;
            }""",
            timeout=120_000,
        )


@contextmanager
def jupyter_lab(root: Path, state: Path, provider: str) -> Iterator[Browser]:
    """JupyterLab on ``root`` in Chromium, with its state and the lab's provider given."""
    with (
        jupyter_server(root, state, LABGATEWAY_PROVIDER=provider) as server,
        chromium(server.url, server.token) as browser,
    ):
        yield browser


@contextmanager
def lab_laid_out(root: Path, state: Path, base_url: str) -> Iterator[Browser]:
    """What ``labgateway lab`` opens, on a copy of the notebooks, with the simulator.

    Under a base URL of its own it is as on a hub.
    """
    environment = {"LABGATEWAY_PROVIDER": "simulator"}
    if base_url != "/":
        environment["JUPYTERHUB_SERVICE_PREFIX"] = base_url
    with (
        jupyter_server(root, state, base_url, laid_out=True, **environment) as server,
        chromium(server.url, server.token) as browser,
    ):
        yield browser


@contextmanager
def chromium(url: str, token: str = "") -> Iterator[Browser]:
    """A page in Chromium that has not been anywhere."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = launched.new_page(viewport={"width": 1360, "height": 860})
        browser = Browser(page, url, token)

        def note(request: Request) -> None:
            parts = urlsplit(request.url)
            if parts.scheme not in {"data", "blob", "about"}:
                browser.hosts.add(parts.hostname or "")

        page.on("request", note)
        try:
            yield browser
        finally:
            launched.close()
