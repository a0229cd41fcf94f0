"""From kernel start to the first real answer, phase by phase, and what it all keeps in memory.

A real Jupyter server starts a kernel; the kernel runs what notebooks 00 to 02 run. ``--cold`` drops
the page cache first (Linux, root), as on a machine that has just started.

    .venv/bin/python tests/performance/first_answer.py [--cold] [--runs N]
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import httpx
import psutil
from jupyter_client import BlockingKernelClient

from tests.jupyter_server import JupyterServer, jupyter_server

DEADLINE_S = 60.0
MANIFESTS = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: openai, namespace: agentgateway-system}
spec:
  parentRefs: [{name: agentgateway}]
  rules:
  - matches: [{path: {value: /openai}}]
    backendRefs: [{name: openai-all-models, group: agentgateway.dev, kind: AgentgatewayBackend}]
    timeouts: {request: 120s}
---
apiVersion: agentgateway.dev/v1alpha1
kind: AgentgatewayBackend
metadata: {name: openai-all-models, namespace: agentgateway-system}
spec:
  ai: {provider: {openai: {}}}
  policies: {auth: {secretRef: {name: openai-secret}}}
"""
ASK = """
import httpx
question = "What is an AI gateway and why do enterprises need one? Answer in 2 sentences."
body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": question}]}
answer = httpx.post(f"{lab.gateway_url}/openai", timeout=60, json=body)
assert answer.status_code == 200, answer.text
print(answer.json()["model"], answer.json()["usage"]["completion_tokens"], "tokens")
"""
PHASES = (
    ("import labgateway.start", "import labgateway; labgateway.start"),
    ("labgateway.start()", "lab = labgateway.start()"),
    ("show the card", "print(repr(lab))"),
    ("apply route and backend", f"%%kubectl apply -f -\n{MANIFESTS}"),
    ("first answer of the model", ASK),
    ("second answer", ASK),
    ("lab.logs(), which loads pandas", "lab.logs()"),
)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cold", action="store_true", help="drop the page cache before each run")
    parser.add_argument("--runs", type=int, default=2)
    chosen = parser.parse_args()
    for number in range(chosen.runs):
        if chosen.cold:
            os.sync()
            Path("/proc/sys/vm/drop_caches").write_text("3")
        print(
            f"run {number + 1} of {chosen.runs}, {'cold' if chosen.cold else 'warm'},"
            f" {os.cpu_count()} cores"
        )
        with tempfile.TemporaryDirectory() as directory:
            _run(Path(directory))


def _run(directory: Path) -> None:
    with jupyter_server(directory, directory, LABGATEWAY_PROVIDER="local") as server:
        started = time.perf_counter()
        client = _kernel(server)
        marks = [("start the kernel", time.perf_counter() - started)]
        for name, code in PHASES:
            before = time.perf_counter()
            said = _execute(client, code)
            marks.append((name, time.perf_counter() - before))
            if "first answer" in name:
                marks.append(("kernel start → first answer", time.perf_counter() - started))
                print(f"  the model said: {said.strip()}")
        for name, seconds in marks:
            print(f"  {name:32} {seconds:6.2f} s")
        _print_memory(server.pid)
        client.stop_channels()


def _kernel(server: JupyterServer) -> BlockingKernelClient:
    """A kernel that the server started, ready for code."""
    answer = httpx.post(
        f"{server.url}api/kernels",
        json={"name": "python3"},
        headers={"authorization": f"token {server.token}"},
        timeout=DEADLINE_S,
        trust_env=False,
    )
    connection_file = server.runtime / f"kernel-{answer.raise_for_status().json()['id']}.json"
    client = BlockingKernelClient(connection_file=str(connection_file))
    client.load_connection_file()
    client.start_channels()
    client.kernel_info(reply=True, timeout=DEADLINE_S)
    return client


def _execute(client: BlockingKernelClient, code: str) -> str:
    said: list[str] = []

    def hear(message: dict[str, object]) -> None:
        content = message["content"]
        assert isinstance(content, dict)
        said.append(str(content.get("text", "")))

    reply = client.execute_interactive(code, timeout=DEADLINE_S, output_hook=hear)
    assert reply["content"]["status"] == "ok", reply["content"]
    return "".join(said)


def _print_memory(server_pid: int) -> None:
    """Resident memory by process; shared pages are counted once in the proportional set size."""
    processes = [psutil.Process(server_pid), *psutil.Process(server_pid).children(recursive=True)]
    total_rss = total_pss = 0
    for process in processes:
        words = " ".join(process.cmdline())
        what = (
            "kernel"
            if "ipykernel" in words
            else "model"
            if "model_server" in words
            else "Jupyter server"
        )
        memory = process.memory_full_info()
        pss = getattr(memory, "pss", memory.rss)
        total_rss, total_pss = total_rss + memory.rss, total_pss + pss
        print(f"  {what:32} {memory.rss / 1e6:6.0f} MB resident, {pss / 1e6:6.0f} MB proportional")
    print(
        f"  {'together':32} {total_rss / 1e6:6.0f} MB resident,"
        f" {total_pss / 1e6:6.0f} MB proportional"
    )


if __name__ == "__main__":
    main()
