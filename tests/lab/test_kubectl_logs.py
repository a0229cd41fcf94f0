"""kubectl logs in notebooks, and what else it says of the gateway's own Deployment and Pod."""

from __future__ import annotations

from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from labgateway.decisions.access_log import json_line
from labgateway.lab.kubectl import Kubectl
from labgateway.lab.magics import register
from tests.kubernetes_api import PROCESS, Api, exchange
from tests.lab.comparison import agree
from tests.terminals import Terminal

pytestmark = pytest.mark.slow  # real processes

NS = "-n agentgateway-system"
LOGS = f"logs deploy/agentgateway {NS}"


def _record(*apis: Api) -> None:
    for api in apis:
        for number in range(3):
            api.log.record(exchange(number, path=f"/{number}?q=<&> é"))


def test_the_raw_lines_are_printed(kubectl: Kubectl, api: Api, tmp_path: Path) -> None:
    """The exercise's own command."""
    _record(api)
    done = kubectl.run(f"{LOGS} --tail 2", cwd=tmp_path)
    lines = [json_line(one) for one in api.log.recent()[-2:]]
    assert (done.stdout.splitlines(), done.stderr, done.returncode) == (lines, "", 0)


@pytest.mark.parametrize(
    "line",
    [
        LOGS,
        f"{LOGS} --tail 2",
        f"{LOGS} --tail=0",
        f"{LOGS} --tail -1",
        f"{LOGS} --timestamps --tail 1",
        f"{LOGS} --since 10m",
        f"{LOGS} --since 0 --tail 1",
        f"{LOGS} --since 100000h30m1.5s --tail 1",
        f"{LOGS} -c agentgateway --tail 1",
        f"{LOGS} agentgateway --tail 1",
        "logs deploy/agentgateway --tail 5",
        "logs deploy/agentgateway -n nowhere",
        "logs deployment.apps/agentgateway",
        f"logs agentgateway {NS}",
        f"logs deploy agentgateway {NS}",
        "logs",
        "logs a b c",
        "logs secret/openai-secret",
        f"logs secret/openai-secret {NS}",
        "logs ns/default",
        "logs ns/nowhere",
        "logs gatewayclass/agentgateway",
        "logs nothing/x",
        "logs deploy/",
        "logs /x",
        "logs a/b/c",
        f"{LOGS} agentgateway -c agentgateway",
        f"{LOGS} other",
        f"{LOGS} -c other",
        f"{LOGS} -p",
        f"{LOGS} --since 10",
        f"{LOGS} --since -5s",
        f"{LOGS} --since 1.5q",
        f"{LOGS} --since=",
        f"{LOGS} --since 100ms",
        f"{LOGS} --tail",
        f"{LOGS} --tail 5x",
        f"{LOGS} --tail -3",
        f"{LOGS} --tail 99999999999999999999",
        f"{LOGS} --nothing",
        f"{LOGS} -A",
    ],
)
def test_logs_read_as_from_the_real_kubectl(
    shell: Terminal, kubectl: Kubectl, api: Api, other_api: Api, line: str
) -> None:
    """To the letter, apart from the lab's own indented lines."""
    _record(api, other_api)
    agree(shell, kubectl, line)


def test_the_pod_is_known_by_its_name(
    shell: Terminal, kubectl: Kubectl, api: Api, other_api: Api, tmp_path: Path
) -> None:
    """As `get pods` prints it."""
    _record(api, other_api)
    name = kubectl.run(f"get pods {NS} -o name", cwd=tmp_path).stdout.strip()
    for which in (name, name.partition("/")[2]):
        agree(shell, kubectl, f"logs {which} {NS} --tail 1")


@pytest.mark.parametrize(
    "line",
    [
        f"get deploy,pods {NS}",
        f"get all {NS}",
        "get all",
        "get all -A",
        f"get po {NS} -o wide --show-labels",
        f"get deploy {NS} -o wide",
        f"get deploy,po {NS} -o name",
        f"get deploy/agentgateway {NS} -o yaml",
        f"get po {NS} -o json",
        "get deploy",
        "get deploy agentgateway",
        "get po -A -l app.kubernetes.io/name=agentgateway",
        "get po -A -l app.kubernetes.io/name=other",
        f"describe deploy {NS}",
        f"describe pod {NS}",
        f"describe all {NS}",
        "describe deploy agentgateway",
        "explain pod",
        "explain deploy.spec.template.spec.containers",
        "api-resources",
        f"delete deploy agentgateway {NS}",
        f"delete po --all {NS}",
    ],
)
def test_the_gateways_own_read_as_from_the_real_kubectl(
    shell: Terminal, kubectl: Kubectl, line: str
) -> None:
    """Tables, documents, descriptions, refusals."""
    agree(shell, kubectl, line)


def test_without_a_namespace_the_lab_says_which(kubectl: Kubectl, tmp_path: Path) -> None:
    """Below kubectl's words."""
    done = kubectl.run("logs deploy/agentgateway --tail 5", cwd=tmp_path)
    assert done.stderr.splitlines()[1:] == [
        "  the gateway is in namespace agentgateway-system: add -n agentgateway-system"
    ]


@pytest.mark.parametrize("flag", ["-f", "--follow", "--follow=true"])
def test_a_cell_does_not_follow(kubectl: Kubectl, tmp_path: Path, flag: str) -> None:
    """It would never end."""
    done = kubectl.run(f"{LOGS} {flag}", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: -f would keep this cell running for ever\n")
    assert "in a terminal" in done.stderr


@pytest.mark.parametrize(
    "line",
    [
        f"port-forward {NS} deployment/agentgateway 15020:15020",
        f"kubectl port-forward {NS} deployment/agentgateway 15020:15020 &",
        f"port-forward svc/agentgateway 8080:8080 {NS} --address 127.0.0.1",
    ],
)
def test_ports_need_no_forwarding(kubectl: Kubectl, tmp_path: Path, line: str) -> None:
    """The answer is where they are."""
    done = kubectl.run(line, cwd=tmp_path)
    assert (done.stdout, done.returncode) == ("", 1)
    assert done.stderr.splitlines() == [
        "error: nothing to forward: the gateway runs on this machine and its ports are open",
        f"  requests: http://localhost:{PROCESS.gateway_port} (lab.gateway_url)",
        f"  metrics: http://localhost:{PROCESS.stats_port}/metrics (lab.metrics_url)",
    ]


def test_that_there_is_nothing_is_no_alarm(
    kubectl: Kubectl, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A notebook shows stderr in red; a refusal stays there, after what was printed."""
    shell = InteractiveShell()
    register(shell, lambda line, text, cwd: kubectl.run(line, text, cwd=cwd))
    assert kubectl.run("get deploy", cwd=tmp_path).stderr.startswith("No resources found in")
    shell.run_line_magic("kubectl", "get deploy")
    assert capsys.readouterr() == ("No resources found in default namespace.\n", "")
    shell.run_line_magic("kubectl", "get deploy agentgateway")
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Error from server (NotFound): ")
    shell.run_line_magic("kubectl", f"get deploy {NS} -o name")
    assert capsys.readouterr() == ("deployment.apps/agentgateway\n", "")
