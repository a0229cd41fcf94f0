"""``%kubectl`` and ``%%kubectl`` in a cell."""

from __future__ import annotations

from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from labgateway.lab.kubectl import Kubectl, Outcome
from labgateway.lab.magics import register
from labgateway.words.errors import LabNotRunning
from tests.kubernetes_api import BACKEND, PUBLISHED


def test_magics_print_and_return_nothing(
    kubectl: Kubectl,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each stream to its own; files are found from the working directory."""
    (tmp_path / "backend.yaml").write_text(BACKEND, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    shell = InteractiveShell()
    register(shell, lambda line, text, cwd: kubectl.run(line, text, cwd=cwd))
    assert shell.run_line_magic("kubectl", "apply -f backend.yaml") is None
    assert shell.run_cell_magic("kubectl", "apply -f -", PUBLISHED) is None
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        "agentgatewaybackend.agentgateway.dev/openai-all-models created",
        "httproute.gateway.networking.k8s.io/openai created",
    ]
    assert "  document 2, line 31 of the whole text:         model: gpt-4o\n" in printed.err


def test_a_magic_without_a_gateway_prints_one_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The lab's own errors are not tracebacks either."""

    def gone(_line: str, _text: str | None, _cwd: Path) -> Outcome:
        raise LabNotRunning("the gateway is not running")

    shell = InteractiveShell()
    register(shell, gone)
    assert shell.run_line_magic("kubectl", "get ns") is None
    assert capsys.readouterr().err == "error: the gateway is not running\n"
