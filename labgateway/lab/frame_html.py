"""A short frame as an HTML table that fits the width of a notebook."""

from __future__ import annotations

import re
from html import escape

import pandas as pd

_TABLE = "table-layout:auto;width:100%;margin:0"
_NUMBER = "text-align:right;vertical-align:top"
# JupyterLab aligns text to the right; a long error would be one word a line without its width.
_TEXT = "text-align:left;vertical-align:top;overflow-wrap:anywhere"
_ERROR = f"{_TEXT};min-width:15em"


def frame_html(frame: pd.DataFrame) -> str:
    """A table of all rows; names of columns break at dots and underscores, texts anywhere.

    What is no text stands to the right, a column ``error`` is wide enough for a sentence.
    """
    head = "".join(f'<th scope="col" style="{_TEXT}">{_breakable(one)}</th>' for one in frame)
    rows = "".join(
        "<tr>"
        + "".join(
            f'<td style="{_style(str(name), value)}">{escape(str(value))}</td>'
            for name, value in zip(frame.columns, row, strict=True)
        )
        + "</tr>"
        for row in frame.itertuples(index=False)
    )
    return f'<table style="{_TABLE}"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _breakable(name: object) -> str:
    return re.sub(r"([._])", r"\1<wbr>", escape(str(name)))


def _style(name: str, value: object) -> str:
    if name == "error":
        return _ERROR
    return _TEXT if isinstance(value, str) else _NUMBER
