"""What the metrics said when an answer was given: what they say now, less what came since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.metric_families import FAMILIES, REQUESTS, TOKEN_USAGE, Family, moved_by
from labgateway.memory.observation import Observation

INPUT, OUTPUT = "input", "output"
BOUNDS = next(one.buckets for one in FAMILIES if one.name == TOKEN_USAGE)
_FAMILY: Mapping[str, Family] = {one.name: one for one in FAMILIES}


@dataclass(frozen=True)
class Tokens:
    """One series of the token family: whose tokens, and its ``_sum`` and ``_count``."""

    type: str
    request_model: str
    response_model: str
    sum: float
    count: float


@dataclass(frozen=True)
class Reading:
    """Tokens by series, and requests by (protocol, status)."""

    tokens: tuple[Tokens, ...]
    requests: Mapping[tuple[str, str], float]

    def by_model(self, side: str, types: Iterable[str], what: str = "sum") -> dict[str, float]:
        """Tokens (or counts) of these types by ``request_model`` or ``response_model``."""
        found: dict[str, float] = defaultdict(float)
        for one in self.tokens:
            if one.type in types:
                found[getattr(one, side)] += getattr(one, what)
        return dict(found)

    def total(self, type_: str, what: str = "sum") -> float:
        """All tokens of a type, or how often they were counted."""
        return float(sum(getattr(one, what) for one in self.tokens if one.type == type_))

    @property
    def types(self) -> set[str]:
        """The token types that were counted."""
        return {one.type for one in self.tokens}


def readings(seen: Observation, until: float) -> list[Reading]:
    """What could be read at a moment.

    One reading, or, when the gateway has been restarted since, which sets its counters to 0, what
    it would have been for every moment at which it may have started, the first one first.
    """
    if seen.place.started <= until:
        read = _sampled(seen)
        for one in seen.exchanges:
            if one.started > until:
                _add(read, one, -1)
        return [_reading(read)]
    found: list[Reading] = []
    added: Added = defaultdict(float)
    for one in reversed([one for one in seen.exchanges if one.started <= until]):
        _add(added, one, 1)
        found.append(_reading(added))
    return found[::-1]


def buckets_reached(tokens: float) -> int:
    """How many buckets one observation adds to: they are cumulative, and +Inf is the last."""
    return sum(1 for bound in BOUNDS if tokens <= bound) + 1


Added = defaultdict[tuple[str, tuple[str, ...], str], float]


def _sampled(seen: Observation) -> Added:
    """(family, labels, "sum" or "count" or "") → value."""
    found: Added = defaultdict(float)
    for one in seen.samples:
        suffix = one.name.removeprefix(one.family).removeprefix("_")
        if one.family in {REQUESTS, TOKEN_USAGE} and suffix != "bucket":
            found[one.family, tuple(one.labels.values()), suffix] = one.value
    return found


def _add(added: Added, exchange: Exchange, sign: int) -> None:
    """Count an exchange, or take it away again."""
    for family, labels, amount in moved_by(exchange):
        if family == REQUESTS:
            added[family, labels, ""] += sign * amount
        if family == TOKEN_USAGE:
            added[family, labels, "sum"] += sign * amount
            added[family, labels, "count"] += sign


def _reading(added: Added) -> Reading:
    tokens = []
    requests: dict[tuple[str, str], float] = defaultdict(float)
    for (family, labels, what), value in list(added.items()):
        names = dict(zip(_FAMILY[family].labels, labels, strict=True))
        if family == REQUESTS and value:
            requests[names["protocol"], names["status"]] += value
        if what == "count" and value:
            tokens.append(
                Tokens(
                    names["gen_ai_token_type"],
                    names["gen_ai_request_model"],
                    names["gen_ai_response_model"],
                    added[family, labels, "sum"],
                    value,
                )
            )
    return Reading(tuple(tokens), requests)
