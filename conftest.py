"""For nbval: the cells of a notebook run in their order, whatever else shuffles tests."""

from __future__ import annotations

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the cells back in order, after all other tests: pytest-randomly shuffles them too."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> tuple[str, int]:
    """A cell's notebook and number; the same for every other test, so that those stay put."""
    number = getattr(item, "cell_num", None)
    return ("", 0) if number is None else (str(item.path), int(number))
