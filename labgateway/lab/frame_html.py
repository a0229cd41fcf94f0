"""A short frame as an HTML table that fits the width of a notebook beside another pane."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from html import escape

import pandas as pd

from labgateway.lab.page_html import breakable

_TABLE = "table-layout:auto;width:100%;margin:0;font-size:12px"
# JupyterLab would stripe the lines, not the rows.
_ROW = "background:none;border-top:1px solid var(--jp-border-color2,#ccc)"
_BELOW = "background:none"
_CELL = "vertical-align:top;padding:4px 6px 4px 0"
_NUMBER = f"text-align:right;{_CELL}"
_TEXT = f"text-align:left;{_CELL}"
_WORD_CHARACTERS, _NAME_CHARACTERS = 12, 24
_WORD = f"{_TEXT};white-space:nowrap"
_NAME = f"{_TEXT};min-width:5em"
_LONG = f"{_TEXT};overflow-wrap:anywhere;min-width:7em"

Row = Mapping[Hashable, object]


def frame_html(frame: pd.DataFrame) -> str:
    """A table of all rows; a column that holds a sentence has it in a line below each row.

    Names, of columns too, break after dots, dashes, slashes and underscores.
    """
    rows: list[Row] = list(frame.to_dict("records"))
    below = [name for name in frame if any(_is_sentence(row[name]) for row in rows)]
    beside = [name for name in frame if name not in below]
    head = "".join(f'<th scope="col" style="{_TEXT}">{breakable(str(one))}</th>' for one in beside)
    lines = "".join(line for row in rows for line in _lines(row, beside, below))
    return f'<table style="{_TABLE}"><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>'


def _lines(row: Row, beside: Sequence[Hashable], below: Sequence[Hashable]) -> Iterator[str]:
    cells = (f'<td style="{_style(row[one])}">{_shown(row[one])}</td>' for one in beside)
    yield f'<tr style="{_ROW}">{"".join(cells)}</tr>'
    for one in below:
        if row[one] != "":
            said = f"{escape(str(one))}: {escape(str(row[one]))}"
            yield (
                f'<tr style="{_BELOW}"><td colspan="{len(beside)}"'
                f' style="{_TEXT};padding-left:2em">{said}</td></tr>'
            )


def _is_sentence(value: object) -> bool:
    return isinstance(value, str) and len(value.split()) > 2


def _shown(value: object) -> str:
    text = str(value)
    return escape(text) if len(text) <= _WORD_CHARACTERS else breakable(text)


def _style(value: object) -> str:
    if not isinstance(value, str):
        return _NUMBER
    if len(value) <= _WORD_CHARACTERS:
        return _WORD
    return _NAME if len(value) <= _NAME_CHARACTERS else _LONG
