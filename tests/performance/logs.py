"""How long ``lab.logs()`` takes over many recorded requests, from the files of a home.

.venv/bin/python tests/performance/logs.py [--requests 20000] [--runs 5]
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
import time
from pathlib import Path

import pandas as pd

from labgateway.lab.frames import log_frame
from labgateway.memory.exchanges import FILE_LIMIT_BYTES, ExchangeLog
from labgateway.memory.journal import Journal
from tests.decisions.test_access_log import ANSWERED, SPOKEN

TARGET_S = 1.0


def main() -> None:
    """Record, read, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    print(f"pandas {pd.__version__}; target {TARGET_S} s")
    for name, exchange in (("without bodies", ANSWERED), ("with short bodies", SPOKEN)):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "exchanges.jsonl"
            log = ExchangeLog(Journal(path, limit_bytes=FILE_LIMIT_BYTES))
            for number in range(chosen.requests):
                span_id = f"{number:016x}"
                log.record(dataclasses.replace(exchange, started=1.8e9 + number, span_id=span_id))
            taken = []
            for _ in range(chosen.runs):
                began = time.perf_counter()
                frame = log_frame(log.records())
                taken.append(time.perf_counter() - began)
            size_mb = sum(one.stat().st_size for one in Path(directory).iterdir()) / 1e6
        print(
            f"{name}: {len(frame)} requests, {size_mb:.0f} MB: {min(taken):.2f} s at best,"
            f" {max(taken):.2f} s at worst"
        )


if __name__ == "__main__":
    main()
