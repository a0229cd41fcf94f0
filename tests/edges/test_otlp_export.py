"""Spans over OTLP to real receivers, and to none: traffic, exit and cells do not notice."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from labgateway.decisions.metric_families import LOST_SPANS
from labgateway.edges.serving import bind, port_of
from labgateway.edges.span_backlog import WAITING
from labgateway.shapes.settings import SPAN_QUEUE
from tests.conftest import BACKEND, ROUTE, Running, gateway_in
from tests.edges.waiting import eventually
from tests.lab.processes import LabProcess, ask

pytestmark = pytest.mark.slow  # real processes, and real time-outs

# An exporter of the SDK waits 10 s for a collector; whoever stops sooner did not wait for it.
STOP_S = 5.0
PORT_ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


def free_port() -> int:
    """A port that nobody listens on."""
    with bind(0, strict=True) as listener:
        return port_of(listener)


@contextmanager
def silent_port() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield port_of(listener)


@contextmanager
def exporting(
    path: Path, port: int, monkeypatch: pytest.MonkeyPatch, **env: str
) -> Iterator[Running]:
    """A gateway with a route that exports to a port."""
    monkeypatch.setenv(PORT_ENDPOINT, f"http://127.0.0.1:{port}")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    with gateway_in(path / "home", otlp_export=True) as running:
        running.apply(f"{ROUTE}---{BACKEND}")
        yield running


def lost(running: Running) -> dict[str, float]:
    """How many spans reached no collector, by reason, as the metrics say."""
    samples = running.gateway.metrics.samples()
    return {one.labels["reason"]: one.value for one in samples if one.name == LOST_SPANS}


async def received(port: int, home: Path) -> dict[str, Any]:
    """What a real receiver gets of one request through a real lab, by the spans' kinds."""
    oteltap = pytest.importorskip("oteltap", reason="its native library is for x86_64 only")
    settings = oteltap.OtelTapHttpProtobufReceiverSettings(http_port=port)
    async with oteltap.OtelTapHttpProtobufReceiver(settings) as receiver:
        awaited = {
            name: asyncio.ensure_future(
                receiver.await_trace(lambda span, name=name: span.name.startswith(name), 30)
            )
            for name in ("POST /openai/*", "route", "chat gpt-4o-mini", "response")
        }

        def use() -> str:
            env = {PORT_ENDPOINT: f"http://127.0.0.1:{port}", "OTEL_BSP_SCHEDULE_DELAY": "50"}
            with LabProcess(home, **env) as lab:
                lab.client.apply(f"{ROUTE}---{BACKEND}")
                answer = ask(lab.url)
                lab.evaluate("lab.stop()")  # delivers what still waits
                return answer.headers["x-trace-id"]

        trace_id = await asyncio.to_thread(use)
        spans = {name: await one for name, one in awaited.items()}
        assert {one.trace_id.hex() for one in spans.values()} == {trace_id}
        return spans


def test_a_real_receiver_gets_the_whole_trace(tmp_path: Path) -> None:
    """Over HTTP, as the environment says; four spans, tokens on the call."""
    spans = asyncio.run(received(free_port(), tmp_path / "home"))
    root, call = spans["POST /openai/*"], spans["chat gpt-4o-mini"]
    assert root.parent_span_id == b""
    assert {one.parent_span_id for name, one in spans.items() if one is not root} == {root.span_id}
    assert (root.kind, call.kind) == (2, 3)
    tokens = {one.key: one.value.int_value for one in call.attributes}
    assert tokens["gen_ai.usage.input_tokens"] > 0
    assert tokens["gen_ai.usage.output_tokens"] > 0


def test_the_lab_can_be_its_own_collector(routed: Running, tmp_path: Path) -> None:
    """Another gateway's spans arrive on the stats port."""
    port = routed.gateway.running.stats_port
    with pytest.MonkeyPatch.context() as patch, exporting(tmp_path / "b", port, patch) as running:
        running.ask()
        spans = routed.gateway.spans
        assert eventually(lambda: len(spans.recent()) == 4)
    assert {one.trace_id for one in spans.recent()} == {running.exchanges[-1].trace_id}
    assert running.gateway.tracing.notices == ()


@pytest.mark.parametrize("reach", ["refused", "silent"])
def test_without_a_collector_traffic_goes_on_and_the_gateway_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reach: str
) -> None:
    """Every request is answered and remembered; the end does not wait for the collector (F19)."""
    with silent_port() as silent:
        port = silent if reach == "silent" else free_port()
        with exporting(tmp_path, port, monkeypatch) as running:
            assert {running.ask().status_code for _ in range(20)} == {200}
            assert len(running.exchanges) == 20
            began = time.monotonic()
        assert time.monotonic() - began < STOP_S


def test_what_is_lost_is_counted_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sentence in the lab's notices, and a metric (F19)."""
    env = {"OTEL_EXPORTER_OTLP_TIMEOUT": "1"}
    with exporting(tmp_path, free_port(), monkeypatch, **env) as running:
        running.ask()
        losses = running.gateway.metrics.losses
        assert eventually(lambda: losses.spans_undelivered == 4)
        assert lost(running) == {"queue_full": 0, "undelivered": 4}
        (notice,) = running.gateway.observe().place.notices
    assert notice.startswith("4 spans could not be delivered")


