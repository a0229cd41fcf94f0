"""Durations as the Gateway API and as Go read them."""

from __future__ import annotations

import math

import pytest

from labgateway.shapes.durations import go_duration_s


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("1h1m1s", 3661), ("1.5s", 1.5), (".5s", 0.5), ("-2s", -2), ("+1ms", 0.001)],
)
def test_go_reads_fractions_and_signs(text: str, seconds: float) -> None:
    """More than GEP-2257 allows."""
    assert go_duration_s(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "1", "s", "1d", "1 s", "10s ", "99999999999h"])
def test_what_is_no_duration_is_not_a_number(text: str) -> None:
    """Nor is one that does not fit into 64 bits of nanoseconds."""
    assert math.isnan(go_duration_s(text))
