"""How long each view takes, in the process that owns the gateway and in one that attached to it.

2,000 requests are in memory and 20,000 on disk, a tenth of them with bodies. Every action of
explorer and board and every figure is timed with its conversion to JSON, the first one too, which
imports pandas and plotly.

    .venv/bin/python tests/performance/views.py [--requests N]
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from labgateway.decisions.access_log import to_json
from labgateway.decisions.chat import Usage
from labgateway.decisions.exchange import Bodies, Exchange
from tests.lab.traffic import ANSWERED, REFUSED, STREAMED, numbered

MODELS = ("gpt-4o", "gpt-4o-mini", "gpt-4.1")
RUNS = 5
DONE = "done"
FIGURES = (
    *("trace", "token_usage", "requests_by_status", "latency"),
    *("time_to_first_token", "topology", "overlap"),
)


def main() -> None:
    """Record, then measure in two processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--in-process", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.in_process:
        _measure()
        return
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory) / "home"
        home.mkdir(mode=0o700)
        lines = "".join(f"{to_json(made(number))}\n" for number in range(chosen.requests))
        (home / "exchanges.jsonl").write_text(lines)
        print(f"{chosen.requests} requests, {len(lines) / 1e6:.1f} MB, {os.cpu_count()} cores")
        environment = os.environ | {
            "LABGATEWAY_HOME": str(home),
            "LABGATEWAY_PROVIDER": "simulator",
        }
        command = [sys.executable, __file__, "--in-process"]
        with subprocess.Popen(
            command, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as owner:
            assert owner.stdout is not None
            for line in iter(owner.stdout.readline, f"{DONE}\n"):
                print(line, end="", flush=True)
            subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=True)
            owner.communicate()


def made(number: int) -> Exchange:
    """A request of the recorded ones."""
    kind = REFUSED if number % 10 == 0 else STREAMED if number % 3 == 0 else ANSWERED
    one = numbered(kind, number)
    spread: dict[str, Any] = {
        "started": time.time() - 3600 + number / 10,
        "ended_ns": one.ended_ns + number * 10_000,
    }
    if one.request_model is not None:
        model = MODELS[number % len(MODELS)]
        spread |= {"request_model": model, "usage": Usage(12 + number % 7, 34 + number % 11)}
    if number % 10 == 1:
        spread["bodies"] = Bodies(json.dumps({"messages": "x" * 500}), "{}", '{"choices": []}')
    return dataclasses.replace(one, **spread)


def _measure() -> None:
    import labgateway  # noqa: PLC0415 - the first import is part of what a learner waits for

    lab = labgateway.start()
    print(f"\n{'owner of the gateway' if lab.owner else 'attached'}: first, then median of {RUNS}")
    _time("lab.logs()", lambda: lab.logs().shape)
    _time("lab.traces()", lambda: lab.traces().shape)
    _time("lab.traces(text=…)", lambda: lab.traces(text="nowhere", status="4xx").shape)
    for name in FIGURES:
        _time(f"lab.{name}()", partial(_drawn, lab, name))
    explorer, board = _time("lab.explore()", lab.explore), _time("lab.board()", lab.board)
    statuses = iter(["2xx", "4xx"] * RUNS)
    _time("explorer: filter by status", lambda: setattr(explorer.status, "value", next(statuses)))
    texts = iter([str(number) for number in range(RUNS * 2)])
    _time("explorer: search a text", lambda: setattr(explorer.text, "value", next(texts)))
    explorer.text.value, explorer.status.value = "", "any"
    ids = iter([value for _line, value in explorer.picked.options])
    _time("explorer: pick a request", lambda: setattr(explorer.picked, "value", next(ids)))
    _time("explorer: refresh", explorer.refresh)
    windows = iter([60, 0] * RUNS)
    _time("board: another window", lambda: setattr(board.window, "value", next(windows)))
    _time("board: refresh, nothing new", board.refresh)
    if lab.owner:
        print(DONE, flush=True)
        sys.stdin.read()  # until the other process has measured
        lab.stop()


def _drawn(lab: Any, name: str) -> int:
    """Characters of a figure's JSON."""
    return len(getattr(lab, name)().to_json())


def _time(name: str, action: Callable[[], Any]) -> Any:
    took = []
    for _ in range(RUNS + 1):
        began = time.perf_counter()
        result = action()
        took.append(time.perf_counter() - began)
    first, median = took[0], sorted(took[1:])[RUNS // 2]
    print(f"  {name:32} {first * 1e3:8.0f} ms {median * 1e3:8.0f} ms", flush=True)
    return result


if __name__ == "__main__":
    main()
