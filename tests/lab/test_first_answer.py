"""The main job, whole: the exercise's manifests, the gateway, the real model, the checks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from labgateway.edges.model_process import ModelFiles, find_model
from tests.lab.processes import LabProcess, ask

DATA = Path(__file__).parents[1] / "data"
PUBLISHED = (DATA / "published.yaml").read_text()
REPAIRED = {
    "gpt-4o": PUBLISHED.replace("openai: {}\n", "openai:\n"),
    None: PUBLISHED.replace("        model: gpt-4o\n", ""),
}

pytestmark = pytest.mark.slow


def checked(home: Path, step: int) -> tuple[int, dict[str, str]]:
    """(exit code, the row) of ``python -m checks run`` for one step."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "checks",
            "run",
            f"llm-routing/{step}",
            "--home",
            str(home),
            "--json",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, json.loads(done.stdout)[0]


def test_the_published_manifest_half_applies_and_the_check_says_why(tmp_path: Path) -> None:
    """Route created, backend refused with the line named, 500 for a request, the check explains."""
    with LabProcess(tmp_path) as kernel:
        outcome = kernel.client.kubectl("apply -f -", PUBLISHED)
        answer = ask(kernel.url)
        code, row = checked(tmp_path, 1)

    assert outcome.returncode == 1
    assert "httproute.gateway.networking.k8s.io/openai created" in outcome.stdout
    assert "yaml: line 9: did not find expected key" in outcome.stderr
    assert "line 31" in outcome.stderr
    assert (answer.status_code, answer.text) == (500, "service not found")
    assert (code, row["outcome"]) == (1, "not_right")
    assert "31" in row["message"]


@pytest.mark.parametrize("model", ["gpt-4o", None])
def test_both_repairs_pass_and_differ(tmp_path: Path, model: str | None) -> None:
    """With a model the backend replaces the client's; without one the client's goes through."""
    with LabProcess(tmp_path) as kernel:
        outcome = kernel.client.kubectl("apply -f -", REPAIRED[model])
        assert outcome.returncode == 0, outcome.stderr
        ask(kernel.url)
        sent = kernel.evaluate("lab.logs()['gen_ai.request.model'].iloc[-1]")
        results = [checked(tmp_path, step) for step in (1, 2)]

    assert sent == (model or "gpt-4o-mini")
    assert [(code, row["outcome"]) for code, row in results] == [(0, "passed"), (0, "passed")]


@pytest.mark.model
@pytest.mark.skipif(not isinstance(find_model(), ModelFiles), reason=str(find_model()))
def test_the_real_model_answers_through_the_gateway(tmp_path: Path) -> None:
    """Nothing is canned: its own name, usage that it counted, its key, and no child left behind."""
    with LabProcess(tmp_path, LABGATEWAY_PROVIDER="local") as kernel:
        kernel.client.apply(REPAIRED["gpt-4o"])
        answer = ask(kernel.url)
        pid = kernel.evaluate("lab._gateway.providers._model.pid")
        last = kernel.client.observation().exchanges[-1]
        kernel.process.kill()
        kernel.process.wait()

    payload = answer.json()
    assert answer.status_code == 200
    assert payload["model"] == "SmolLM2-135M-Instruct"
    assert payload["usage"]["completion_tokens"] > 0
    assert (last.original_model, last.request_model) == ("gpt-4o-mini", "gpt-4o")
    assert last.usage.output_tokens == payload["usage"]["completion_tokens"]
    assert _gone(pid)


def _gone(pid: int) -> bool:
    """Whether a process ends within ten seconds."""
    try:
        psutil.Process(pid).wait(10)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False
    return True
