"""A search as it stands in an address, and pages of what it finds."""

from __future__ import annotations

import pytest

from labgateway.decisions.trace_filter import Filter
from labgateway.decisions.trace_search import ROWS_A_PAGE, Search, page_of

NOW = 1_767_225_600.0  # 2026-01-01 in UTC


@pytest.mark.parametrize(
    ("search", "wanted"),
    [
        (Search(), Filter()),
        (Search(q="  hello ", status="4xx"), Filter(text="hello", status="4xx")),
        (Search(range="5m"), Filter(since=NOW - 300)),
        (Search(range="30d"), Filter(since=NOW - 2_592_000)),
        (Search(range="soon", since="2026-01-01T00:00"), Filter()),
        (
            Search(range="custom", since="2026-01-01T00:00", until="2026-01-01T01:00:30"),
            Filter(since=NOW, until=NOW + 3630),
        ),
        (Search(range="custom", since="yesterday"), Filter()),
        (Search(model="gpt-4o", route="a/b"), Filter(model="gpt-4o", route="a/b")),
    ],
)
def test_an_address_means_a_filter(search: Search, wanted: Filter) -> None:
    """Times are UTC; what cannot be read counts as not given."""
    assert search.filter(NOW) == wanted


def test_another_page_keeps_the_search() -> None:
    """And the address says no more than it has to."""
    search = Search(q="a&b", status="4xx", page=2)
    assert search.query(3) == "q=a%26b&status=4xx&page=3"
    assert search.query(1) == "q=a%26b&status=4xx"
    assert (search.narrows, Search(page=3).narrows) == (True, False)


@pytest.mark.parametrize(
    ("rows", "number", "shown", "first"),
    [
        (0, 1, (1, 1, 0), 0),
        (25, 1, (1, 1, 25), 1),
        (26, 2, (2, 2, 1), 26),
        (60, 99, (3, 3, 10), 51),
    ],
)
def test_pages_hold_all_rows(
    rows: int, number: int, shown: tuple[int, int, int], first: int
) -> None:
    """The nearest page stands in for one that is not there."""
    page = page_of(range(rows), number)
    assert (page.number, page.pages, len(page.rows)) == shown
    assert (page.first, page.total) == (first, rows)
    assert page_of(range(rows), -1).number == 1
    assert len(page.rows) <= ROWS_A_PAGE
