"""Figures, explorer and board as a learner sees them: drawn offline, live, by keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.jupyter_lab import (
    CHROMIUM,
    THEMES,
    Browser,
    choose,
    jupyter_lab,
    write_notebook,
)
from tests.conftest import BACKEND, ROUTE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None, reason="no Chromium on this machine (Debian: apt-get install chromium)"
    ),
]

ASK = """
import asyncio, httpx
async def ask(number, path="/openai"):
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}],
            "stream": number % 2 == 0}
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(f"{lab.gateway_url}{path}", json=body)
_ = await asyncio.gather(*(ask(number) for number in range(6)))
"""
FIGURES = (
    *("trace", "token_usage", "requests_by_status", "latency"),
    *("time_to_first_token", "topology", "overlap"),
)
CELLS = (
    f"import labgateway; lab = labgateway.start(); _ = lab.client.apply('''{ROUTE}---{BACKEND}''')",
    ASK,
    *(f"lab.{name}()" for name in FIGURES),
    "lab.explore()",
    "lab.board()",
)
LARGEST_NOTEBOOK_BYTES = 700_000  # JupyterLab keeps a preview of 30 to 60 KB of each figure


@pytest.mark.parametrize("theme", THEMES)
def test_views_are_drawn_offline_and_follow_the_traffic(tmp_path: Path, theme: str) -> None:
    """Nothing leaves the machine, the notebook stays small, the arrow keys are enough."""
    state, root = tmp_path / "state", tmp_path / "notebooks"
    choose(state, theme)
    write_notebook(root / "views.ipynb", CELLS)

    with jupyter_lab(root, state, "simulator") as browser:
        browser.open("views.ipynb")
        browser.run_all()
        outputs = browser.shown.locator(".jp-CodeCell")
        for number, name in enumerate(FIGURES, start=2):
            _is_drawn(outputs.nth(number), tmp_path / f"{name}.png")
        failed = browser.shown.locator("[data-mime-type*='error'], [data-mime-type*='stderr']")
        expect(failed).to_have_count(0)
        buttons = browser.shown.locator(".modebar-btn").evaluate_all(
            "all => all.map(one => one.dataset.title)"
        )
        assert "Zoom" in buttons
        assert not [one for one in buttons if "share" in one.lower()]
        _pick_by_keyboard(browser, outputs.nth(len(CELLS) - 2))
        _follows(browser, outputs.nth(len(CELLS) - 1))
        browser.page.keyboard.press("Control+s")
        expect(browser.page.locator(".jp-mod-dirty")).to_have_count(0)
        assert browser.hosts <= {"127.0.0.1", "localhost"}
    assert (root / "views.ipynb").stat().st_size < LARGEST_NOTEBOOK_BYTES


def _is_drawn(cell: Locator, picture: Path) -> None:
    """A figure with a title inside its own width."""
    cell.scroll_into_view_if_needed()
    figure = cell.locator(".js-plotly-plot")
    expect(figure.locator(".gtitle")).to_be_visible()
    box, title = figure.bounding_box(), figure.locator(".gtitle").bounding_box()
    assert box is not None
    assert title is not None
    assert title["x"] >= box["x"]
    assert title["x"] + title["width"] <= box["x"] + box["width"]
    cell.screenshot(path=picture)


def _pick_by_keyboard(browser: Browser, cell: Locator) -> None:
    """From the list to another request with the arrow key: its waterfall replaces the first."""
    cell.scroll_into_view_if_needed()
    title = cell.locator(".gtitle")
    expect(title).to_be_visible()
    first = title.text_content() or ""
    cell.locator("select[size]").focus()
    browser.page.keyboard.press("ArrowDown")
    expect(title).not_to_have_text(first)
    expect(title).to_contain_text("Trace ")


def _follows(browser: Browser, cell: Locator) -> None:
    """Six requests more, sent by running their cell again, appear on the board by themselves."""
    cell.scroll_into_view_if_needed()
    expect(cell.locator(".js-plotly-plot")).to_have_count(4)
    expect(cell.get_by_role("status")).to_have_text("6 requests")
    source = browser.shown.locator(".jp-CodeCell").nth(1)
    source.locator(".cm-content").click()
    browser.page.keyboard.press("Control+Enter")
    cell.scroll_into_view_if_needed()
    expect(cell.get_by_role("status")).to_have_text("12 requests", timeout=20_000)
    expect(cell.locator(".js-plotly-plot")).to_have_count(4)
