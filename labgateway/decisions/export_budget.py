"""How much processor time the export of spans may take, so that no request notices it."""

from __future__ import annotations

BUSY_SHARE = 0.01  # of one core, while the gateway has no time to spare
IDLE_SHARE = 0.25  # of the time that it has to spare: enough for some hundred requests a second
SAVED_S = 0.05  # no more than this is saved for later, as it would all be spent at once


def allowance_s(left_s: float, elapsed_s: float, idle_s: float, spent_s: float) -> float:
    """Seconds of processor time that may be spent now; below zero after too much was spent.

    ``left_s`` is the allowance before. Since then so much time went by, the gateway's loop waited
    for so much of it, and the export spent so much.
    """
    # Whoever waits for the interpreter, which one thread has at a time, is not idle.
    spare_s = max(idle_s - spent_s, 0.0)
    earned_s = max(BUSY_SHARE * elapsed_s, IDLE_SHARE * spare_s)
    return min(left_s - spent_s + earned_s, SAVED_S)
