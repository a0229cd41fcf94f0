"""A card as HTML: what it shows is text, whatever it holds, and can be heard as well as seen."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from labgateway.lab.session import Lab
from tests.lab.cards import OWN_KEY, ask, lab_in

EVIL = "<script>alert('$x$')</script> \x1b[31m\u202e\ud83d"


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """The exercise's route, a backend that names a model, bodies kept."""
    with lab_in(tmp_path) as one:
        yield one


def test_what_was_said_is_text_and_no_credential_is_shown(lab: Lab) -> None:
    """Markup, terminal codes and half characters in prompts are shown, not obeyed."""
    assert lab._gateway is not None
    secret = lab._gateway.providers.keys[-1]
    for stream in (False, True):
        said = f"{EVIL} sk-canary0123456789 {OWN_KEY} {secret}"
        ask(lab, stream=stream, model=EVIL, messages=[{"role": "user", "content": said}])
        card = lab.request()
        html, text = card._repr_html_(), card.text + repr(card)
        assert "&lt;script&gt;alert(" in html
        assert "<script" not in html
        for shown in (html, text):
            shown.encode()
            assert not any(one in shown for one in ("\x1b", "\u202e", "canary", OWN_KEY, secret))
        assert "<script>alert(" in text


class _Structure(HTMLParser):
    """Counts elements; notes which table heads have no scope and which tags stay open."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, int] = {}
        self.without_scope = 0
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] = self.seen.get(tag, 0) + 1
        self.without_scope += tag == "th" and "scope" not in dict(attrs)
        if tag != "wbr":  # which has no end
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_html_can_be_heard_as_well_as_seen(lab: Lab) -> None:
    """Headings, captions and scopes; no status by colour alone; nothing from elsewhere."""
    ask(lab)
    html = lab.request()._repr_html_()
    structure = _Structure()
    structure.feed(html)
    seen = structure.seen
    assert structure.open == []
    assert seen["table"] == seen["caption"] == 7
    assert structure.without_scope == 0
    assert (seen["h4"], seen["h5"]) == (1, 6)
    assert seen["details"] == seen["summary"] == 6 + 3
    assert not {"script", "img", "link", "style"} & set(seen)
    assert "http://" not in html
    for word in ("gateway", "provider", "equal"):
        assert f">{word}</td>" in html
