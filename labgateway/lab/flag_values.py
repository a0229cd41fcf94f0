"""Values of flags: kinds of dry run; numbers and durations, as Go reads them."""

from __future__ import annotations

import re

from labgateway.lab.command_line import Command
from labgateway.lab.failures import Failure

_DRY_RUNS = {"": "", "none": "", "server": " (server dry run)", "client": " (dry run)"}
_INT64 = 2**63
_UNITS_S = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
_PART = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)([^0-9.]*)")


def dry_run(command: Command) -> str:
    """What kubectl adds to each line, "" when it is no dry run. Errors: ``Failure``."""
    asked = command.flags.get("dry-run", "")
    if asked not in _DRY_RUNS:
        raise Failure(f'Invalid dry-run value ({asked}). Must be "none", "server", or "client".')
    return _DRY_RUNS[asked]


def integer(command: Command, flag: str, default: int) -> int:
    """The whole number of a flag. Errors: ``Failure``."""
    text = command.flags.get(flag, str(default))
    if not re.fullmatch(r"[-+]?[0-9]+", text):
        why = f'strconv.ParseInt: parsing "{text}": invalid syntax'
        raise _bad(command, flag, text, why)
    if len(text) > 20 or not -_INT64 <= int(text) < _INT64:
        why = f'strconv.ParseInt: parsing "{text}": value out of range'
        raise _bad(command, flag, text, why)
    return int(text)


def duration_s(command: Command, flag: str, default: str) -> float:
    """The duration of a flag (``1h30m``, ``90s``), in seconds. Errors: ``Failure``."""
    text = command.flags.get(flag, default)
    sign, unsigned = (-1, text[1:]) if text[:1] == "-" else (1, text.removeprefix("+"))
    if unsigned == "0":
        return 0
    parts = _PART.findall(unsigned)
    if not parts or "".join(map("".join, parts)) != unsigned:
        raise _bad(command, flag, text, f'time: invalid duration "{text}"')
    seconds = 0.0
    for number, unit in parts:
        if unit not in _UNITS_S:
            wrong = f'unknown unit "{unit}" in' if unit else "missing unit in"
            raise _bad(command, flag, text, f'time: {wrong} duration "{text}"')
        seconds += float(number) * _UNITS_S[unit]
    return sign * seconds


def _bad(command: Command, flag: str, text: str, why: str) -> Failure:
    return Failure(
        f'invalid argument "{text}" for "--{flag}" flag: {why}\n'
        f"See 'kubectl {command.verb} --help' for usage."
    )
