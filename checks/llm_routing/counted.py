"""What three requests changed: tokens that vary, and a counter before and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checks.llm_routing.burst import in_bursts, right_burst
from checks.llm_routing.handed_in import whole
from checks.spelling import number
from checks.verdict import Kept, NotRight, Passed, Verdict
from labgateway.decisions.exchange import Exchange
from labgateway.memory.observation import Observation

COUNT = "7.count"
_REQUESTS = "agentgateway_requests_total"


def varying(burst: Sequence[Exchange]) -> str:
    """Which token count differs between requests: input, output, both or neither."""
    read = _differ([one.usage.input_tokens for one in burst])
    written = _differ([one.usage.output_tokens for one in burst])
    if read and written:
        return "both"
    return "input" if read else "output" if written else "neither"


def judge_count(seen: Observation, value: Any) -> Verdict:
    """Compare a difference of ``agentgateway_requests_total`` with the requests of the burst."""
    given = number(value[0] if isinstance(value, list) and len(value) == 1 else value)
    if given is None:
        return NotRight(
            "The answer to 7.count is not a number",
            next_step="Hand in the counter's value after, less its value before",
        )
    burst = right_burst(seen)
    if burst is None:
        return Kept(
            f"Your answer to 7.count is kept: `{whole(given)}`",
            "",
            "",
            "It is judged once three requests were under way at the same time",
        )
    return _judged(seen, given, burst)


def _judged(seen: Observation, given: float, burst: Sequence[Exchange]) -> Verdict:
    if given in {float(len(burst)), float(in_bursts(seen))}:
        return Passed(
            f"The counter rose by {whole(given)}, one for each request that came in meanwhile",
            ("A counter only grows, so what it says is the difference between two looks",),
        )
    total = _total(seen)
    if given in {total, float(len(seen.exchanges))}:
        return NotRight(
            f"`{whole(given)}` is all that the counter has counted since the gateway started",
            "",
            "The requests of the steps before are in it.",
            "Take its value from before your burst away",
        )
    if given == -len(burst):
        return NotRight(
            f"`{whole(given)}` is the value before, less the value after",
            "",
            "A counter never falls.",
            "Take the earlier value from the later one",
        )
    tokens = {float(sum(_tokens(burst, side))) for side in ("input_tokens", "output_tokens")}
    if given in tokens:
        return NotRight(
            f"`{whole(given)}` is a number of tokens",
            "",
            "`agentgateway_requests_total` counts requests, whatever is in them.",
            "Look at the family's name, and take the difference again",
        )
    return NotRight(
        f"The counter did not rise by {whole(given)} through your burst",
        "",
        "Other requests in between are counted as well.",
        "Look at the counter right before the burst and right after it",
    )


def _total(seen: Observation) -> float:
    return sum(one.value for one in seen.samples if one.name == _REQUESTS)


def _tokens(burst: Sequence[Exchange], side: str) -> list[int]:
    return [getattr(one.usage, side) or 0 for one in burst]


def _differ(counts: Sequence[int | None]) -> bool:
    return len({one for one in counts if one is not None}) > 1
