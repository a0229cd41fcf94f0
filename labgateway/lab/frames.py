"""Exchanges as pandas frames."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from labgateway.decisions.exchange import Exchange, log_record

_INTEGERS = ("http.status",)


def log_frame(exchanges: Sequence[Exchange]) -> pd.DataFrame:
    """One row an exchange, columns as in the log line; ``duration`` in seconds, ``time`` in UTC."""
    rows = [
        {
            **log_record(one),
            "duration": one.duration_s,
            "time": pd.Timestamp(one.started, unit="s", tz="UTC"),
        }
        for one in exchanges
    ]
    frame = pd.DataFrame(rows)
    if frame.empty:
        return frame
    tokens = [name for name in frame.columns if name.startswith("gen_ai.usage.")]
    return frame.astype(dict.fromkeys([*_INTEGERS, *tokens], "Int64"))
