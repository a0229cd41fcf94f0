"""``wait`` in notebooks: the same words as from the real kubectl, and what ends the waiting."""

from __future__ import annotations

import threading
from pathlib import Path

import httpx
import pytest

from labgateway.lab.kubectl import Kubectl, Outcome
from tests.kubernetes_api import BACKEND, ROUTE, Api
from tests.lab.comparison import agree
from tests.terminals import Terminal

pytestmark = pytest.mark.slow  # real processes

NS = "-n agentgateway-system"
GATEWAY = f"gateway/agentgateway {NS}"
STATUS = '{.status.conditions[?(@.type=="Accepted")].status}'
# Where a time-out is to be read it is long enough that a busy machine has asked before it ends.
LINES = [
    *(f"wait --for=condition={one} {GATEWAY}" for one in ("Programmed", "programmed=true")),
    f"wait --for=condition=Programmed {GATEWAY} gateway/nope --timeout=20s",
    *(f"wait --for=condition=Nope {GATEWAY} --timeout={one}" for one in ("2s", "0", "foo")),
    *(f"wait --for=jsonpath='{STATUS}'={one} {GATEWAY} --timeout=0" for one in ("True", "False")),
    f"wait --for=jsonpath='{{.metadata.name}}' {GATEWAY}",
    f"wait --for=jsonpath='{{.status.conditions[*].status}}'=True {GATEWAY}",
    f"wait --for=jsonpath='{{.a}}=' {GATEWAY}",
    *(f"wait --for={one} {GATEWAY}" for one in ("foo", "condition", "create")),
    *(f"wait {GATEWAY}", "wait --for=condition=Programmed"),
    f"wait --for=delete {GATEWAY} --timeout=2s",
    f"wait --for=delete gateway/nope {NS}",
    f"wait --for=create gateway/nope {NS} --timeout=2s",
    f"wait --for=condition=Accepted gateway,agbe --all {NS}",
    f"wait --for=condition=Accepted gateway {NS}",
    f"wait --for=condition=Accepted -l x=y gateway {NS}",
]


def test_waiting_reads_as_from_the_real_kubectl(shell: Terminal, kubectl: Kubectl) -> None:
    """What is so already, what never comes, and mistakes."""
    agree(shell, kubectl, "apply -f -", f"{ROUTE}---\n{BACKEND}")
    for line in LINES:
        agree(shell, kubectl, line)


@pytest.mark.parametrize(
    ("there", "line", "change", "said"),
    [
        (True, "--for=jsonpath={.metadata.labels.a}=b", "label {} a=b", "{} condition met\n"),
        (True, "--for=delete", "delete {}", "{} condition met\n"),
        (False, "--for=create", "apply -f backend.yaml", "{} condition met\n"),
        (True, "--for=condition=Nope", "delete {}", '"openai-all-models" not found\n'),
    ],
)
def test_what_ends_the_waiting(
    api: Api,
    tmp_path: Path,
    there: bool,
    line: str,
    change: str,
    said: str,
) -> None:
    """A change that comes while it is watched for."""
    (tmp_path / "backend.yaml").write_text(BACKEND, encoding="utf-8")
    name = "agentgatewaybackend.agentgateway.dev/openai-all-models"
    watching, outcomes = threading.Event(), list[Outcome]()

    def seen(response: httpx.Response) -> None:
        if "watch" in response.url.params:
            watching.set()

    with api.client() as client, api.client() as other:
        client.event_hooks = {"response": [seen]}
        mine, theirs = Kubectl(client), Kubectl(other)
        if there:
            theirs.run("apply -f backend.yaml", cwd=tmp_path)
        waited = f"wait {line} {name} {NS} --timeout=60s"
        thread = threading.Thread(target=lambda: outcomes.append(mine.run(waited, cwd=tmp_path)))
        thread.start()
        assert watching.wait(30)
        theirs.run(f"{change.format(name)} {NS}", cwd=tmp_path)
        thread.join(30)
    (outcome,) = outcomes
    assert (outcome.stdout + outcome.stderr).endswith(said.format(name))


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("{.spec.listeners}", "nested object or list which is not supported"),
        ("{.spec[0]}", "is not array or slice"),
        ("{.spec", "unexpected path string"),
    ],
)
def test_a_path_that_has_no_single_value_is_refused(
    kubectl: Kubectl, tmp_path: Path, path: str, why: str
) -> None:
    """At once, whatever the timeout."""
    done = kubectl.run(f"wait --for=jsonpath={path}=x {GATEWAY} --timeout=60s", cwd=tmp_path)
    assert why in done.stderr
    assert done.returncode == 1
