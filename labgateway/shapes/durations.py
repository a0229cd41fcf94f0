"""Durations of the Gateway API (GEP-2257)."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

# At most four pairs of up to five digits and a unit.
DURATION = r"^([0-9]{1,5}(h|m|s|ms)){1,4}$"
Duration = Annotated[str, Field(pattern=DURATION)]

_UNIT_S = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_GO_DURATION = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)")
_LONGEST_S = 2**63 / 1e9


def duration_s(duration: str) -> float:
    """Seconds of a GEP-2257 duration such as ``1m30s``."""
    return sum(int(n) * _UNIT_S[unit] for n, unit in re.findall(r"(\d{1,5})(ms|h|m|s)", duration))


def go_duration_s(text: str) -> float:
    """Seconds of a duration as Go (and CEL) reads it; NaN when it is none."""
    sign, unsigned = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    if unsigned == "0":
        return 0.0
    if not re.fullmatch(f"({_GO_DURATION.pattern})+", unsigned):
        return float("nan")
    length = sum(float(n) * _UNIT_S[unit] for n, unit in _GO_DURATION.findall(unsigned))
    return sign * length if length < _LONGEST_S else float("nan")
