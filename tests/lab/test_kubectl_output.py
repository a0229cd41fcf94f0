"""``get -o FORMAT`` in notebooks: the same output as from the real kubectl."""

from __future__ import annotations

from pathlib import Path

import pytest

from labgateway.lab.kubectl import Kubectl
from tests.kubernetes_api import BACKEND, ROUTE
from tests.lab.comparison import agree
from tests.terminals import Terminal

pytestmark = pytest.mark.slow  # real processes

NS = "-n agentgateway-system"
APPLIED = r"kubectl\.kubernetes\.io/last-applied-configuration"
ACCEPTED = '{.status.conditions[?(@.type=="Accepted")].status}{"\\n"}'
TEMPLATES = [
    "{.items[*].metadata.name}",
    '{range .items[*]}{.metadata.name}{"\\t"}{.nope}{"\\n"}{end}done',
    "{range .items[*]}[{.metadata.name}, {.status.phase}] {end}",
    '{range .items[*]}{.metadata.name}{"\\n"}',
    '{.items[?(@.metadata.name!="default")].metadata}',
    "{.items[0,1].metadata['name','generation']}",
    "{..name}{.items[-1].metadata.name}",
    "{.items}",
    ".items",
    "{.items[5].x}",
    "{.items[*].metadata[name]}",
    "{.items[*].metadata.name",
    "{.kind[?(@.x)]}",
    "{%}",
    "",
]
LINES = [
    *(f"get ns -o jsonpath='{one}'" for one in TEMPLATES),
    "get ns -o jsonpath-as-json={.items[*].metadata.name}",
    f"get gateway agentgateway {NS} -o jsonpath='{ACCEPTED}'",
    f"get httproute openai {NS} -o jsonpath='{{.metadata.annotations.{APPLIED}}}'",
    f"get httproute openai nope {NS} -o jsonpath={{.items[*].metadata.name}}",
    "get httproute -n nope -o jsonpath={.items[0].metadata.name}",
    "get httproute nope -o jsonpath={.metadata.name}",
    "get ns,gateway -A -o custom-columns=NAME:.metadata.name,P:.spec.listeners[*].port",
    "get gateway -A -o custom-columns=A:.spec.listeners,B:{.status.conditions[*].type}",
    "get ns default -o custom-columns=NAME:metadata.name --no-headers",
    *("get ns -o custom-columns", "get ns -o custom-columns=A", "get ns -o custom-columns=A:{"),
    *("get ns -o jsonpath", "get ns -o foo", "get ns -o yaml=x", "get ns -o wide=x"),
    *("get gateway,ns -A -L a,x.y/b", "get gc,ns -A", "get gateway -A -L a --show-labels"),
    "get ns/default gateway/x -A",
]


def test_formats_read_as_from_the_real_kubectl(shell: Terminal, kubectl: Kubectl) -> None:
    """Templates, columns, label columns, and what is wrong with them."""
    agree(shell, kubectl, "apply -f -", f"{ROUTE}---\n{BACKEND}")
    for line in LINES:
        agree(shell, kubectl, line)


def test_a_path_that_does_not_fit_is_said_briefly(kubectl: Kubectl, tmp_path: Path) -> None:
    """kubectl adds the whole document, which a notebook folds away."""
    done = kubectl.run("get ns -o jsonpath={.items[9]}", cwd=tmp_path)
    assert done.returncode == 1
    assert "map[string]interface {}{" in done.stderr
    assert done.brief == (
        'error: error executing jsonpath "{.items[9]}": Error executing template: array index out'
        " of bounds: index 9, length 2\n"
    )


@pytest.mark.parametrize("name", ["go-template", "jsonpath-file", "kyaml", "custom-columns-file"])
def test_formats_of_a_terminal_are_named(kubectl: Kubectl, tmp_path: Path, name: str) -> None:
    """With those that a notebook has."""
    done = kubectl.run(f"get ns -o {name}=x", cwd=tmp_path)
    assert f"-o {name} is not part of %kubectl" in done.stderr
    assert "here: custom-columns, json, jsonpath" in done.stderr
    assert done.returncode == 1
