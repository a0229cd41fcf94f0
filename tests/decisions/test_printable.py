"""What would move or hide other text is shown."""

from __future__ import annotations

import pytest

from labgateway.decisions.printable import pieces, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("gpt-4o", "gpt-4o"),
        ("two\nlines", "two\nlines"),
        ("a\x00b\tc", "a\\x00b\\tc"),
        ("abc\u202edef", "abc\\u202edef"),
        ("pay\u200bpal", "pay\\u200bpal"),
        ("pay\u200dpal", "pay\\u200dpal"),
        ("pal\u200c", "pal\\u200c"),
        ("\ufeffstart", "\\ufeffstart"),
        ("שלום", "שלום"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("क्\u200dष", "क्\u200dष"),
    ],
)
def test_hidden_characters_become_escapes(text: str, shown: str) -> None:
    """Letters of any script stay; joiners stay where they join something."""
    assert printable(text) == shown
    assert "".join(piece for _escaped, piece in pieces(text)) == shown


def test_escapes_are_told_from_what_only_looks_like_them() -> None:
    """A learner may have typed a backslash."""
    assert list(pieces("\\u200b\u200b!")) == [(False, "\\u200b"), (True, "\\u200b"), (False, "!")]
