"""W3C trace context (Level 1): continue a client's trace or start one."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")


@dataclass(frozen=True)
class TraceContext:
    """Ids of this request's spans (32 and 16 hex digits); ``parent_id`` is the client's span."""

    trace_id: str
    server_span_id: str
    client_span_id: str
    parent_id: str | None = None
    flags: str = "01"

    @property
    def traceparent(self) -> str:
        """What the provider receives: the provider call's span is the parent."""
        return f"00-{self.trace_id}-{self.client_span_id}-{self.flags}"


def continue_trace(traceparents: list[str], random_ids: tuple[str, str, str]) -> TraceContext:
    """Join the one valid ``traceparent``, else start a trace; ``random_ids``: trace, two spans."""
    new_trace, server, client = random_ids
    found = _TRACEPARENT.fullmatch(traceparents[0].strip()) if len(traceparents) == 1 else None
    if found is None:
        return TraceContext(new_trace, server, client)
    version, trace_id, parent_id, flags, rest = found.groups()
    invalid = version == "ff" or (version == "00" and rest) or not int(trace_id, 16)
    if invalid or not int(parent_id, 16):
        return TraceContext(new_trace, server, client)
    return TraceContext(trace_id, server, client, parent_id, flags)
