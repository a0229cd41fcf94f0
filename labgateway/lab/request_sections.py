"""The sections of a request's card: ends, log line, samples, time and tokens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.log_fields import MEANINGS
from labgateway.decisions.metric_families import Moved, Sample
from labgateway.decisions.moved_samples import samples_moved
from labgateway.decisions.request_story import changes, own_share, own_time_s
from labgateway.decisions.spans import Span
from labgateway.decisions.token_agreement import Tokens, said_usage
from labgateway.decisions.waterfall import waterfall
from labgateway.lab.page import Bars, Row, Section, Table
from labgateway.lab.request_tables import request_table, response_table

_BODY_CHARACTERS = 60  # of a body in the table of the log line; the whole stands elsewhere
_DISTINCT = ("gen_ai_token_type", "le")  # labels that tell samples of one request apart
_WATERFALL = "The waterfall: each span from its beginning to its end"
_NOBODY = "-"
_NOT_LISTED = "The agentgateway_downstream families count connections, not requests: not listed."


def ends_section(exchange: Exchange) -> Section:
    """What the client and the provider had of it, and what the gateway changed."""
    if exchange.sent_ns is None:
        said = "Nothing was sent to a provider."
    else:
        said = "; ".join(changes(exchange)) or "the client's body was sent on as it came"
        said = f"{said[0].upper()}{said[1:]}."
    tables = (request_table(exchange), response_table(exchange))
    return Section("Client and provider", said, tables, is_open=True)


def log_section(record: Mapping[str, Any]) -> Section:
    """The log line, its fields explained."""
    rows = tuple((name, _shown(name, value), MEANINGS[name]) for name, value in record.items())
    header = ("Field", "Value", "What it says")
    table = Table("The line of the access log, in its order", header, rows)
    return Section("Log", f"One line with {len(rows)} fields.", (table,))


def _shown(name: str, value: object) -> str:
    text = str(value)
    cut = name.endswith(".body") and len(text) > _BODY_CHARACTERS
    return f"{text[:_BODY_CHARACTERS]}…" if cut else text


def metrics_section(moved: Sequence[Moved]) -> Section:
    """Each sample that moved and by how much; the buckets of a histogram in one row."""
    samples = samples_moved(moved)
    labels = {
        name: value
        for one in samples
        for name, value in one.labels.items()
        if name not in _DISTINCT
    }
    rows = tuple(row for one in moved for row in _rows(samples_moved([one])))
    families = len({one.family for one in moved})
    return Section(
        "Metrics",
        f"{len(samples)} samples of {families} families moved.",
        (
            Table("Samples that moved", ("Sample", "Moved by"), rows),
            Table(
                "Their labels; each sample has those of its family",
                ("Label", "Value"),
                tuple(labels.items()),
            ),
            _NOT_LISTED,
        ),
    )


def _rows(samples: Iterable[Sample]) -> Iterator[Row]:
    """The samples of one observation."""
    buckets = []
    for one in samples:
        if "le" in one.labels:
            buckets.append(one)
        else:
            yield _series(one), f"+{one.value:.6g}"
    if len(buckets) > 1:
        last = buckets[-1].labels["le"]
        yield f'{_series(buckets[0])} to le="{last}"', f"+1 each, {len(buckets)} buckets"
    elif buckets:
        yield _series(buckets[0]), "+1"


def _series(sample: Sample) -> str:
    """Name and the labels that tell it from the others, as the exposition writes them."""
    labels = [f'{name}="{sample.labels[name]}"' for name in _DISTINCT if name in sample.labels]
    return f"{sample.name}{{{','.join(labels)}}}" if labels else sample.name


def time_section(exchange: Exchange, spans: Sequence[Span]) -> Section:
    """The waterfall, and how much of the time was the gateway's own."""
    total, own = exchange.duration_s * 1000, own_time_s(exchange) * 1000
    said = (
        f"{own:.1f} ms of {total:.1f} ms were the gateway's own, {own_share(exchange) * 100:.1f} %"
    )
    rest = (
        ": no provider was called."
        if exchange.provider_s is None
        else f"; the provider call took the other {exchange.provider_s * 1000:.1f} ms."
    )
    return Section("Time", said + rest, (Bars(_WATERFALL, waterfall(spans)),), is_open=True)


def tokens_section(exchange: Exchange, tokens: Sequence[Tokens]) -> Section:
    """The same tokens in four places."""
    counted = [one for one in tokens if any(count is not None for count in one[1:])]
    if not all(one.equal for one in tokens):
        said = "The four places differ."
    elif counted:
        said = "Four places count the same."
    else:
        said = "Nobody counted any, and none were made up."
    header = ("Tokens", "Provider's usage", "Log", "Metrics", "Span", "The four are")
    table = Table("Tokens of this request", header, tuple(_token_row(one) for one in tokens))
    source = (
        "The provider's usage is read again from the answer that was kept."
        if said_usage(exchange) is not None
        else "The provider's usage is as the gateway read it; no whole answer was kept."
    )
    return Section("Tokens", said, (table, source), is_open=bool(counted))


def _token_row(tokens: Tokens) -> Row:
    counts = [_NOBODY if count is None else str(count) for count in tokens[1:]]
    return (tokens.kind, *counts, "equal" if tokens.equal else "differ")
