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


CONTINUED = f"00-{TRACE}-{PARENT}-01"


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        ([], None),
        ([""], None),
        ([" , ,"], None),
        (["vendor=1"], "vendor=1"),
        (["a=1,b=2"], "a=1,b=2"),
        (["a=1", "b=2"], "a=1,b=2"),
        (["a=1\t, b=2,", "c=3 "], "a=1,b=2,c=3"),
        (["0tenant@system=x y"], "0tenant@system=x y"),
        ([",".join(f"k{n}=1" for n in range(32))], ",".join(f"k{n}=1" for n in range(32))),
        ([f"{'k' * 256}={'v' * 256}"], f"{'k' * 256}={'v' * 256}"),
        ([",".join(f"k{n}=1" for n in range(33))], None),
        ([f"{'k' * 257}=1"], None),
        ([f"k={'v' * 257}"], None),
        (["a=1,a=2"], None),
        (["a=1", "a=2"], None),
        (["Vendor=1"], None),
        (["0vendor=1"], None),
        (["vendor"], None),
        (["vendor="], None),
        (["vendor=a=b"], None),
        (["vendor=\u00e9"], None),
        (["good=1,bad"], None),
    ],
)
def test_tracestate_goes_on_with_the_client_s_trace(given: list[str], passed: str | None) -> None:
    """Several headers are one list; a list that breaks a rule is dropped as a whole."""
    context = continue_trace([CONTINUED], IDS, given)
    assert context.trace_id == TRACE
    assert context.tracestate == passed
    expected = [(b"traceparent", context.traceparent.encode())]
    assert context.headers == expected + (
        [(b"tracestate", passed.encode())] if passed is not None else []
    )


@pytest.mark.parametrize("given", [[], ["broken"], [CONTINUED] * 2, [f"ff-{TRACE}-{PARENT}-01"]])
def test_tracestate_is_dropped_with_the_trace_it_belongs_to(given: list[str]) -> None:
    """Without a valid traceparent it says nothing about the new trace."""
    assert continue_trace(given, IDS, ["vendor=1"]) == STARTED


@pytest.mark.parametrize(
    ("flags", "sampled", "after"),
    [("01", True, "01"), ("00", True, "01"), ("01", False, "00"), ("03", False, "02")],
)
def test_whoever_samples_changes_one_flag(flags: str, sampled: bool, after: str) -> None:
    """Flags that are not ours to understand stay."""
    context = continue_trace([f"00-{TRACE}-{PARENT}-{flags}"], IDS).with_sampled(sampled)
    assert context.flags == after
    assert context.sampled is sampled
    assert context.traceparent.endswith(after)
