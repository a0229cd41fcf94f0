"""By how much count and sum of output tokens grew with one more request, as a learner read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from checks.llm_routing.handed_in import whole
from checks.llm_routing.metric_numbers import NOTHING_SINCE, SLUG, a_date, nothing_counted
from checks.llm_routing.metric_readings import OUTPUT, buckets_reached, readings
from checks.llm_routing.own_line import given_at
from checks.spelling import numbers
from checks.verdict import NotRight, Passed, Verdict
from labgateway.decisions.exchange import Exchange
from labgateway.memory.observation import Observation

DELTA = "4.delta"
Pair = tuple[float, float]


@dataclass(frozen=True)
class Read:
    """The pair that was handed in, and what the last request and all of them would have made it.

    ``mixed`` is the pair of all its types of token, ``several`` are those of the last two, three, …
    requests, ``totals`` those since the start, ``earlier`` those of each single request.
    """

    count: float
    sum: float
    input: float
    output: float
    mixed: tuple[Pair, ...]
    totals: tuple[Pair, ...]
    several: tuple[Pair, ...]
    earlier: tuple[Pair, ...]

    @property
    def pair(self) -> Pair:
        """Count and sum."""
        return self.count, self.sum


class Mistake(NamedTuple):
    """What is said of readings that pass a test; the texts may name {count} and {sum}."""

    test: Callable[[Read], bool]
    saw: str
    why: str
    next_step: str = 'Read once before and once after a request, then `answer("4.delta", …)` again'


_ONE_TYPE = 'Keep the rows with `gen_ai_token_type` = "output"'
_MISTAKES = (
    Mistake(
        lambda read: read.pair == (0.0, 0.0),
        "Nothing has changed between your two readings",
        "A request has to be answered after the first and before the second.",
    ),
    Mistake(
        lambda read: read.pair == (read.output, 1.0),
        "You have the two the wrong way round",
        "",
        "Hand in the change of `_count` first",
    ),
    Mistake(
        lambda read: read.sum in {total for _, total in read.totals},
        "`{sum}` is the total since the gateway started",
        "A counter says something when two readings of it are compared.",
    ),
    Mistake(
        lambda read: read.pair in read.mixed,
        "`{sum}` mixes input and output tokens",
        "Both types are in the family, each with a count and a sum of its own.",
        _ONE_TYPE,
    ),
    Mistake(
        lambda read: read.pair == (1.0, read.input),
        "`{sum}` are the input tokens",
        "",
        _ONE_TYPE,
    ),
    Mistake(
        lambda read: read.pair == (1.0, 1.0),
        "1 and 1 is how a counter of requests grows, and `_sum` adds up what was observed",
        "What was observed is how many tokens a request had.",
        "Look at the row whose name ends in `_sum`",
    ),
    Mistake(
        lambda read: read.count == 1 and read.sum in {size for _, size in read.earlier},
        "`{sum}` are the output tokens of an earlier request, from before you measured",
        "",
    ),
    Mistake(
        lambda read: read.pair in read.several,
        "{count} requests lie between your two readings",
        "One more request was asked for.",
    ),
    Mistake(
        lambda read: 1 < read.count == buckets_reached(read.output),
        "`{count}` is by how much all buckets grew together",
        "They are cumulative: one request counts in each bucket that is large enough for it.",
        "Keep the rows whose name ends in `_count`",
    ),
    Mistake(
        lambda read: read.count != 1,
        "`{count}` is not by how much `_count` grows with one request",
        "It counts how often something was observed, however much that was.",
    ),
    Mistake(
        lambda _read: True,
        "`{sum}` is not the number of output tokens of a request in the log",
        "`_sum` grows by what was observed, and the log's line says what that was.",
    ),
)


def judge_delta(seen: Observation, value: Any) -> Verdict:
    """By how much ``_count`` and ``_sum`` of output tokens grew with one more request."""
    pair = count_and_sum(value)
    if pair is None:
        return NotRight(
            "The answer to 4.delta is not two numbers",
            next_step="Hand in a list: by how much `_count` grew, by how much `_sum` grew",
        )
    until = given_at(seen, DELTA)
    since = seen.reset_at.get(SLUG, 0.0)
    asked = [
        one
        for one in seen.llm_exchanges()
        if since <= one.started <= until and one.usage.output_tokens is not None
    ]
    if not asked:
        began_again = SLUG in seen.reset_at and bool(seen.llm_exchanges())
        return NOTHING_SINCE if began_again else nothing_counted(seen)
    begun = [one for one in asked if one.started > _began(seen)] or asked
    if any(pair == (1.0, float(one.usage.output_tokens or 0)) for one in begun):
        return Passed(
            "The difference in the metrics is the usage in the log: one request, and its tokens",
            ("`_count` counts observations, `_sum` adds up what was observed",),
        )
    totals = tuple((one.total(OUTPUT, "count"), one.total(OUTPUT)) for one in readings(seen, until))
    return a_date(*pair) or _differs(_read(pair, asked, totals))


def _began(seen: Observation) -> float:
    """When the learner was first seen at this step, at another answer of it (Unix time)."""
    others = [name for name in seen.answers if name.startswith("4.") and name != DELTA]
    return min((seen.answers[one].began for one in others), default=0.0)


def _read(pair: Pair, asked: list[Exchange], totals: tuple[Pair, ...]) -> Read:
    written = [float(one.usage.output_tokens or 0) for one in reversed(asked)]
    several = tuple((float(n), sum(written[:n])) for n in range(2, len(written) + 1))
    usage = asked[-1].usage
    types = [usage.input_tokens, usage.output_tokens, usage.cached_tokens]
    counted = [float(one) for one in types if one is not None]
    mixed = ((2.0, sum(counted[:2])), (float(len(counted)), sum(counted)))
    single = tuple((1.0, one) for one in written)
    return Read(*pair, float(usage.input_tokens or 0), written[0], mixed, totals, several, single)


def _differs(read: Read) -> NotRight:
    found = next(one for one in _MISTAKES if one.test(read))
    words = {"count": whole(read.count), "sum": whole(read.sum)}
    return NotRight(found.saw.format(**words), "", found.why, found.next_step)


def count_and_sum(value: Any) -> Pair | None:
    """Two numbers of a list, or those under names that end in ``count`` and ``sum``."""
    if isinstance(value, dict):
        ends = {name.rpartition("_")[2]: one for name, one in value.items()}
        value = [ends.get("count"), ends.get("sum")]
    found = numbers(value)
    return (found[0], found[1]) if found is not None and len(found) == 2 else None
