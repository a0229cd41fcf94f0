"""A short frame as an HTML table that fits the width of a notebook."""

from __future__ import annotations

import re
from html import escape

import pandas as pd

_TABLE = "table-layout:auto;width:100%;margin:0"
_SHORT_CHARACTERS = 24  # a text up to this length stays on one line
_NUMBER = "text-align:right;vertical-align:top"
_SHORT = "text-align:left;vertical-align:top;white-space:nowrap"
_HEAD = "text-align:left;vertical-align:top"
# A long error would be one word a line without its width.
_LONG = f"{_HEAD};overflow-wrap:anywhere;min-width:13em"


def frame_html(frame: pd.DataFrame) -> str:
    """A table of all rows; names of columns break at dots and underscores, long texts anywhere."""
    head = "".join(f'<th scope="col" style="{_HEAD}">{_breakable(one)}</th>' for one in frame)
    rows = "".join(
        "<tr>"
        + "".join(f'<td style="{_style(value)}">{escape(str(value))}</td>' for value in row)
        + "</tr>"
        for row in frame.itertuples(index=False)
    )
    return f'<table style="{_TABLE}"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _breakable(name: object) -> str:
    return re.sub(r"([._])", r"\1<wbr>", escape(str(name)))


def _style(value: object) -> str:
    if not isinstance(value, str):
        return _NUMBER
    return _SHORT if len(value) <= _SHORT_CHARACTERS else _LONG
