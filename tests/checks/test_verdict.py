"""Verdicts: one template, plain text that is stable, HTML that is safe and read out."""

from __future__ import annotations

import json

import pytest

from checks.display import Sheet
from checks.verdict import OUTCOMES, Kept, NotRight, NotYet, Passed, Raised, Verdict


def test_the_message_follows_the_template() -> None:
    """What I saw, where, why it matters, the next step: in this order, each a sentence."""
    said = NotRight("I saw this", "Line 3: `x`", "It matters.", "Do that")

    assert said.message == "I saw this. Line 3: `x`. It matters. Do that."
    assert str(said) == "✘ Not right · I saw this. Line 3: `x`. It matters. Do that."


def test_empty_parts_leave_no_trace() -> None:
    """Not every message has a line to name."""
    assert NotYet("Nothing yet", next_step="Begin").message == "Nothing yet. Begin."


def test_the_wire_names() -> None:
    """The five outcomes of the contract."""
    assert [one.outcome for one in OUTCOMES] == [
        "passed",
        "not_right",
        "not_yet",
        "raised",
        "not_ready",
    ]


def test_what_is_kept_is_neither_wrong_nor_missing() -> None:
    """Its title says so; for a program it is one of what is still to come."""
    said = Kept("Your answer is kept")

    assert str(said) == "✎ Kept · Your answer is kept."
    assert said.outcome == NotYet.outcome


def test_evidence_is_not_in_the_text() -> None:
    """What differs from run to run must not break a comparison of stored outputs."""
    said = Passed("Done", evidence={"reply": "chatcmpl-77"})
    bundle = said._repr_mimebundle_()

    assert bundle["text/plain"] == "✔ Passed · Done."
    assert "chatcmpl-77" in bundle["text/html"]
    assert "<details>" in bundle["text/html"]
    assert said == Passed("Done")


def test_learners_words_are_escaped() -> None:
    """A name can hold markup."""
    said = NotRight("The name is `<img src=x onerror=alert(1)>`", evidence={"<b>": "<script>"})
    html = said._repr_mimebundle_()["text/html"]

    assert "<img" not in html
    assert "<script" not in html
    assert "<code>&lt;img" in html


@pytest.mark.parametrize("verdict", [Passed("a"), NotRight("a"), Kept("a"), Raised("a")])
def test_html_is_accessible(verdict: Verdict) -> None:
    """Announced, in words beside the icon, in the theme's colours only."""
    html = verdict._repr_mimebundle_(include=None, exclude=None)["text/html"]

    assert 'role="status"' in html
    assert 'aria-hidden="true"' in html
    assert verdict.label.split(" ", 1)[1] in html
    assert "var(--jp-" in html
    assert "#" not in html


def test_an_aside_comes_last() -> None:
    """The runner's remark does not change what the verdict is."""
    said = NotRight("a", next_step="b")

    assert said.with_aside("c").message == "a. b. c."
    assert said.with_aside("").with_aside("c").with_aside("d?").message == "a. b. c. d?"
    assert said.with_aside("c") == said


def test_a_sheet_shows_code_apart() -> None:
    """Hints and solutions."""
    sheet = Sheet("Hint 1 of 3", ("Look at `x`",), "a: <b>\n")
    bundle = sheet._repr_mimebundle_()

    assert bundle["text/plain"] == "Hint 1 of 3\n\nLook at `x`\n\na: <b>"
    assert "<code>x</code>" in bundle["text/html"]
    assert "a: &lt;b&gt;" in bundle["text/html"]
    assert json.dumps(bundle)
