"""A shell that finds the gateway, whichever port it has."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from labgateway.lab.terminal import point_terminals, write_env
from labgateway.memory.home import Home, Running

RUNNING = Running(1, 41001, 41002, 41003, "s3cret", "simulator", 0.0, "a test")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with a blank in its path, for this process's children."""
    for name in ("KUBECONFIG", "KUBECACHEDIR", "GATEWAY_IP", "GATEWAY_PORT", "PROMPT_COMMAND"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("LABGATEWAY_HOME", "")
    return Home(tmp_path / "a home")


def typed(*lines: str, rc: Path = Path("/dev/null")) -> list[str]:
    """What an interactive bash prints to lines typed into it."""
    done = subprocess.run(
        ["bash", "--rcfile", str(rc), "-i"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )
    return done.stdout.splitlines()


def test_a_terminal_opened_before_the_gateway_finds_it_later(home: Home) -> None:
    """The usual port until there is one; the very next line knows the real one."""
    point_terminals(home)
    echo = 'echo "$GATEWAY_IP:$GATEWAY_PORT"'
    later = Home(home.path / "later")
    write_env(later, 41001)

    said = typed(echo, "unset PROMPT_COMMAND", f"mv '{later.env}' '{home.env}'", echo)

    assert said == ["127.0.0.1:8080", "127.0.0.1:41001"]


def test_the_last_gateways_port_is_taken_for_the_next(home: Home) -> None:
    """A gateway that is taken over keeps its ports."""
    home.publish(replace(RUNNING, gateway_port=41007))

    point_terminals(home)

    assert os.environ["GATEWAY_PORT"] == "41007"
    assert os.environ["LABGATEWAY_HOME"] == str(home.path)


def test_another_cluster_stays_chosen(home: Home) -> None:
    """Who points kubectl elsewhere is not led back at the next prompt."""
    point_terminals(home)

    said = typed("export KUBECONFIG=/elsewhere", "echo $KUBECONFIG")
    without = typed("unset KUBECONFIG", "echo $KUBECONFIG")

    assert said == ["/elsewhere"]
    assert without == [str(home.kubeconfig)]


def test_who_sources_it_gets_the_labs_cluster(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever KUBECONFIG was before; a terminal of the lab begins there, too."""
    point_terminals(home)
    monkeypatch.setenv("KUBECONFIG", "/production")

    in_the_lab = typed("echo $KUBECONFIG")
    monkeypatch.delenv("PROMPT_COMMAND")
    source = f". '{home.env}'"
    elsewhere = typed("echo $KUBECONFIG", source, "echo $KUBECONFIG")
    again = typed(source, "KUBECONFIG=/production", source, "echo $KUBECONFIG")

    assert in_the_lab == again == [str(home.kubeconfig)]
    assert elsewhere == ["/production", str(home.kubeconfig)]


def test_the_labs_programs_come_first_until_something_else_is_chosen(home: Home) -> None:
    """A shell's start-up files may put another python first; a learner's later choice stays."""
    point_terminals(home)
    other = home.path / "other"
    other.mkdir()
    (other / "python").touch(mode=0o755)
    start_up = other / "bashrc"
    start_up.write_text(f"PATH='{other}':$PATH\n")

    said = typed("command -v python", f"PATH='{other}':$PATH", "command -v python", rc=start_up)

    assert said == [str(Path(sys.executable).parent / "python"), str(other / "python")]
