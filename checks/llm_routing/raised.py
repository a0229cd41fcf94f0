"""The exception that the learner's own cell ended in, in words that name the next step."""

from __future__ import annotations

import re

from checks.llm_routing.client_rules import ANSWERED, CLIENT
from checks.llm_routing.exception_rules import CALLS, NOT_PYTHON, PYTHON
from checks.llm_routing.names import quoted
from checks.llm_routing.telemetry_rules import TELEMETRY
from checks.llm_routing.tracing_rules import TRACING
from checks.verdict import NotRight, Raised, Unpassed
from labgateway.memory.doings import Raised as Exc
from labgateway.memory.observation import Observation

# They say that an answer could not be read: what answered is then the better clue.
READING = ANSWERED | {"AssertionError", "IndexError", "KeyError", "TypeError"}
UNWAITING = frozenset({"APITimeoutError", "ReadTimeout", "Timeout", "TimeoutError"})
_MAGIC = "get_ipython()"  # what IPython makes of a magic's line


def exception_name(raised: Exc) -> str:
    """The type without its module."""
    return raised.type.rpartition(".")[2]


def cell_not_python(seen: Observation) -> Raised | None:
    """A manifest or a command that Python was given to read; None for anything else."""
    raised = seen.raised
    if raised is None or (seen.attempts and seen.attempts[-1].at > raised.at):
        return None
    name = exception_name(raised)
    if any(re.fullmatch(row.type, name) and row.test(raised) for row in NOT_PYTHON):
        return code_raised(raised)
    return None


def or_raised(seen: Observation, trouble: Unpassed, since: float) -> Unpassed:
    """What is wrong with a step, or the exception that came after its last act (Unix time).

    An exception that nothing is known about says less than an answer that was found wrong.
    """
    raised = seen.raised
    if raised is None or raised.at <= since:
        return trouble
    said = code_raised(raised)
    return trouble if isinstance(trouble, NotRight) and not said.why else said


def code_raised(raised: Exc) -> Raised:
    """The verdict on an exception."""
    name = exception_name(raised)
    for row in (*NOT_PYTHON, *TRACING, *TELEMETRY, *PYTHON, *CLIENT, *CALLS):
        if re.fullmatch(row.type, name) and row.test(raised):
            return Raised(_saw(raised), _where(raised), row.why, row.next_step)
    return Raised(
        _saw(raised),
        _where(raised),
        "",
        "Read the last line of the traceback first, then the line of yours that it points to",
    )


def answered_elsewhere(raised: Exc) -> Raised | None:
    """An answer that could not be read, when the gateway has seen no request."""
    if exception_name(raised) not in ANSWERED:
        return None
    return Raised(
        _saw(raised),
        _where(raised),
        "The gateway has seen no request, so something else answered.",
        "Compare the beginning of your URL with `lab.gateway_url`",
    )


def broken_by_answer(raised: Exc, answer: str, next_step: str) -> Raised:
    """The verdict on an exception whose cause is the answer that came."""
    answer = re.sub(r"^The ", "the ", answer)
    return Raised(
        _saw(raised), _where(raised), f"What came back was no chat completion: {answer}", next_step
    )


def _saw(raised: Exc) -> str:
    said = re.sub(r" \([^()]*, line \d+\)$", "", raised.message.strip()).splitlines()
    name = exception_name(raised)
    return quoted(f"{name}: {said[0].rstrip('.')}" if said else name)


def _where(raised: Exc) -> str:
    code = raised.code.strip()
    return "" if not code or code.startswith(_MAGIC) else f"Your code: {quoted(code)}"
