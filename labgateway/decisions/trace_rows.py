"""A request in one row of a list, small enough that all that are known fit into memory."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labgateway.decisions.access_log import OURS
from labgateway.decisions.exchange import Bodies
from labgateway.decisions.spans import server_name

NAME_CHARACTERS = 200  # clients choose paths and model names, so their length needs a bound


@dataclass(frozen=True, slots=True)
class TraceRow:
    """What the list of traces shows; fields as in ``Exchange``, ``name`` is the root span's."""

    started: float
    trace_id: str
    span_id: str
    name: str
    path: str
    status: int
    duration_s: float
    route: str | None
    original_model: str | None
    request_model: str | None
    response_model: str | None
    input_tokens: int | None
    output_tokens: int | None
    error: str | None

    @property
    def bodies(self) -> Bodies | None:
        """What was said is on disk only."""
        return None

    @property
    def failed(self) -> bool:
        """Whether the client got less than an answer."""
        return self.status >= 400 or self.error is not None


def row_of(record: Mapping[str, Any]) -> TraceRow:
    """The row of a line of the journal, read. Errors: ``ValueError`` when it is none."""
    try:
        ours = record[OURS]
        return TraceRow(
            float(ours["started"]),
            str(record["trace.id"]),
            str(record["span.id"]),
            _shared(server_name(record["http.method"], ours.get("path_match"))),
            _shared(record["http.path"]),
            int(record["http.status"]),
            int(ours.get("ended_ns", 0)) / 1e9,
            _shared(record.get("route")),
            _shared(record.get("labgateway.original_model")),
            _shared(record.get("gen_ai.request.model")),
            _shared(record.get("gen_ai.response.model")),
            record.get("gen_ai.usage.input_tokens"),
            record.get("gen_ai.usage.output_tokens"),
            _shared(record.get("error")),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not an exchange: {error}") from error


def _shared(text: Any) -> Any:
    """A text cut to its bound; thousands of rows with the same one hold it once."""
    return text if text is None else sys.intern(str(text)[:NAME_CHARACTERS])
