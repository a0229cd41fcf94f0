"""The whole exercise in the laid-out lab, from the first cell to the last check, by a script."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.jupyter_lab import CHROMIUM, Browser, lab_laid_out
from tests.notebooks.lesson import NAMES, SHIPPED, Lesson, is_todo, solutions

ROOT = Path(__file__).parents[2]
ON_A_HUB = "/user/ada-1x2y/"
DEADLINE_S = 60.0
WITH_TABLES = "03_access_logs.ipynb"  # the frame of the log and the card of a request

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None, reason="no Chromium on this machine (Debian: apt-get install chromium)"
    ),
]


@pytest.mark.parametrize("base_url", ["/", ON_A_HUB])
def test_a_learner_does_the_whole_exercise(
    tmp_path: Path,
    base_url: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From notebook to notebook by their links, blanks filled in; every check passes, offline."""
    state = tmp_path / "state"
    if base_url == ON_A_HUB:
        monkeypatch.delenv("SHELL", raising=False)  # what spawns a server on a hub need not set it
    _all_cells_at_once(state)

    with lab_laid_out(tmp_path / "notebooks", state, base_url) as browser:
        browser.open_laid_out()
        _takes_the_tour(browser)
        expect(browser.console.get_by_text("No gateway is running yet")).to_be_visible()
        expect(browser.page.locator(".jp-mod-dirty")).to_have_count(0)  # nothing was changed
        for name in NAMES[:3]:
            _does(browser, Lesson.read(SHIPPED / name))
        expect(browser.console.get_by_text("No gateway is running yet")).to_have_count(0)
        if base_url == ON_A_HUB:
            browser.page.screenshot(path=_picture(request, tmp_path))
        for name in NAMES[3:]:
            _does(browser, Lesson.read(SHIPPED / name))
        assert _in_the_terminal(browser, state) == ["passed"] * len(NAMES[1:])
        _looks_at_the_board(browser)
        assert browser.hosts <= {"127.0.0.1", "localhost"}


def _all_cells_at_once(state: Path) -> None:
    """JupyterLab keeps only the cells in view on the page otherwise."""
    settings = state / "jupyter-settings/@jupyterlab/notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')


def _takes_the_tour(browser: Browser) -> None:
    """By keyboard, which is the notebook's after it; offered once; cards beside what they frame."""
    page = browser.page
    page.get_by_role("button", name="Show me around").click()
    for stop in range(1, 5):
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text(f"{stop} of 4")
        card = dialog.locator(".jp-Dialog-content").bounding_box()
        frame = dialog.locator("> div").first.bounding_box()
        assert card is not None
        assert frame is not None
        assert frame["width"] > 0
        right_of_it = card["x"] >= frame["x"] + frame["width"]
        assert right_of_it or card["x"] + card["width"] <= frame["x"]
        page.keyboard.press("Enter")
        expect(page.get_by_text(f"{stop} of 4")).to_have_count(0)
    expect(page.get_by_role("button", name="Show me around")).to_have_count(0)
    expect(browser.shown.locator(".jp-Notebook :focus, .jp-Notebook:focus")).to_have_count(1)


def _does(browser: Browser, lesson: Lesson) -> None:
    """Come by the link at the end of the notebook before, fill in the blanks, run all, check."""
    if lesson.name != NAMES[0]:
        browser.shown.locator(f".jp-RenderedMarkdown a[href*='{lesson.name}']").last.click()
    title = lesson.cells[0].source.splitlines()[0].removeprefix("# ")
    expect(browser.shown.get_by_role("heading", name=title)).to_be_visible(timeout=60_000)
    browser.page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    for number, cell in enumerate(lesson.cells):
        if is_todo(cell):
            answers = solutions()[lesson.name]
            browser.fill(number, answers[cell.metadata["labgateway"]["cell"]])
    browser.run_all()
    failed = browser.shown.locator("[data-mime-type='application/vnd.jupyter.error']")
    expect(failed).to_have_count(0)
    if lesson.name == WITH_TABLES:
        tables = browser.shown.locator(".jp-OutputArea-output :has(> table), .jp-OutputArea-output")
        cut = tables.evaluate_all(
            "all => all.filter(one => one.scrollWidth > one.clientWidth).length"
        )
        assert cut == 0, "a table is wider than the notebook's column"
    check = next(n for n, cell in enumerate(lesson.cells) if cell.id == "check")
    if lesson.name != NAMES[0]:
        verdict = browser.shown.locator(".jp-Notebook .jp-Cell").nth(check)
        expect(verdict.get_by_role("status")).to_contain_text("Passed")


def _in_the_terminal(browser: Browser, state: Path) -> list[str]:
    """kubectl, curl and the checks, typed into the terminal; the outcomes of the steps."""
    ask = 'curl -s -o /dev/null -w "%{http_code}" "$GATEWAY_IP:$GATEWAY_PORT/openai"'
    commands = [
        f"kubectl get httproute -A -o name > {state}/routes",
        f"{ask} > {state}/http",
        f"python -m checks run --json > {state}/checking",
        f"mv {state}/checking {state}/checks",
    ]
    browser.page.locator(".jp-Terminal").click()
    browser.page.keyboard.insert_text("; ".join(commands))
    browser.page.keyboard.press("Enter")
    deadline = time.monotonic() + DEADLINE_S
    while not (state / "checks").exists():
        assert time.monotonic() < deadline, "the terminal did not finish"
        browser.page.wait_for_timeout(100)
    assert "httproute.gateway.networking.k8s.io/openai" in (state / "routes").read_text()
    assert (state / "http").read_text() not in {"", "000"}
    return [one["outcome"] for one in json.loads((state / "checks").read_text())]


def _looks_at_the_board(browser: Browser) -> None:
    """In the tab behind the notebooks: it attaches, and draws the traffic of the whole exercise."""
    browser.page.get_by_role("tab", name="board.ipynb").click()
    browser.page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    browser.run_all()
    expect(browser.shown.locator(".js-plotly-plot").first).to_be_visible(timeout=60_000)


def _picture(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where the screenshot goes: with --picture it replaces the one in README."""
    return (
        ROOT / "tests/browser/lab.png"
        if request.config.getoption("--picture")
        else tmp_path / "lab.png"
    )
