"""A pattern for grep, tried on the lines of the metrics endpoint."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from checks.llm_routing.names import quoted
from checks.verdict import Kept, NotRight, Passed, Verdict
from labgateway.decisions.metric_families import FAMILIES, TOKEN_USAGE
from labgateway.memory.observation import Observation

PUBLISHED = "agentgateway_(request|token)"
HEAD = 20  # as many lines as the published command lets through
_LONGEST = 200
_GREP = re.compile(r"""\bgrep\s+(?:-\S+\s+)*(["']?)((?:(?<=["']).+?(?=\1))|[^\s"'|]+)\1""")
_READ = re.compile(rf"^{TOKEN_USAGE}_(sum|count)\{{")
_FAMILY_LINE = re.compile(rf"^{TOKEN_USAGE}_bucket")


def judge_pattern(seen: Observation, value: Any) -> Verdict:
    """Whether the first twenty lines that a pattern lets through have a sum or count of tokens."""
    pattern = _pattern(value)
    if pattern is None:
        return NotRight(
            "That is no pattern that grep could read",
            next_step="Hand in the text between the quotation marks of `grep -E`",
        )
    lines = list(_lines(seen))
    if not any(_READ.match(line) for line in lines):
        return Kept(
            f"Your pattern is kept: {quoted(pattern.pattern)}",
            "",
            "So far the endpoint has no line about tokens to try it on.",
            "Send a request that is answered, then hand it in again",
        )
    let_through = [line for line in lines if pattern.search(line)]
    if any(_READ.match(line) for line in let_through[:HEAD]):
        return Passed(
            "Your pattern lets the sums and counts of tokens through",
            ("The family begins with `agentgateway_gen_ai`, which the published pattern misses",),
        )
    return _misses(let_through)


def _misses(let_through: list[str]) -> NotRight:
    if any(_READ.match(line) for line in let_through):
        return NotRight(
            f"Your pattern lets {len(let_through)} lines through, and `head` cuts after {HEAD}",
            "",
            "Comments, other families and the many buckets come first.",
            "Make it narrower: name the family, and how the lines you want end their name",
        )
    if any(_FAMILY_LINE.match(line) for line in let_through):
        return NotRight(
            "Your pattern lets only buckets of the token family through",
            "",
            "They say how requests spread over sizes; `_sum` and `_count` are the totals.",
            "Let the pattern name these two",
        )
    return NotRight(
        f"No line about tokens gets through; lines that do: {len(let_through)}",
        "",
        "A pattern has to fit the name from its beginning to where you stop.",
        "Look at a line with `token` in it, and at what stands before that word",
    )


def _pattern(value: Any) -> re.Pattern[str] | None:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST:
        return None
    command = _GREP.search(value)
    try:
        return re.compile(command[2] if command else value.strip().strip("\"'"))
    except (re.error, RecursionError, OverflowError):
        return None


def _lines(seen: Observation) -> Iterator[str]:
    """The endpoint's lines, as far as a pattern for names can tell."""
    for family in FAMILIES:
        yield f"# HELP {family.name} {family.help}"
        yield f"# TYPE {family.name} {family.kind}"
        for one in seen.samples:
            if one.family == family.name:
                labels = ",".join(f'{name}="{text}"' for name, text in one.labels.items())
                yield f"{one.name}{{{labels}}} {one.value}"
