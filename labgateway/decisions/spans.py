"""Spans of an exchange, as OpenTelemetry has them: pure facts, before any SDK.

Names: agentgateway v1.4.1 for the server span; GenAI semantic conventions v1.41.1 for the call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Attribute = str | int | float | bool | tuple[str, ...]
Kind = Literal["SERVER", "CLIENT", "INTERNAL", "PRODUCER", "CONSUMER"]
Status = Literal["UNSET", "OK", "ERROR"]


@dataclass(frozen=True)
class SpanEvent:
    """Something that happened within a span; ``time_ns`` is Unix time in nanoseconds."""

    name: str
    time_ns: int
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


@dataclass(frozen=True)
class Span:
    """One operation. Times are Unix nanoseconds; ids are 32 and 16 hex digits."""

    trace_id: str
    span_id: str
    parent_id: str | None
    name: str
    kind: Kind
    start_ns: int
    end_ns: int
    status: Status = "UNSET"
    description: str = ""
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    events: tuple[SpanEvent, ...] = ()
    service: str = ""

    @property
    def duration_s(self) -> float:
        """Seconds from start to end."""
        return (self.end_ns - self.start_ns) / 1e9
