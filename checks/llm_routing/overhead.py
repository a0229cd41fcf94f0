"""What of a request's time was the gateway's own: root less provider call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from checks.llm_routing.handed_in import number
from checks.llm_routing.own_trace import client_span, stages
from checks.llm_routing.span_times import kept_until, trace_read
from checks.verdict import NotRight, Passed, Verdict
from labgateway.decisions.exchange import Exchange
from labgateway.memory.observation import Observation

OVERHEAD = "5.overhead"
_ROUNDED_MS, _ROUNDED = 0.6, 0.02  # to whole milliseconds, or to two figures


def judge_overhead(seen: Observation, value: Any) -> Verdict:
    """Compare milliseconds (or seconds) with the root's less those of the provider call."""
    given = number(value[0] if isinstance(value, list) and len(value) == 1 else value)
    if given is None:
        return NotRight(
            "The answer to 5.overhead is not a number",
            next_step="Hand in milliseconds, without the unit",
        )
    exchange = trace_read(seen, OVERHEAD)
    if exchange is None:
        return kept_until(OVERHEAD, str(given))
    root, call, whole = _milliseconds(seen, exchange)
    evidence = {"root": f"{root:.3f} ms", "provider call": f"{call:.3f} ms"}
    targets = [(said, target(root, call, whole)) for said, target in _MISTAKES]
    meant = [(_off(given, one), said) for said, one in [(None, root - call), *targets]]
    off, said = min(meant, key=lambda one: one[0])
    if off <= 1 and said is None:
        return Passed(
            "Root minus provider call: that is what the gateway took itself",
            ("All the rest of the waiting was for the model",),
            evidence=evidence,
        )
    if off <= 1 and said is not None:
        return NotRight(*said, evidence=evidence)
    return NotRight(
        "That is not the time that the gateway itself took",
        "",
        "The root lasts as long as the gateway had the request, the provider call as long as it"
        " waited for the model.",
        "Take both from one trace, the last one, and take one from the other",
        evidence=evidence,
    )


def _milliseconds(seen: Observation, exchange: Exchange) -> tuple[float, float, float]:
    """Root, provider call and the client's own span, which is 0 when there is none."""
    root, *rest = stages(exchange)
    call = next(one for one in rest if one.kind == "CLIENT")
    client = client_span(seen, exchange)
    return root.duration_s * 1e3, call.duration_s * 1e3, client.duration_s * 1e3 if client else 0.0


_AGAIN = f'Work it out once more, then `answer("{OVERHEAD}", …)` again'
_Target = Callable[[float, float, float], float]
_MISTAKES: tuple[tuple[tuple[str, ...], _Target], ...] = (
    (
        (
            "That is root and provider call added",
            "",
            "It counts the provider call twice: a child's time is inside its parent's.",
            _AGAIN,
        ),
        lambda root, call, _whole: root + call,
    ),
    (
        (
            "A negative time: you took the root from the provider call",
            "",
            "The root is the longer one, since the call is inside it.",
            _AGAIN,
        ),
        lambda root, call, _whole: call - root,
    ),
    (
        (
            "That is the whole root span",
            "",
            "Most of it is waiting for the model, which is not the gateway's doing.",
            "Take the provider call from it",
        ),
        lambda root, _call, _whole: root,
    ),
    (
        (
            "That is the provider call alone",
            "",
            "It is the part that is not the gateway's.",
            "Take it from the root span",
        ),
        lambda _root, call, _whole: call,
    ),
    (
        (
            "That is your own span less the provider call",
            "",
            "It holds your client's time and the way to the gateway as well.",
            "Take the gateway's root span, `POST …`, in place of yours",
        ),
        lambda _root, call, whole: whole - call,
    ),
    (
        (
            "That is the gateway's share in per cent",
            "",
            "",
            "Hand in the milliseconds",
        ),
        lambda root, call, _whole: 100 * (root - call) / root,
    ),
)


def _off(given: float, target_ms: float) -> float:
    """How far a number is from a time, in milliseconds or seconds; up to 1 is what people round."""
    allowed = max(_ROUNDED_MS, _ROUNDED * abs(target_ms))
    return min(abs(one - target_ms) / allowed for one in (given, given * 1e3))
