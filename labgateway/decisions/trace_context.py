"""W3C trace context (Level 1): continue a client's trace or start one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_SAMPLED = 0x01

_MEMBERS = 32
_KEY = r"[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13}"
_VALUE = r"[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]"
_MEMBER = re.compile(rf"({_KEY})=({_VALUE})")


@dataclass(frozen=True)
class TraceContext:
    """Ids of this request's spans (32 and 16 hex digits); ``parent_id`` is the client's span.

    ``tracestate`` is what vendors before us say of the trace, None when there is nothing to pass.
    """

    trace_id: str
    server_span_id: str
    client_span_id: str
    parent_id: str | None = None
    flags: str = "01"
    tracestate: str | None = None

    @property
    def sampled(self) -> bool:
        """Whether spans of the trace are recorded."""
        return bool(int(self.flags, 16) & _SAMPLED)

    @property
    def traceparent(self) -> str:
        """What the provider receives: the provider call's span is the parent."""
        return f"00-{self.trace_id}-{self.client_span_id}-{self.flags}"

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """``traceparent`` and, if any, ``tracestate`` as the provider receives them."""
        headers = [(b"traceparent", self.traceparent.encode())]
        if self.tracestate is not None:
            headers.append((b"tracestate", self.tracestate.encode()))
        return headers

    def with_sampled(self, sampled: bool) -> TraceContext:  # noqa: FBT001 - the flag's value
        """The same with the sampled flag set or cleared; other flags stay as they came."""
        others = int(self.flags, 16) & ~_SAMPLED
        return replace(self, flags=f"{others | sampled:02x}")


def continue_trace(
    traceparents: list[str], random_ids: tuple[str, str, str], tracestates: Sequence[str] = ()
) -> TraceContext:
    """Join the one valid ``traceparent``, else start a trace; ``random_ids``: trace, two spans.

    ``tracestates`` belong to the client's trace; with a new one they are dropped.
    """
    new_trace, server, client = random_ids
    found = _TRACEPARENT.fullmatch(traceparents[0].strip()) if len(traceparents) == 1 else None
    if found is None:
        return TraceContext(new_trace, server, client)
    version, trace_id, parent_id, flags, rest = found.groups()
    invalid = version == "ff" or (version == "00" and rest) or not int(trace_id, 16)
    if invalid or not int(parent_id, 16):
        return TraceContext(new_trace, server, client)
    return TraceContext(trace_id, server, client, parent_id, flags, _tracestate(tracestates))


def _tracestate(headers: Sequence[str]) -> str | None:
    """Several headers as one list; None when it is empty or breaks a rule of W3C §3.3."""
    members = [one.strip(" \t") for header in headers for one in header.split(",")]
    members = [one for one in members if one]  # an empty member is legal, and says nothing
    matches = [_MEMBER.fullmatch(one) for one in members]
    keys = {found[1] for found in matches if found}
    if not members or len(members) > _MEMBERS or len(keys) < len(members):
        return None
    return ",".join(members)
