"""A page as HTML for notebooks: colours are the theme's, nothing is said by colour alone."""

from __future__ import annotations

import re
from html import escape

from labgateway.decisions.printable import printable
from labgateway.decisions.waterfall import Bar
from labgateway.lab.page import Bars, Block, Listing, Page, Section, Table

_BORDER = "var(--jp-border-color2,#ccc)"
_QUIET = "var(--jp-ui-font-color2,#666)"
_SHORT_CHARACTERS = 20  # a cell up to this length stays on one line
_PLAIN = "text-align:left;vertical-align:top;padding:2px 12px 2px 0;border:0"
_SHORT = f"{_PLAIN};white-space:nowrap"
# Without a width of its own a long cell would have one beside many short ones of a letter.
_LONG = f"{_PLAIN};white-space:normal;overflow-wrap:anywhere;min-width:10em"
_HEAD = f"{_PLAIN};white-space:normal;font-weight:600;color:{_QUIET}"
_TABLE = "table-layout:auto;width:100%;margin:4px 0 8px;border:0;border-collapse:collapse"
_CAPTION = f"caption-side:top;text-align:left;padding:0;color:{_QUIET}"
_NUMBER = "text-align:right;white-space:nowrap;padding:2px 10px 2px 0;border:0;vertical-align:top"
_TITLE = "display:inline;margin:0;font-size:1em;font-weight:600"
_BAR_COLOURS = {
    "gateway": "var(--jp-brand-color1,#1976d2)",
    "provider": "var(--jp-warn-color1,#f57c00)",
}
_OTHER_COLOUR = "var(--jp-success-color1,#388e3c)"


def as_html(page: Page) -> str:
    """A section of the notebook, with details that open on demand."""
    return (
        # JupyterLab would read dollar signs in a prompt as mathematics.
        '<section class="mathjax_ignore tex2jax_ignore" aria-label="Request card"'
        f' style="border:1px solid {_BORDER};border-radius:4px;padding:8px 12px;max-width:72em">'
        f'<h4 style="margin:0 0 4px">{_escaped(page.title)}</h4>'
        + "".join(_paragraph(one) for one in page.said)
        + "".join(_section(one) for one in page.sections)
        + "</section>"
    )


def breakable(text: str) -> str:
    """Text as HTML; names in it may break after dots, dashes, slashes and underscores."""
    return re.sub(r"(?<=\w)([._/-])(?=\w)", r"\1<wbr>", _escaped(text))


def _section(section: Section) -> str:
    return (
        f"<details{' open' if section.is_open else ''} style='margin:6px 0 0;border-top:1px solid"
        f" {_BORDER};padding-top:6px'><summary style='cursor:pointer'>"
        f'<h5 style="{_TITLE}">{_escaped(section.title)}</h5>'
        f": {_prose(section.said)}</summary>"
        + "".join(_block(one) for one in section.blocks)
        + "</details>"
    )


def _block(block: Block) -> str:
    if isinstance(block, str):
        return _paragraph(block)
    if isinstance(block, Table):
        return _table(block)
    return _listing(block) if isinstance(block, Listing) else _bars(block)


def _paragraph(text: str) -> str:
    return f'<p style="margin:0 0 4px">{_prose(text)}</p>'


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col" style="{_HEAD}">{_escaped(one)}</th>' for one in table.header)
    rows = "".join(
        f'<tr style="background:none"><th scope="row" style="{_style(row[0])};font-weight:400">'
        f"{breakable(row[0])}</th>"
        + "".join(f'<td style="{_style(one)}">{breakable(one)}</td>' for one in row[1:])
        + "</tr>"
        for row in table.rows
    )
    return _captioned(table.caption, head, rows)


def _style(cell: str) -> str:
    return _SHORT if len(cell) <= _SHORT_CHARACTERS else _LONG


def _captioned(caption: str, head: str, rows: str) -> str:
    return (
        f'<div style="overflow-x:auto"><table style="{_TABLE}"><caption style="{_CAPTION}">'
        f"{_escaped(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        "</div>"
    )


def _listing(listing: Listing) -> str:
    # tabindex: a text that scrolls must be reachable without a mouse.
    return (
        f'<details style="margin:4px 0"><summary style="cursor:pointer">'
        f"{_escaped(listing.caption)}, {_escaped(listing.note)}</summary>"
        f'<pre tabindex="0" role="region" aria-label="{_escaped(listing.caption)}"'
        f' style="max-height:24em;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere;'
        f'margin:4px 0;padding:6px;border:1px solid {_BORDER}">{_escaped(listing.text)}</pre>'
        "</details>"
    )


def _bars(bars: Bars) -> str:
    names = ("Span", "Whose time", "Starts, ms", "Lasts, ms", "From beginning to end")
    heads = [_HEAD, _HEAD, *[f"{_NUMBER};font-weight:600;color:{_QUIET}"] * 2, _HEAD]
    head = "".join(
        f'<th scope="col" style="{style}">{name}</th>'
        for name, style in zip(names, heads, strict=True)
    )
    return _captioned(bars.caption, head, "".join(map(_bar, bars.rows)))


def _bar(bar: Bar) -> str:
    lasts = "a moment" if bar.duration_ms is None else f"{bar.duration_ms:.1f}"
    return (
        f'<tr style="background:none"><th scope="row" style="{_style(bar.name)};font-weight:400;'
        f'padding-left:{bar.depth * 14}px">{_escaped(bar.name)}</th>'
        f'<td style="{_style(bar.whose)}">{_escaped(bar.whose)}</td>'
        f'<td style="{_NUMBER}">{bar.start_ms:.1f}</td><td style="{_NUMBER}">{lasts}</td>'
        f'<td style="width:45%;padding:2px 0;border:0">{_drawn(bar)}</td></tr>'
    )


def _drawn(bar: Bar) -> str:
    colour = _BAR_COLOURS.get(bar.whose, _OTHER_COLOUR)
    # A border, because browsers leave out backgrounds in high contrast and in print.
    return (
        f'<div aria-hidden="true" style="margin-left:min({bar.start:.2%},100% - 3px);'
        f"width:{bar.length:.2%};box-sizing:border-box;min-width:3px;height:0.9em;"
        f'background:{colour};border:1px solid {colour}"></div>'
    )


def _prose(text: str) -> str:
    """A sentence; what its author put between backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", _escaped(text))


def _escaped(text: str) -> str:
    return escape(printable(text))
