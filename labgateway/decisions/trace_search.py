"""What somebody looks for in the list of traces, as it stands in the page's address, and a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Generic, TypeVar
from urllib.parse import urlencode

from labgateway.decisions.trace_filter import Filter

ROWS_A_PAGE = 25
RANGES_S: Mapping[str, int] = MappingProxyType(
    {
        "1m": 60,
        "5m": 300,
        "15m": 900,
        "30m": 1800,
        "1h": 3600,
        "6h": 21_600,
        "24h": 86_400,
        "7d": 604_800,
        "30d": 2_592_000,
    }
)
STATUSES = ("2xx", "3xx", "4xx", "5xx")
CUSTOM = "custom"

Row = TypeVar("Row")


@dataclass(frozen=True)
class Search:
    """The parts of the address: ``range`` is a key of ``RANGES_S``, ``custom`` or "" for all.

    ``since`` and ``until`` are times in UTC as ``datetime-local`` writes them; what cannot be
    read counts as not given.
    """

    q: str = ""
    range: str = ""
    since: str = ""
    until: str = ""
    status: str = ""
    model: str = ""
    route: str = ""
    page: int = 1

    def filter(self, now: float) -> Filter:
        """Which requests it takes at a time (Unix seconds)."""
        length_s = RANGES_S.get(self.range)
        custom = self.range == CUSTOM
        return Filter(
            status=self.status or None,
            model=self.model or None,
            route=self.route or None,
            text=self.q.strip() or None,
            since=now - length_s if length_s else _time(self.since) if custom else None,
            until=_time(self.until) if custom else None,
        )

    def query(self, page: int) -> str:
        """The same search's address, another page of it; empty parts are left out."""
        parts = {**vars(self), "page": page if page > 1 else ""}
        return urlencode({name: value for name, value in parts.items() if value})

    @property
    def narrows(self) -> bool:
        """Whether anything is asked for."""
        return any(value for name, value in vars(self).items() if name != "page")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of many; pages count from 1."""

    rows: Sequence[Row]
    number: int
    pages: int
    total: int

    @property
    def first(self) -> int:
        """The place of its first row among all, from 1; 0 when there are none."""
        return (self.number - 1) * ROWS_A_PAGE + 1 if self.rows else 0


def page_of(rows: Sequence[Row], number: int) -> Page[Row]:
    """A page of the rows; the nearest that there is when the number is none."""
    pages = max(-(-len(rows) // ROWS_A_PAGE), 1)
    number = min(max(number, 1), pages)
    begin = (number - 1) * ROWS_A_PAGE
    return Page(rows[begin : begin + ROWS_A_PAGE], number, pages, len(rows))


def _time(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