def test_a_full_queue_counts_what_it_has_no_room_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory has a bound while a collector does not answer; the rest goes on as it was."""
    with silent_port() as silent, exporting(tmp_path, silent, monkeypatch) as running:
        running.ask()
        for _ in range(4000):
            running.gateway.tracing.emit(running.exchanges[-1])
        # Exchanges that wait, spans that wait, and one batch of the SDK's that is on its way.
        room = 4 * WAITING + SPAN_QUEUE + 512
        assert 4001 * 4 - room <= lost(running)["queue_full"] <= 4001 * 4 - 4 * WAITING
        (notice,) = running.gateway.observe().place.notices
        assert "spans were not exported" in notice
        began = time.monotonic()
    assert time.monotonic() - began < STOP_S


def test_what_a_lab_sends_is_all_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a burst of parallel requests nothing is lost, though the gateway stops right after it."""
    requests = 240

    async def burst(url: str) -> set[int]:
        limits = httpx.Limits(max_connections=16)
        body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}]}
        async with httpx.AsyncClient(trust_env=False, limits=limits, timeout=60) as client:
            sent = (client.post(f"{url}/openai", json=body) for _ in range(requests))
            return {one.status_code for one in await asyncio.gather(*sent)}

    with gateway_in(tmp_path / "a") as collector:
        port = collector.gateway.running.stats_port
        with exporting(tmp_path / "b", port, monkeypatch) as running:
            assert asyncio.run(burst(running.url)) == {200}
            asked = {one.trace_id for one in running.exchanges}
        received = collector.gateway.spans.recent()
    assert len(asked) == requests
    assert {one.trace_id for one in received} == asked
    assert len(received) == 4 * requests
    assert lost(running) == {"queue_full": 0, "undelivered": 0}


LOUD = """
import logging, sys, labgateway
logging.basicConfig(level=logging.DEBUG)
lab = labgateway.start()
print("ready", flush=True)
for line in sys.stdin:
    exec(line)
    print("done", flush=True)
lab.stop()
"""


def test_no_thread_prints_under_a_cell(tmp_path: Path) -> None:
    """Even when the learner's own logging is on; and the process ends at once."""
    home, port = tmp_path / "home", free_port()
    env = {
        **{name: value for name, value in os.environ.items() if name != "OPENAI_API_KEY"},
        "LABGATEWAY_HOME": str(home),
        "LABGATEWAY_PROVIDER": "simulator",
        PORT_ENDPOINT: f"http://127.0.0.1:{port}",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "1",
        "OTEL_BSP_SCHEDULE_DELAY": "50",
    }
    requested = (
        "import httpx; httpx.post(f'{lab.gateway_url}/openai', json={}, trust_env=False);"
        "import time; deadline = time.monotonic() + 10\n"
        "while not lab.observe().place.notices and time.monotonic() < deadline: pass\n"
        "logging.getLogger('opentelemetry.sdk').warning('of the learner')\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", LOUD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
    )
    _out, printed = process.communicate(requested, timeout=60)
    assert process.returncode == 0
    lines = [one for one in printed.splitlines() if not one.startswith(("DEBUG:", "INFO:"))]
    assert lines == ["WARNING:opentelemetry.sdk:of the learner"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_served_gateway_ends_at_once_without_its_collector(
    tmp_path: Path, number: signal.Signals
) -> None:
    """With a collector that never answers."""
    with silent_port() as silent:
        env = {**os.environ, PORT_ENDPOINT: f"http://127.0.0.1:{silent}"}
        ports = [f"--{name}-port=0" for name in ("gateway", "stats", "admin")]
        command = [sys.executable, "-m", "labgateway", "serve", "--provider=simulator", *ports]
        with subprocess.Popen(
            [*command, f"--home={tmp_path / 'home'}"], stdout=subprocess.PIPE, text=True, env=env
        ) as process:
            assert process.stdout is not None
            url = process.stdout.readline().split()[1].removeprefix("gateway=")
            httpx.post(f"{url}/openai", json={}, trust_env=False)
            began = time.monotonic()
            process.send_signal(number)
            assert process.wait(30) == 0
            assert time.monotonic() - began < STOP_S


def test_neither_prompts_nor_keys_are_in_spans(tmp_path: Path) -> None:
    """In no attribute of any of them, whole answers and streams, while bodies are off (F21)."""
    canary = f"canary-{secrets.token_hex(8)}"
    with gateway_in(tmp_path / "a") as collector, pytest.MonkeyPatch.context() as patch:
        port = collector.gateway.running.stats_port
        with exporting(tmp_path / "b", port, patch) as running:
            for changes in (
                {},
                {"stream": True},
                {"tools": [{"type": "function", "name": canary}]},
            ):
                httpx.post(
                    f"{running.url}/openai?key={canary}",
                    json={
                        "model": "gpt-4o-mini",
                        "messages": [{"role": "user", "content": canary}],
                        **changes,
                    },
                    headers={"authorization": f"Bearer {canary}", "cookie": canary},
                    trust_env=False,
                )
            received = collector.gateway.spans
            assert eventually(lambda: len(received.recent()) >= 12)
            key = running.gateway.providers.keys[0]
            texts = json.dumps([repr(one) for one in received.recent()])
            assert canary not in texts
            assert key not in texts
            running.gateway.log_bodies(True)
            running.ask(messages=[{"role": "user", "content": canary}])
            assert eventually(lambda: len(received.recent()) >= 16)
    said = [one for one in received.recent() if canary in repr(one)]
    assert [one.kind for one in said] == ["CLIENT"]
