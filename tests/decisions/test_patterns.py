"""Regular expressions that learners write."""

from __future__ import annotations

import time

import pytest

from labgateway.decisions.patterns import Pattern


@pytest.mark.parametrize(
    ("pattern", "text", "held"),
    [
        ("/v[0-9]+", "/v12", True),
        ("/v[0-9]+", "/v12/x", False),
        ("v1", "/v1", False),
        ("a|ab", "ab", True),
        ("a", "a\n", False),
        ("", "", True),
        ("", "a", False),
        (".*", "/ünïcode/한국어", True),
        ("(?i)gpt-.*", "GPT-4o", True),
        ("a", "\ud800", False),
    ],
)
def test_the_whole_text_has_to_fit(pattern: str, text: str, held: bool) -> None:
    """From the first to the last character, a line end included."""
    assert Pattern(pattern).holds(text) is held


@pytest.mark.parametrize("pattern", ["(", "[a", "*", "a)|(b", "(?=a)b", r"(a)\1", "a{9999}{9999}"])
def test_what_the_engine_does_not_know_is_refused(pattern: str) -> None:
    """Broken, look-around, back references, too large."""
    with pytest.raises(ValueError, match="invalid regular expression"):
        Pattern(pattern)


def test_no_pattern_takes_more_than_linear_time() -> None:
    """Python's own engine would need longer than the universe has been there."""
    pattern = Pattern("(a+)+b|(.*.*)*c")
    before = time.perf_counter()
    assert not pattern.holds("a" * 20_000 + "!")
    assert time.perf_counter() - before < 10
