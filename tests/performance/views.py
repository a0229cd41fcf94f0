"""How long the lab's views take: ``lab.logs()`` over 20,000 requests, figures, explorer, board.

Prints seconds of the first call (which imports pandas or plotly) and of the next ones.
"""

from __future__ import annotations

import dataclasses
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import labgateway  # noqa: E402
from labgateway.memory.exchanges import ExchangeLog  # noqa: E402
from labgateway.memory.journal import Journal  # noqa: E402
from tests.lab.traffic import ANSWERED, REFUSED, STREAMED, numbered  # noqa: E402

RECORDED = 20_000
TIMES = 5


def recorded(home: Path) -> None:
    """Requests of the last hours, in a home that no gateway has used yet."""
    log = ExchangeLog(Journal(home / "exchanges.jsonl"))
    begin = time.time() - RECORDED
    for number in range(RECORDED):
        one = numbered((ANSWERED, STREAMED, ANSWERED, REFUSED)[number % 4], number)
        log.record(dataclasses.replace(one, started=begin + number))


def seconds(work: Callable[[], object]) -> list[float]:
    """How long each of several calls takes."""
    taken = []
    for _ in range(TIMES):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return taken


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="labgateway-") as home:
        recorded(Path(home))
        os.environ.update(LABGATEWAY_HOME=home, LABGATEWAY_PROVIDER="simulator")
        lab = labgateway.start()
        explorer, board = lab.explore(), lab.board()
        views: dict[str, Callable[[], object]] = {
            f"lab.logs() over {RECORDED} requests": lab.logs,
            "lab.traces() over the last 2,000": lab.traces,
            "lab.trace()": lab.trace,
            "lab.token_usage()": lab.token_usage,
            "lab.latency()": lab.latency,
            "lab.topology()": lab.topology,
            "open the explorer": lab.explore,
            "refresh the explorer": explorer.refresh,
            "filter in the explorer": lambda: setattr(
                explorer.status, "value", "4xx" if explorer.status.value == "any" else "any"
            ),
            "open the board": lab.board,
            "draw the board again": lambda: setattr(
                board.window, "value", 600 if board.window.value == 0 else 0
            ),
        }
        print(f"{'view':42} {'first s':>8} {'median s':>9}")
        for name, work in views.items():
            taken = seconds(work)
            print(f"{name:42} {taken[0]:8.3f} {sorted(taken)[TIMES // 2]:9.3f}")
        lab.stop()


if __name__ == "__main__":
    main()
