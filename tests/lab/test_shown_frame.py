"""A frame that shows a part of itself."""

from __future__ import annotations

import pandas as pd

from labgateway.lab.shown_frame import ShownFrame


class Words(ShownFrame):
    """Shows its first row."""

    def _shown(self) -> pd.DataFrame:
        return pd.DataFrame(self).head(1)

    def _note(self) -> str:
        return f"1 of {len(self)} <words>"


def test_a_part_is_shown_and_all_is_there() -> None:
    """As text and as HTML, in which nothing that it holds is markup."""
    words = Words({"word": ["<b>one</b>", "two"]})

    assert repr(words).splitlines()[1:] == ["<b>one</b>", "1 of 2 <words>"]
    html = words._repr_html_()
    assert "&lt;b&gt;one&lt;/b&gt;" in html
    assert html.endswith("<p>1 of 2 &lt;words&gt;</p>")
    assert "two" not in html
    assert list(words["word"]) == ["<b>one</b>", "two"]


def test_a_selection_is_shown_whole() -> None:
    """As pandas shows it."""
    words = Words({"word": ["one", "two"]})

    assert repr(words[words["word"] == "two"]) == repr(pd.DataFrame({"word": ["two"]}, index=[1]))
