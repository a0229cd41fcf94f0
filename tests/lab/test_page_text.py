"""A page as text: columns that line up, bars that are to scale, long texts by their beginning."""

from __future__ import annotations

from labgateway.decisions.waterfall import Bar
from labgateway.lab.page import Bars, Listing, Page, Section, Table
from labgateway.lab.page_text import as_text, at_once

PAGE = Page(
    "A title",
    ("What there is to say.",),
    (
        Section(
            "Open",
            "seen at once",
            (Table("Names", ("Name", "Value"), (("a", "1\n2"), ("longer", "3"))), "A note."),
            is_open=True,
        ),
        Section("Closed", "on demand", (Listing("A text", "JSON", "{\n}"),)),
    ),
)


def test_columns_line_up_and_a_cell_is_one_line() -> None:
    """Line ends within a cell are shown as such."""
    assert as_text(PAGE).split("\n") == [
        "A title",
        "What there is to say.",
        "",
        "Open: seen at once",
        "  Names:",
        "    Name    Value",
        "    a       1\\n2",
        "    longer  3",
        "  A note.",
        "",
        "Closed: on demand",
        "  A text, JSON:",
        "    {",
        "    }",
    ]


def test_what_is_closed_is_named_only() -> None:
    """As the details of the HTML."""
    text = at_once(PAGE)
    assert "    longer  3" in text
    assert text.endswith("Closed: on demand")


def test_of_a_long_text_there_is_its_beginning() -> None:
    """And a sentence that says so."""
    listing = Listing("A text", "plain", "x" * 5000)
    text = as_text(Page("T", (), (Section("S", "s", (listing,)),)))
    assert "A text, plain (its first 2,000 characters):" in text
    assert text.count("x") == 2000 + 1


def test_bars_are_to_scale() -> None:
    """32 characters are the whole; a moment is a mark, and nothing is too short to be seen."""
    rows = (
        Bar("all", 0, "gateway", 0.0, 1.0, 0.0, 64.0),
        Bar("half", 1, "provider", 0.5, 0.5, 32.0, 32.0),
        Bar("short", 1, "gateway", 1.0, 0.0, 64.0, 0.0),
        Bar("moment", 2, "provider", 0.25, 0.0, 16.0, None),
    )
    lines = as_text(Page("T", (), (Section("S", "s", (Bars("B", rows),)),))).split("\n")[-4:]
    assert [line.split("│")[1] for line in lines] == [
        "█" * 32,
        " " * 16 + "█" * 16,
        " " * 31 + "▏",
        " " * 8 + "◆" + " " * 23,
    ]
    assert [line.split("│")[2].strip() for line in lines] == [
        "64.0 ms at 0.0 ms",
        "32.0 ms at 32.0 ms",
        "0.0 ms at 64.0 ms",
        "at 16.0 ms",
    ]


def test_characters_that_move_others_are_shown_as_escapes() -> None:
    """What joins the parts of an emoji stays."""
    family = "\U0001f468\u200d\U0001f469"
    text = as_text(Page(f"\x1b[31m \u202e \ud83d {family}", (), ()))
    assert text == f"\\x1b[31m \\u202e \\ud83d {family}"
