"""A page of tables, texts and bars, before it is written as text or as HTML."""

from __future__ import annotations

from dataclasses import dataclass

from labgateway.decisions.waterfall import Bar

Row = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Rows under column headings; the first cell of a row names it."""

    caption: str
    header: Row
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Listing:
    """Text whose lines stand as they are; ``note`` says what kind of text."""

    caption: str
    note: str
    text: str


@dataclass(frozen=True)
class Bars:
    """Spans of time, one below the other."""

    caption: str
    rows: tuple[Bar, ...]


Block = str | Table | Listing | Bars


@dataclass(frozen=True)
class Section:
    """``said`` can be read at once, the blocks too if ``is_open``, else when they are wanted."""

    title: str
    said: str
    blocks: tuple[Block, ...]
    is_open: bool = False


@dataclass(frozen=True)
class Page:
    """A heading, what there is to say first, and sections."""

    title: str
    said: tuple[str, ...]
    sections: tuple[Section, ...]
