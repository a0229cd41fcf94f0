"""``kubectl get -w`` and ``kubectl wait`` while others write, with each kubectl there is."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.edges.waiting import eventually
from tests.kubernetes_api import BACKEND, ROUTE, Api
from tests.terminals import Terminal

pytestmark = pytest.mark.slow  # real processes

NS = ("-n", "agentgateway-system")
DEADLINE = "--request-timeout=30s"  # so that a line that never comes fails the test


@contextmanager
def _running(shell: Terminal, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A command that goes on while the block runs."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [shell.kubectl, *words, DEADLINE],
        stdout=pipe,
        stderr=pipe,
        text=True,
        env=shell.environment,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _watchers(api: Api) -> int:
    return len(api.store.changes._wakes)


def _line(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    return process.stdout.readline().split()


def test_changes_are_shown_as_they_come(each_shell: Terminal, api: Api) -> None:
    """The table goes on: new, changed and deleted objects; a watcher who goes is forgotten."""
    each_shell.run("apply", "-f", "-", text=BACKEND)
    with _running(each_shell, "get", "agbe", *NS, "-w", "--output-watch-events") as process:
        assert _line(process) == ["EVENT", "NAME", "ACCEPTED", "AGE"]
        assert _line(process)[:3] == ["ADDED", "openai-all-models", "True"]
        assert eventually(lambda: _watchers(api) == 1)
        each_shell.run("label", "agbe", "openai-all-models", *NS, "a=b")
        assert _line(process)[:3] == ["MODIFIED", "openai-all-models", "True"]
        each_shell.run("delete", "agbe", "openai-all-models", *NS)
        assert _line(process)[:3] == ["DELETED", "openai-all-models", "True"]
    assert eventually(lambda: not _watchers(api))


def test_a_status_that_changes_with_another_object_is_shown(each_shell: Terminal, api: Api) -> None:
    """A route resolves its references when the backend comes."""
    each_shell.run("apply", "-f", "-", text=ROUTE)
    wanted = "-o=jsonpath={.status.parents[0].conditions[1].reason}{'\\n'}"
    with _running(each_shell, "get", "httproute", "openai", *NS, "-w", wanted) as process:
        assert _line(process) == ["BackendNotFound"]
        assert eventually(lambda: _watchers(api) == 1)
        each_shell.run("apply", "-f", "-", text=BACKEND)
        assert _line(process) == ["ResolvedRefs"]


@pytest.mark.parametrize(
    ("condition", "what", "then"),
    [
        ("condition=Accepted", "agbe/openai-all-models", ()),
        ("delete", "httproute/openai", ("delete", "httproute", "openai", *NS)),
        (
            "jsonpath={.metadata.labels.a}=b",
            "httproute/openai",
            ("label", "httproute", "openai", *NS, "a=b"),
        ),
        (
            "jsonpath={.status.parents[0].conditions[1].status}=True",
            "httproute/openai",
            ("apply", "-f", "-"),
        ),
    ],
)
def test_waiting_ends_when_it_has_come_true(
    each_shell: Terminal, api: Api, condition: str, what: str, then: tuple[str, ...]
) -> None:
    """Already, or by what is done meanwhile."""
    text = f"{BACKEND}---\n{ROUTE}" if not then else ROUTE
    each_shell.run("apply", "-f", "-", text=text)
    words = ("wait", f"--for={condition}", what, *NS, "--timeout=30s")
    with _running(each_shell, *words) as process:
        if then:
            assert eventually(lambda: _watchers(api) == 1)
            done = each_shell.run(*then, text=BACKEND)
            assert done.returncode == 0, done.stderr
        assert process.wait(30) == 0
        assert process.stdout is not None
        assert process.stdout.read().endswith("condition met\n")


def test_the_gateways_own_are_watched(each_shell: Terminal) -> None:
    """They are there and do not change."""
    words = ("get", "pods", *NS, "-w", "--output-watch-events")
    with _running(each_shell, *words) as process:
        assert _line(process)[:3] == ["EVENT", "NAME", "READY"]
        assert _line(process)[2:4] == ["1/1", "Running"]
