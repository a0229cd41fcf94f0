"""A page as text, for terminals and screen readers."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace

from labgateway.decisions.printable import printable
from labgateway.decisions.waterfall import Bar
from labgateway.lab.page import Bars, Block, Listing, Page, Section, Table

_BAR_CHARACTERS = 32
_EIGHTHS = " ▏▎▍▌▋▊▉"
_LISTED_CHARACTERS = 2000
_CELL_CHARACTERS = 48  # of a column between two others
_FIRST_CHARACTERS = 108  # the longest name of a sample with its labels
_LAST_CHARACTERS = 72


def as_text(page: Page) -> str:
    """All of it; of a long text its beginning."""
    return _text(page, page.sections)


def at_once(page: Page) -> str:
    """What the page shows before anything is opened."""
    return _text(page, [one if one.is_open else replace(one, blocks=()) for one in page.sections])


def _text(page: Page, sections: Sequence[Section]) -> str:
    lines = [page.title, *page.said]
    for section in sections:
        lines += ["", f"{section.title}: {section.said}"]
        for block in section.blocks:
            lines += (f"  {line}".rstrip() for line in _block(block))
    return printable("\n".join(lines))


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, str):
        yield block
    elif isinstance(block, Table):
        yield from _table(block)
    elif isinstance(block, Listing):
        yield from _listing(block)
    else:
        yield from _bars(block)


def _table(table: Table) -> Iterator[str]:
    yield f"{table.caption}:"
    rows = [[_one_line(cell) for cell in row] for row in (table.header, *table.rows)]
    limits = [_FIRST_CHARACTERS, *[_CELL_CHARACTERS] * (len(table.header) - 2), _LAST_CHARACTERS]
    widths = [
        min(max(map(len, column)), limit)
        for column, limit in zip(zip(*rows, strict=True), limits, strict=True)
    ]
    for row in rows:
        cells = [textwrap.wrap(cell, width) for cell, width in zip(row, widths, strict=True)]
        for number in range(max(1, *map(len, cells))):
            parts = [cell[number] if number < len(cell) else "" for cell in cells]
            yield "  " + "  ".join(map(str.ljust, parts, widths))


def _one_line(cell: str) -> str:
    return printable(cell).replace("\n", "\\n")


def _listing(listing: Listing) -> Iterator[str]:
    text = listing.text
    cut = (
        f" (its first {_LISTED_CHARACTERS:,} characters)" if len(text) > _LISTED_CHARACTERS else ""
    )
    yield f"{listing.caption}, {listing.note}{cut}:"
    yield from (f"  {line}" for line in text[:_LISTED_CHARACTERS].split("\n"))


def _bars(bars: Bars) -> Iterator[str]:
    yield f"{bars.caption}:"
    names = [printable("  " * one.depth + one.name) for one in bars.rows]
    widest = max(map(len, names), default=0)
    whose = max((len(one.whose) for one in bars.rows), default=0)
    for name, one in zip(names, bars.rows, strict=True):
        yield f"  {name:{widest}}  {one.whose:{whose}}  │{_drawn(one)}│  {times(one)}"


def _drawn(bar: Bar) -> str:
    start = min(int(bar.start * _BAR_CHARACTERS), _BAR_CHARACTERS - 1)
    if bar.duration_ms is None:
        return f"{' ' * start}◆".ljust(_BAR_CHARACTERS)
    eighths = max(round(bar.length * _BAR_CHARACTERS * 8), 1)
    drawn = "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
    return f"{' ' * start}{drawn}"[:_BAR_CHARACTERS].ljust(_BAR_CHARACTERS)


def times(bar: Bar) -> str:
    """When it began and how long it took, in words."""
    at = f"at {bar.start_ms:.1f} ms"
    return at if bar.duration_ms is None else f"{bar.duration_ms:.1f} ms {at}"
