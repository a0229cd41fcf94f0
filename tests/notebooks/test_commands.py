"""``commands.md``: every command of the exercise, run in a real shell as the table says."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.notebooks.lesson import SHIPPED

COMMANDS = (SHIPPED / "commands.md").read_text(encoding="utf-8")
EXERCISE = Path(__file__).resolve().parents[2].parent / "shared" / "seed" / "llm-routing.md"
PROGRAMS = ("bash", "curl", "jq", "grep", "kubectl")
DEADLINE_S = 60
RIGHT = ("      openai: {}\n        model: gpt-4o", "      openai:\n        model: gpt-4o")


def _blocks(text: str, kind: str = "bash") -> list[str]:
    """The code blocks with this word after their fence."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


APPLY, CURL, LOGS, METRICS, LOOP = _blocks(COMMANDS)
ADDRESS, TOKENS = _blocks(COMMANDS, "bash substitute")


@dataclass(frozen=True)
class Shell:
    """bash beside a gateway, with what the terminals of the lab have."""

    ports: dict[str, int]
    environment: dict[str, str]

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """One command; a port that was taken is replaced, as the text says."""
        for usual, port in self.ports.items():
            command = command.replace(usual, str(port))
        return subprocess.run(
            ["bash", "-c", command],
            capture_output=True,
            text=True,
            check=False,
            env=self.environment,
            timeout=DEADLINE_S,
        )


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A gateway of the command line, on the usual ports where they are free."""
    beside = str(Path(sys.executable).parent)
    path = os.pathsep.join((beside, os.environ.get("PATH", "")))
    missing = [one for one in PROGRAMS if shutil.which(one, path=path) is None]
    if missing:
        pytest.skip(f"not on this machine: {', '.join(missing)}")
    home = tmp_path_factory.mktemp("home")
    kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    environment = {**kept, "PATH": path, "KUBECACHEDIR": str(home / "cache")}
    words = ("-m", "labgateway", "serve", "--provider", "simulator", "--home", str(home / "lab"))
    with subprocess.Popen(
        [sys.executable, *words], stdout=subprocess.PIPE, text=True, env=environment
    ) as serving:
        assert serving.stdout is not None
        said = dict(one.split("=", 1) for one in serving.stdout.readline().split()[1:])
        ports = {
            "8080": urlsplit(said["gateway"]).port or 0,
            "15020": urlsplit(said["stats"]).port or 0,
        }
        yield Shell(ports, {**environment, "KUBECONFIG": said["kubeconfig"]})
        serving.send_signal(signal.SIGTERM)


@pytest.mark.slow
def test_every_command_goes_as_the_table_says(shell: Shell) -> None:
    """In the exercise's order, with the slip of step 1 put right in between."""
    applied = shell.run(APPLY)
    assert applied.stdout == "httproute.gateway.networking.k8s.io/openai created\n"
    assert "yaml: line 9: did not find expected key" in applied.stderr
    assert applied.returncode == 1
    right = shell.run(APPLY.replace(*RIGHT))
    assert "agentgatewaybackend.agentgateway.dev/openai-all-models created" in right.stdout

    asked = shell.run(f"{ADDRESS}\n{CURL}")
    assert (asked.returncode, asked.stderr) == (0, "")
    answer = json.loads(asked.stdout)
    assert asked.stdout.count("\n") > 10
    assert answer["usage"]["total_tokens"] > 0

    logged = json.loads(shell.run(LOGS).stdout)
    assert logged["gen_ai.request.model"] == "gpt-4o"
    assert logged["gen_ai.usage.input_tokens"] == answer["usage"]["prompt_tokens"]
    assert logged["trace.id"]

    metrics = shell.run(METRICS)
    assert "nothing to forward: the gateway runs on this machine" in metrics.stderr
    assert "agentgateway_requests_total" in metrics.stdout
    assert "token" not in metrics.stdout
    assert "agentgateway_gen_ai_client_token_usage" in shell.run(TOKENS).stdout

    counted = shell.run(f"{ADDRESS}\n{LOOP}")
    assert counted.returncode == 0
    assert len(counted.stdout.strip().splitlines()) >= 3
    assert len(shell.run(LOGS).stdout.splitlines()) == 4


@pytest.mark.skipif(not EXERCISE.exists(), reason=f"{EXERCISE} is not there")
def test_no_command_of_the_exercise_is_missing() -> None:
    """Each line of its shell is in a block as printed, or named in the table or the text."""
    lines = {""} | {line for block in _blocks(COMMANDS) for line in block.splitlines()}
    text = "\n".join(_blocks(EXERCISE.read_text(encoding="utf-8")))
    elsewhere = [line for line in text.splitlines() if line not in lines]
    assert elsewhere == ["source /root/.bashrc"]
    assert f"Instead of `{elsewhere[0]}`:" in COMMANDS


def test_the_table_names_what_each_block_begins_with() -> None:
    """Nobody looks for a command in vain."""
    rows = [line for line in COMMANDS.splitlines() if line.startswith("| `")]
    for block in (APPLY, CURL, LOGS, METRICS, LOOP):
        begin = " ".join(block.split()[:2])
        assert any(row.startswith(f"| `{begin}") for row in rows), begin
