"""The command line without a server: copies, refusals, the doctor."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest

from labgateway.lab.cli import main
from labgateway.lab.doctor import report
from labgateway.lab.jupyter import jupyter_command
from labgateway.shapes.settings import Settings


def test_jupyterlab_is_opened_laid_out_and_without_news() -> None:
    """What the lab opens with is one command line, further arguments last."""
    command = jupyter_command(Path("/somewhere"), "--no-browser")

    assert command[1:3] == ["-m", "jupyterlab"]
    assert "--LabApp.default_url=/lab/workspaces/lab" in command
    assert "--LabApp.news_url=None" in command
    assert command[-1] == "--no-browser"


@pytest.mark.parametrize("words", [["serve", "--gateway-port", "99999"], ["nothing"], []])
def test_bad_words_are_refused_with_usage(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The shell's own exit code for bad usage, and a line that says what is possible."""
    with pytest.raises(SystemExit) as caught:
        main(words)

    assert caught.value.code == 2
    assert "usage: labgateway" in capsys.readouterr().err


def test_a_bad_setting_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback for what the learner can mend."""
    monkeypatch.setenv("LABGATEWAY_PROVIDER", "cloud")

    assert main(["doctor"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("labgateway: LABGATEWAY_PROVIDER is 'cloud'")
    assert said.count("\n") == 1


def test_the_doctor_names_a_port_in_use(tmp_path: Path) -> None:
    """A taken port is a note, not a failure: another one will be used."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        lines, healthy = report(Settings(tmp_path, gateway_port=port), None, "")

    assert healthy
    assert any(f"port {port} is in use" in line for line in lines)
    assert lines[0].startswith("ok    Python 3.")


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="there is no kubectl to lead astray")
def test_the_doctor_says_when_kubectl_asks_somebody_else(tmp_path: Path) -> None:
    """Without KUBECONFIG it asks port 8080, which is the gateway's and no API's."""
    settings, right = Settings(tmp_path, gateway_port=0), f"export KUBECONFIG={tmp_path}/kubeconfig"
    for given, said in (("", "not set"), ("/else", "/else")):
        lines, healthy = report(settings, None, given)
        assert healthy
        assert any(f"KUBECONFIG is {said}" in line and right in line for line in lines)
    lines, _healthy = report(settings, None, f"{tmp_path}/kubeconfig")
    assert not any("KUBECONFIG" in line for line in lines)
