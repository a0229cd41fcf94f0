"""W3C trace context: continue a client's trace or start one."""

from __future__ import annotations

import pytest

from labgateway.decisions.trace_context import TraceContext, continue_trace

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
IDS = ("a" * 32, "b" * 16, "c" * 16)
STARTED = TraceContext(*IDS)


@pytest.mark.parametrize(
    ("given", "flags"),
    [
        (f"00-{TRACE}-{PARENT}-01", "01"),
        (f"00-{TRACE}-{PARENT}-00", "00"),
        (f"  00-{TRACE}-{PARENT}-01\t", "01"),
        (f"cc-{TRACE}-{PARENT}-01", "01"),
        (f"cc-{TRACE}-{PARENT}-01-what-the-future-brings", "01"),
        (f"fe-{TRACE}-{PARENT}-01-", "01"),
    ],
)
def test_a_valid_trace_is_continued(given: str, flags: str) -> None:
    """Unknown versions as far as they are known; the client's span is the parent of ours (F17)."""
    context = continue_trace([given], IDS)
    assert context == TraceContext(TRACE, "b" * 16, "c" * 16, PARENT, flags)
    assert context.traceparent == f"00-{TRACE}-{'c' * 16}-{flags}"


@pytest.mark.parametrize(
    "given",
    [
        [],
        [""],
        [f"00-{TRACE}-{PARENT}-01"] * 2,
        [f"00-{'0' * 32}-{PARENT}-01"],
        [f"00-{TRACE}-{'0' * 16}-01"],
        [f"ff-{TRACE}-{PARENT}-01"],
        [f"00-{TRACE}-{PARENT}-01-more"],
        [f"00-{TRACE}-{PARENT}-01-"],
        [f"00-{TRACE}-{PARENT}-01x"],
        [f"cc-{TRACE}-{PARENT}-01x"],
        [f"cc-{TRACE}-{PARENT}-01.more"],
        [f"00-{TRACE.upper()}-{PARENT}-01"],
        [f"00-{TRACE}-{PARENT.upper()}-01"],
        [f"00-{TRACE[1:]}-{PARENT}-01"],
        [f"00-{TRACE}0-{PARENT}-01"],
        [f"00-{TRACE}-{PARENT[1:]}-01"],
        [f"00-{TRACE}-{PARENT}-1"],
        [f"0-{TRACE}-{PARENT}-01"],
        [f"00-{TRACE}-{PARENT}-0g"],
        [f"00-{TRACE[:-1]}g-{PARENT}-01"],
        [f"00-{TRACE}-{PARENT}"],
        [f"00_{TRACE}_{PARENT}_01"],
        [f"00-{TRACE}-{PARENT}-01,00-{TRACE}-{PARENT}-01"],
        [f"00-{TRACE[:-1]}\u0663-{PARENT}-01"],
        [f"00-{TRACE}-{PARENT}-01\n{TRACE}"],
    ],
)
def test_anything_else_starts_a_new_trace(given: list[str]) -> None:
    """Zero ids, wrong lengths, upper case, the forbidden version, more than one header."""
    assert continue_trace(given, IDS) == STARTED
    assert STARTED.traceparent == f"00-{'a' * 32}-{'c' * 16}-01"
    assert STARTED.parent_id is None
