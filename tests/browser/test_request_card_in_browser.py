"""The card of a request as a learner sees it: opened by keyboard, legible, without a key."""

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

KEY = "CLIENTS_KEY"
CELLS = (
    f"import labgateway; lab = labgateway.start(); _ = lab.client.apply('''{ROUTE}---{BACKEND}''')",
    f"""
import httpx, os, pathlib
lab.log_bodies(True)
body = {{"model": "gpt-4o-mini", "stream": True,
        "messages": [{{"role": "user", "content": "Is $1 or $2 for " + os.environ["{KEY}"]}}]}}
headers = {{"authorization": "Bearer " + os.environ["{KEY}"]}}
_ = httpx.post(f"{{lab.gateway_url}}/openai", json=body, headers=headers, trust_env=False).text
_ = pathlib.Path("key").write_text(lab._gateway.providers.keys[0])
""",
    "lab.request()",
)
# The contrast of an element's text to what is painted behind it, by WCAG 2.
CONTRAST = """
one => {
    const parse = text => text.match(/[\\d.]+/g).map(Number);
    let behind = one, colour = [0, 0, 0, 0];
    while (behind && (colour = parse(getComputedStyle(behind).backgroundColor))[3] === 0) {
        behind = behind.parentElement;
    }
    const light = ([r, g, b]) => [r, g, b]
        .map(part => part / 255)
        .map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
    const [r, g, b, opacity = 1] = parse(getComputedStyle(one).color);
    const text = [r, g, b].map((part, i) => part * opacity + colour[i] * (1 - opacity));
    const both = [light(colour), light(text)].sort((a, b) => b - a);
    return (both[0] + 0.05) / (both[1] + 0.05);
}
"""
LEGIBLE = 4.5  # WCAG 2, level AA


@pytest.mark.parametrize("theme", THEMES)
def test_the_card_is_opened_by_keyboard_legible_and_without_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, theme: str
) -> None:
    """Whole and closed; neither the client's key nor the provider's is anywhere on the page."""
    key = "sk-canary-0123456789abcdefABCDEF"
    monkeypatch.setenv(KEY, key)
    state, root = tmp_path / "state", tmp_path / "notebooks"
    choose(state, theme)
    write_notebook(root / "card.ipynb", CELLS)

    with jupyter_lab(root, state, "simulator") as browser:
        browser.open("card.ipynb")
        browser.run_all()
        card = browser.shown.get_by_role("region", name="Request card")
        card.scroll_into_view_if_needed()
        expect(card).to_contain_text("POST /openai → 200")
        _open_all_by_keyboard(browser, card)
        expect(card).to_contain_text("Is $1 or $2 for (redacted)")
        expect(card).to_contain_text("replaced by the Secret's")
        assert _too_pale(card) == []
        browser.page.keyboard.press("Control+s")
        expect(browser.page.locator(".jp-mod-dirty")).to_have_count(0)
        shown = browser.page.content()
        assert browser.hosts <= {"127.0.0.1", "localhost"}
    for one in (key, (root / "key").read_text()):
        assert one not in shown
        assert one not in (root / "card.ipynb").read_text()


def _open_all_by_keyboard(browser: Browser, card: Locator) -> None:
    """From one heading to the next with Tab; Enter opens what is closed, and closes it again."""
    summaries = card.locator("summary")
    summaries.first.focus()
    visited = 0
    while (focused := card.locator("summary:focus")).count():
        details = focused.locator("xpath=..")
        was_open = details.get_attribute("open") is not None
        browser.page.keyboard.press("Enter")
        expect(details).to_have_js_property("open", not was_open)
        if was_open:
            browser.page.keyboard.press("Space")
            expect(details).to_have_js_property("open", True)
        visited += 1
        browser.page.keyboard.press("Tab")
        while card.locator("pre:focus").count():  # a text that may scroll
            browser.page.keyboard.press("Tab")
    assert visited == summaries.count()
    expect(card.locator("details:not([open])")).to_have_count(0)


def _too_pale(card: Locator) -> list[str]:
    """Texts whose contrast is too low."""
    texts = card.locator("h4, h5, p, summary, caption, th, td, pre")
    seen: list[tuple[str, float]] = texts.evaluate_all(
        f"all => all.map(one => [one.innerText, ({CONTRAST})(one)])"
    )
    return [text for text, contrast in seen if text.strip() and not contrast >= LEGIBLE]
