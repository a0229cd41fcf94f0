"""Every field of the access log is explained, in a sentence that fits into a table."""

from __future__ import annotations

from labgateway.decisions.access_log import LOG_NAMES
from labgateway.decisions.log_fields import MEANINGS


def test_every_field_is_explained_and_no_other() -> None:
    """In the log's order, so that the two lists are read side by side."""
    assert tuple(MEANINGS) == LOG_NAMES


def test_an_explanation_is_one_short_sentence() -> None:
    """A table has room for as much."""
    for name, meaning in MEANINGS.items():
        assert meaning.endswith("."), name
        assert len(meaning) <= 80, name
        assert len({*MEANINGS.values()}) == len(MEANINGS)
