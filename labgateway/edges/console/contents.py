"""What pages of the console show of requests and objects, picked from what is known."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from labgateway.decisions.access_log import log_record, to_record
from labgateway.decisions.conversation import conversation, was_cut
from labgateway.decisions.exchange import Exchange
from labgateway.decisions.execution_flow import execution_flow
from labgateway.decisions.log_fields import MEANINGS
from labgateway.decisions.redaction import LAST_APPLIED
from labgateway.decisions.request_story import outcome, own_time_s
from labgateway.decisions.trace_rows import TraceRow, row_of
from labgateway.shapes.resource import Key

LATEST = 10
MOST_CHOICES = 100  # clients choose model names, so there may be any number of them
_WHOSE = {"Gateway": "gateway", "HTTPRoute": "route"}  # kind → field of an exchange; else backend


def latest(exchanges: Sequence[Exchange]) -> list[TraceRow]:
    """The last of these requests, newest first."""
    return [row_of(to_record(one)) for one in reversed(exchanges[-LATEST:])]


def passed(exchange: Exchange, key: Key) -> bool:
    """Whether a request went through an object."""
    through: str | None = getattr(exchange, _WHOSE.get(key.kind, "backend"))
    return through == f"{key.namespace}/{key.name}"


def choices(names: Iterable[str | None], chosen: str) -> list[str]:
    """Names to filter by, sorted; the chosen one is among them, also when nothing has it."""
    found = sorted({one for one in names if one})[:MOST_CHOICES]
    return found if not chosen or chosen in found else [chosen, *found]


def readable(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A manifest without kubectl's own copy of it."""
    metadata = dict(manifest["metadata"])
    annotations = {
        name: value
        for name, value in (metadata.pop("annotations", None) or {}).items()
        if name != LAST_APPLIED
    }
    kept = {"annotations": annotations} if annotations else {}
    return {**manifest, "metadata": {**metadata, **kept}}


def told(exchange: Exchange) -> dict[str, object]:
    """All that a page says of one request."""
    record = log_record(exchange)
    return {
        "exchange": exchange,
        "outcome": outcome(exchange),
        "own_s": own_time_s(exchange),
        "flow": execution_flow(exchange),
        "turns": conversation(exchange),
        "cut": was_cut(exchange),
        "record": {name: value for name, value in record.items() if not name.endswith(".body")},
        "meanings": MEANINGS,
        "line": json.dumps(record, ensure_ascii=False, indent=2),
    }
