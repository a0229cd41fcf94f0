"""What exporting may cost: little while there is work, much while there is none, debts first."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labgateway.decisions.export_budget import BUSY_SHARE, IDLE_SHARE, SAVED_S, allowance_s

TICK_S = 0.1


@pytest.mark.parametrize(
    ("left_s", "elapsed_s", "idle_s", "spent_s", "allowed_s"),
    [
        pytest.param(0, 1, 0, 0, BUSY_SHARE, id="busy"),
        pytest.param(0, 0.04, 0.04, 0, 0.04 * IDLE_SHARE, id="idle"),
        pytest.param(0, 1, 1, 0, SAVED_S, id="what is saved has a bound"),
        pytest.param(0.01, 0.1, 0, 0.01, 0.1 * BUSY_SHARE, id="what was spent is gone"),
        pytest.param(0, 1, 0, 0.2, BUSY_SHARE - 0.2, id="too much was spent"),
        pytest.param(-0.2, 1, 0, 0, BUSY_SHARE - 0.2, id="a debt is paid first"),
        pytest.param(0, 1, 0.2, 0.2, BUSY_SHARE - 0.2, id="to wait for the export is not idle"),
    ],
)
def test_what_may_be_spent(
    left_s: float, elapsed_s: float, idle_s: float, spent_s: float, allowed_s: float
) -> None:
    """Seconds of processor time, by what went on since the last time."""
    assert allowance_s(left_s, elapsed_s, idle_s, spent_s) == pytest.approx(allowed_s)


@pytest.mark.parametrize(
    ("idle", "share"),
    [(lambda _spent_s: 0.0, BUSY_SHARE), (lambda spent_s: spent_s, BUSY_SHARE)],
    ids=["busy", "waiting for the export"],
)
def test_in_the_long_run_a_busy_gateway_gives_a_small_share(
    idle: Callable[[float], float], share: float
) -> None:
    """Whoever always wants more, and each time takes a piece of 60 ms that cannot be divided."""
    left_s = spent_s = total_s = 0.0
    for _ in range(2000):
        left_s = allowance_s(left_s, TICK_S, idle(spent_s), spent_s)
        spent_s = 0.06 if left_s > 0 else 0.0
        total_s += spent_s
    assert total_s == pytest.approx(2000 * TICK_S * share, abs=0.07)
