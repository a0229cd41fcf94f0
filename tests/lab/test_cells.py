"""Cells in a real IPython shell: magics, and the last exception remembered for the checks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from labgateway.lab.cells import CellWatch
from labgateway.lab.session import Lab
from labgateway.shapes.settings import Settings
from tests.conftest import BACKEND, ROUTE


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """IPython as a kernel has it."""
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


@pytest.fixture
def lab(tmp_path: Path, shell: InteractiveShell) -> Iterator[Lab]:
    """A lab that watches the shell's cells."""
    lab = Lab(Settings(tmp_path, provider="simulator", gateway_port=0, stats_port=0, admin_port=0))
    CellWatch.install(lambda: lab.client)
    shell.user_ns["lab"] = lab
    yield lab
    lab.stop()


def test_a_cell_applies_manifests(
    lab: Lab, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    """%%kubectl prints what kubectl prints and remembers the attempt."""
    shell.run_cell(f"%%kubectl apply -f -\n{ROUTE}---{BACKEND}")

    assert "httproute.gateway.networking.k8s.io/openai created" in capsys.readouterr().out
    assert lab.observe().select("/openai") is not None
    assert not lab.observe().attempts[-1].failed


def test_a_mistake_is_printed_and_remembered(
    lab: Lab, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bad manifest is no exception; the check can name its line later."""
    result = shell.run_cell("%%kubectl apply -f -\nkind: A\napiVersion: b: c\n")

    assert result.success
    assert "mapping values are not allowed" in capsys.readouterr().err
    assert lab.observe().attempts[-1].documents[0].problems[0].line == 2


def test_of_a_long_refusal_the_useful_lines_come_first(
    lab: Lab, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    """The patch that kubectl sent is folded away; as text it is all that kubectl prints."""
    lab.client.apply(f"{ROUTE}---{BACKEND}")
    wrong = f"{ROUTE.replace('value: /openai', 'value: ____')}---{BACKEND.replace('{}', '____')}"
    with capture_output(stdout=False, stderr=False) as captured:
        shell.run_cell(f"%%kubectl apply -f -\n{wrong}")

    (shown,) = [one.data for one in captured.outputs]
    useful, folded = shown["text/html"].split("<summary")
    assert "must be an absolute path and start with &#x27;/&#x27;" in useful
    assert "value: ____" in useful
    assert "last-applied-configuration" in folded
    assert "last-applied-configuration" not in useful
    assert shown["text/plain"] == lab.client.kubectl("apply -f -", wrong).stderr
    assert capsys.readouterr() == ("", "")


def test_the_last_exception_is_there_until_a_cell_succeeds(
    lab: Lab, shell: InteractiveShell
) -> None:
    """Type, text and the learner's own line; keys are taken out of all three."""
    shell.run_cell("key = 'sk-typed-0123456789'\nraise ValueError('no ' + key)")
    raised = lab.observe().raised
    shell.run_cell("1 + 1")

    assert raised is not None
    assert raised.type == "ValueError"
    assert "sk-typed" not in str(raised)
    assert raised.kernel == lab.client.kernel == f"process {os.getpid()}"
    assert lab.observe().raised is None
