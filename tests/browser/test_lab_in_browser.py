"""The lab as a learner sees it: a real JupyterLab in a real Chromium."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.browser.jupyter_lab import CHROMIUM, jupyter_lab

ROOT = Path(__file__).parents[2]
SOLVED = ROOT / "tests" / "notebooks" / "solved"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None, reason="no Chromium on this machine (Debian: apt-get install chromium)"
    ),
]


def test_a_learner_runs_steps_1_and_2(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Open, run all: the card, the response and passed checks; nothing leaves the machine."""
    notebooks = tmp_path / "notebooks"
    shutil.copytree(SOLVED, notebooks)
    (tmp_path / "state").mkdir()

    with jupyter_lab(notebooks, tmp_path / "state", "simulator") as browser:
        page = browser.page
        browser.open("llm-routing/00_start_here.ipynb")
        browser.run_all()
        card = browser.shown.get_by_text("A request would meet").first
        card.scroll_into_view_if_needed()
        assert card.is_visible()
        page.screenshot(path=_picture(request, tmp_path))

        browser.open("llm-routing/01_backend_and_route.ipynb")
        browser.run_all()
        browser.shown.get_by_role("status").filter(has_text="Passed").first.wait_for(
            state="attached"
        )

        browser.open("llm-routing/02_send_a_request.ipynb")
        browser.run_all()
        browser.shown.get_by_role("status").filter(has_text="Passed").first.wait_for(
            state="attached"
        )
        outputs = " ".join(browser.shown.locator(".jp-OutputArea-output").all_inner_texts())
        assert "gpt-4o" in outputs
        assert (
            browser.shown.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0
        )

    assert browser.hosts <= {"127.0.0.1", "localhost"}


def _picture(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where the screenshot goes: with --picture it replaces the one in README."""
    return (
        ROOT / "tests/browser/lab.png"
        if request.config.getoption("--picture")
        else tmp_path / "lab.png"
    )
