"""What telemetry costs: everything on against nothing recorded, side by side, and its memory.

Four gateways, each a process of its own on one core, take turns; provider, collector and clients
share another core. "None" is the data plane that then forgets each request; "all" keeps log and
bodies on disk and counts metrics, and has each request's spans when it is asked for them;
"exported" sends spans to a collector besides, as many as its budget allows, and "unanswered" to one
that takes connections and says nothing. Processor time includes the spans that a gateway makes
while it waits for others; throughput does not show them.

    .venv/bin/python tests/performance/telemetry.py [--rounds 5] [--seconds 3] [--requests 20000]
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.request import urlopen

import psutil

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.metric_families import LOST_SPANS
from labgateway.edges.gateway import Gateway
from labgateway.lab.settings import CAPTURE, from_environment
from labgateway.memory.home import Home
from tests.conftest import BACKEND, ROUTE
from tests.conftest import Running as GatewayUnderTest
from tests.performance.wire import load, pin, responder

GATEWAY_CORE, OTHER_CORE = 0, 1
CONNECTIONS = 32
WARM_UP = 2_000
LAB_RATE, LAB_S = 200, 15
TICKS = 10  # a second
PROCESSES = ("none", "all", "exported", "unanswered")
TARGET_RATIO = 0.75
TARGET_MB = 30
PROMPT = "What is an AI gateway and why do enterprises need one? Answer in 2 sentences."


class Forgetful(Gateway):
    """The baseline: requests pass through and leave nothing."""

    def _record(self, exchange: Exchange) -> None:
        pass


@dataclass(frozen=True)
class Process:
    """A gateway in a process of its own."""

    pid: int
    port: int
    stats_port: int

    @property
    def cpu_s(self) -> float:
        """Processor time so far, which other programs disturb less than they do throughput."""
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)

    @property
    def lost_spans(self) -> float:
        """As the metrics count them."""
        with urlopen(f"http://127.0.0.1:{self.stats_port}/metrics") as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(one.split()[-1]) for one in lines if one.startswith(LOST_SPANS))

    @property
    def resident_mb(self) -> float:
        """Resident memory."""
        return float(psutil.Process(self.pid).memory_info().rss / 1e6)


def body(*, stream: bool, characters: int = 0) -> bytes:
    """A chat completion with a prompt of at least so many characters."""
    prompt = PROMPT * max(1, -(-characters // len(PROMPT)))
    asked = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": prompt}]}
    return json.dumps(asked | ({"stream": True} if stream else {})).encode().replace(b": t", b":t")


def serve(kind: type[Gateway], provider_port: int) -> None:
    """Run a gateway until stdin ends; says its port."""
    pin(GATEWAY_CORE)
    settings = from_environment()
    settings = replace(settings, gateway_port=0, stats_port=0, admin_port=0)
    home = Home(settings.home)
    assert home.own()
    gateway = kind(settings, home, lambda: None)
    gateway.start()
    place = f"openai: {{}}, host: 127.0.0.1, port: {provider_port}, path: /v1"
    GatewayUnderTest(gateway, home.path).apply(f"{ROUTE}---{BACKEND}".replace("openai: {}", place))
    print(gateway.running.gateway_port, gateway.running.stats_port, flush=True)
    sys.stdin.read()
    lost = [one for one in gateway.observe().place.notices if "span" in one]
    gateway.stop()
    print(*lost, flush=True)


@contextmanager
def gateway(
    what: str, home: Path, provider_port: int, collectors: dict[str, int]
) -> Iterator[Process]:
    """A gateway that records all or none, and exports to the collector of its name, if any."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    env |= {"LABGATEWAY_HOME": str(home), "LABGATEWAY_PROVIDER": "simulator"}
    if what != "none":
        env[CAPTURE] = "SPAN_AND_EVENT"
    if what in collectors:
        env["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{collectors[what]}"
    command = [sys.executable, __file__, "--serve", what, "--provider-port", str(provider_port)]
    with subprocess.Popen(
        command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield Process(process.pid, *map(int, process.stdout.readline().split()))
        said, _ = process.communicate()
        if said.strip():
            print(f"  gateway that records {what}: {said.strip()}")


def as_in_a_lab(process: Process) -> None:
    """Print how many spans were lost while requests came as fast as a busy lab sends them."""
    asked, at_once = body(stream=False), LAB_RATE // TICKS
    turn, began = threading.Event(), time.perf_counter()
    before = process.lost_spans
    for tick in range(LAB_S * TICKS):
        load(process.port, asked, connections=4, count=at_once)
        turn.wait(max(began + (tick + 1) / TICKS - time.perf_counter(), 0))
    rate = LAB_S * TICKS * at_once / (time.perf_counter() - began)
    lost = process.lost_spans - before
    print(f"{rate:.0f} req/s for {LAB_S} s, exported: {lost:.0f} spans lost (target 0)")


def throughput(processes: dict[str, Process], rounds: int, seconds: float) -> None:
    """Print requests a second and processor time a request of each, by turns, and their ratios."""
    for stream in (False, True):
        asked = body(stream=stream)
        rates: dict[str, list[float]] = {name: [] for name in processes}
        costs: dict[str, list[float]] = {name: [] for name in processes}
        for process in processes.values():
            load(process.port, asked, CONNECTIONS, seconds=1)
        for _ in range(rounds):
            for name, process in processes.items():
                before = process.cpu_s
                rates[name].append(load(process.port, asked, CONNECTIONS, seconds=seconds))
                costs[name].append((process.cpu_s - before) / (rates[name][-1] * seconds) * 1e6)
        print("streams of 60 tokens" if stream else "whole answers")
        for name in processes:
            rate, cost = statistics.median(rates[name]), statistics.median(costs[name])
            # Neighbours in time, so that what else the machine does meets both.
            shares = [a / b for a, b in zip(rates[name], rates["none"], strict=True)]
            print(
                f"  {name:10}{rate:8.0f} req/s {cost:6.0f} µs a request"
                f"   {statistics.median(shares):.2f} of the throughput,"
                f" {statistics.median(costs['none']) / cost:.2f} by processor time"
            )


def memory(process: Process, count: int) -> None:
    """Print resident memory after a warm-up and after many more requests."""
    for name, characters in (("short prompts", 0), ("prompts of 8,192 characters", 8_192)):
        asked = body(stream=False, characters=characters)
        load(process.port, asked, CONNECTIONS, count=WARM_UP)
        before = process.resident_mb
        load(process.port, asked, CONNECTIONS, count=count)
        after = process.resident_mb
        print(
            f"{name}: {before:.1f} MB after {WARM_UP} requests, {after:.1f} MB after {count} more:"
            f" {after - before:+.1f} MB (target ±{TARGET_MB})"
        )


def main() -> None:
    """Measure and print, or be one of the gateways."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--serve", choices=PROCESSES, help=argparse.SUPPRESS)
    parser.add_argument("--provider-port", type=int, default=0, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        serve(Forgetful if chosen.serve == "none" else Gateway, chosen.provider_port)
        return
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        provider_port = stack.enter_context(responder(OTHER_CORE))
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        collectors = {
            "exported": stack.enter_context(responder(OTHER_CORE)),
            "unanswered": silent.getsockname()[1],
        }
        processes = {
            what: stack.enter_context(
                gateway(what, Path(directory) / what, provider_port, collectors)
            )
            for what in PROCESSES
        }
        pin(OTHER_CORE)
        print(f"{CONNECTIONS} connections; target: {TARGET_RATIO} of the throughput of none")
        as_in_a_lab(processes["exported"])
        throughput(processes, chosen.rounds, chosen.seconds)
        memory(processes["exported"], chosen.requests)


if __name__ == "__main__":
    main()
