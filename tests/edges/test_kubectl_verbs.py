"""What people do with kubectl, line by line, with each kubectl there is: output and exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kubernetes_api import BACKEND, ROUTE, changed
from tests.terminals import Terminal

pytestmark = pytest.mark.slow  # real processes

NS = "-n agentgateway-system"
SERVICE = """apiVersion: v1
kind: Service
metadata: {name: echo, labels: {app: echo}}
spec:
  selector: {app: echo}
  ports:
  - {name: http, port: 80, targetPort: 3000}
  - {name: admin, port: 81}
"""
SLICE = """apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: echo-1, labels: {kubernetes.io/service-name: echo}}
addressType: IPv4
endpoints:
- addresses: [10.0.0.1]
ports:
- {name: http, port: 3000}
"""
GRANT = """apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: routes}
spec:
  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: apps}]
  to: [{group: "", kind: Service}]
"""
FILES = {
    "service.yaml": SERVICE,
    "moved.yaml": changed(SERVICE, "port: 81", "port: 82"),
    "slice.yaml": SLICE,
    "here.yaml": changed(SLICE, "10.0.0.1", "127.0.0.1"),
    "grant.yaml": GRANT,
    "route.yaml": ROUTE,
    "backend.yaml": BACKEND,
    "mini.yaml": changed(BACKEND, "gpt-4o", "gpt-4o-mini"),
}
AGBE = f"agbe openai-all-models {NS}"
CONFLICT = (
    "the object has been modified; please apply your changes to the latest version and try again"
)

APPLIED = ("apply -f backend.yaml", 0, "created")

# Each story is told to a fresh API: (line, exit code, what stdout or stderr holds).
STORIES: dict[str, list[tuple[str, int, str]]] = {
    "services": [
        ("apply -f service.yaml -f slice.yaml -f grant.yaml", 0, "service/echo created"),
        ("apply -f service.yaml", 0, "service/echo unchanged"),
        ("apply -f here.yaml", 0, "Warning: endpoints[0].addresses[0]: 127.0.0.1 is an address of"),
        ("get svc", 0, "CLUSTER-IP   EXTERNAL-IP   PORT(S)"),
        ("get svc", 0, "80/TCP,81/TCP"),
        ("get services -o wide", 0, "app=echo"),
        ("get endpointslices", 0, "IPv4          3000    127.0.0.1"),
        ("get refgrant", 0, "routes"),
        ("diff -f moved.yaml", 1, "+    port: 82"),
        ("apply -f moved.yaml", 0, "service/echo configured"),
        ("get svc echo -o jsonpath={.spec.ports[*].port}", 0, "80 82"),
        ('patch svc echo -p {"spec":{"ports":[{"port":80,"targetPort":9}]}}', 0, "patched"),
        ("get svc echo -o jsonpath={.spec.ports[*].targetPort}", 0, "9 82"),
        ("describe svc echo", 0, "app=echo"),
        ("describe endpointslice echo-1", 0, "IPv4"),
        ("explain svc.spec.ports.port", 0, "<integer>"),
        ("delete svc,endpointslice,refgrant --all", 0, 'service "echo" deleted'),
    ],
    "create and replace": [
        ("replace -f backend.yaml", 1, "not found"),
        ("create -f backend.yaml", 0, "openai-all-models created"),
        ("create -f backend.yaml", 1, "already exists"),
        ("diff -f mini.yaml", 1, "+        model: gpt-4o-mini"),
        ("replace -f mini.yaml", 0, "replaced"),
        (f"get {AGBE} -o jsonpath={{.metadata.generation}}", 0, "2"),
        (f"get {AGBE} -o jsonpath={{.status.conditions[0].observedGeneration}}", 0, "2"),
        (f"get {AGBE} -o name", 0, "agentgatewaybackend.agentgateway.dev/openai-all-models"),
        (f"get {AGBE} -o json", 0, '"model": "gpt-4o-mini"'),
        (f"get {AGBE} -o yaml", 0, "model: gpt-4o-mini"),
        ("get agbe -A", 0, "agentgateway-system   openai-all-models   True"),
        ("replace --force -f backend.yaml", 0, "replaced"),
    ],
    "patch": [
        APPLIED,
        (f'patch {AGBE} --type merge -p {{"metadata":{{"labels":{{"a":"b"}}}}}}', 0, "patched"),
        (f'patch {AGBE} --type json -p [{{"op":"remove","path":"/metadata/labels/a"}}]', 0, "pat"),
        (f"patch {AGBE} -p {{}}", 1, "application/strategic-merge-patch+json is not supported by"),
        (f'patch {AGBE} --type merge -p {{"metadata":{{"resourceVersion":"1"}}}}', 1, CONFLICT),
        (f'patch {AGBE} --type merge -p {{"spec":{{"ai":null}}}}', 1, "is invalid: spec: "),
    ],
    "labels": [
        APPLIED,
        (f"label {AGBE} team=a", 0, "labeled"),
        (f"label {AGBE} team=b", 1, "already has a value"),
        (f"annotate {AGBE} note=x", 0, "annotate"),
        (f"get agbe {NS} -l team=a -o name", 0, "openai-all-models"),
        (f"get agbe {NS} -l team!=a", 0, "No resources found"),
        (f"get agbe {NS} --field-selector metadata.name=nope", 0, "No resources found"),
        (f"delete agbe {NS} -l team=b", 0, "No resources found"),
        (f"delete agbe {NS} -l team=a", 0, '"openai-all-models" deleted'),
    ],
    "dry runs": [
        ("apply --dry-run=client -f backend.yaml", 0, "created (dry run)"),
        ("apply --dry-run=server -f backend.yaml", 0, "created (server dry run)"),
        ("create --dry-run=server -f backend.yaml", 0, "created (server dry run)"),
        (f"get {AGBE}", 1, "not found"),
        APPLIED,
        ("apply --dry-run=server -f mini.yaml", 0, "configured (server dry run)"),
        (f"delete {AGBE} --dry-run=server", 0, "deleted"),
        ("apply -f backend.yaml", 0, "unchanged"),
        ("apply --server-side -f backend.yaml", 1, "leave out --server-side"),
    ],
    "typed commands": [
        ("create namespace apps", 0, "namespace/apps created"),
        (
            "create secret generic key -n apps --from-literal=a=b --from-literal=c=",
            0,
            "key created",
        ),
        ("get secret key -n apps -o jsonpath={.data}{.type}", 0, '{"a":"Yg==","c":""}Opaque'),
        ("create secret generic key -n apps --from-literal=a=b", 1, "already exists"),
        ("create service clusterip web -n apps --tcp=80:3000", 0, "service/web created"),
        ("get svc web -n apps -o jsonpath={.spec.ports[0].targetPort}", 0, "3000"),
        ("create service nodeport np -n apps --tcp=80:http", 0, "Warning: spec.type: "),
        ("create configmap x -n apps --from-literal=a=b", 1, "configmaps is not served here"),
        (f"expose {NS} deploy agentgateway --port 80 --target-port 8080", 0, "exposed"),
        ("delete ns apps", 0, 'namespace "apps" deleted'),
        ("get secret,svc -n apps", 0, "No resources found"),
    ],
    "what the lab does itself": [
        ("auth can-i create httproutes", 0, "yes"),
        ("auth can-i get pods/log", 0, "yes"),
        ("auth can-i get /healthz", 0, "yes"),
        ("auth can-i delete pods", 1, "no - pods can be used here with get, list, watch only"),
        ("auth can-i get nodes", 1, "no - nodes is not served here"),
        ("auth can-i --list", 0, "agentgatewaybackends.agentgateway.dev"),
        (f"scale deploy/agentgateway {NS} --replicas=2", 1, "it cannot be scaled"),
        (f"rollout restart deploy/agentgateway {NS}", 1, "the lab runs the gateway itself"),
        (f"rollout undo deploy/agentgateway {NS}", 1, "replicasets is not served here"),
        (f"delete deploy agentgateway {NS}", 1, "can be read here, not deleted"),
        ("run x --image=nginx", 1, "pods can be read here, not created"),
        (f"exec deploy/agentgateway {NS} -- ls", 1, "exec is not served: the gateway is no"),
        (f"port-forward {NS} deployment/agentgateway 15020:15020", 1, "nothing to forward: the"),
        (f"logs deploy/agentgateway {NS} --tail 5", 0, ""),
        (f"get all {NS}", 0, "deployment.apps/agentgateway   1/1"),
        ("get events -A", 0, "No resources found"),
        ("cluster-info", 0, "is running at"),
        ("cluster-info dump", 1, "nodes is not served here, see kubectl api-resources"),
        ("config view", 0, "namespace: default"),
        ("api-versions", 0, "agentgateway.dev/v1alpha1"),
        (f"get gateway agentgateway {NS} --subresource=status", 0, "agentgateway   agentgateway"),
        (
            f"patch gateway agentgateway {NS} --subresource=status --type=merge -p {{}}",
            1,
            "gateways/status is written by the gateway and can only be read",
        ),
    ],
    "waiting": [
        (f"wait --for=condition=Programmed gateway/agentgateway {NS} --timeout=20s", 0, "met"),
        (f"wait --for=condition=Nope gateway/agentgateway {NS} --timeout=2s", 1, "timed out"),
        APPLIED,
        (f"wait --for=condition=Accepted {AGBE} --timeout=20s", 0, "condition met"),
        (f"wait --for=jsonpath={{.metadata.name}}=openai-all-models {AGBE}", 0, "condition met"),
        (f"wait --for=delete agbe/nope {NS} --timeout=20s", 0, ""),
        (f"wait --for=condition=Available deploy/agentgateway {NS} --timeout=20s", 0, "met"),
        (f"rollout status deploy/agentgateway {NS}", 0, "successfully rolled out"),
    ],
}


@pytest.fixture
def shell(each_shell: Terminal, tmp_path: Path) -> Terminal:
    """A terminal whose directory has the files of the stories."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return each_shell


@pytest.mark.parametrize("story", STORIES)
def test_a_story_goes_as_on_a_cluster(shell: Terminal, story: str) -> None:
    """Line after line; a quoted JSON argument has no spaces here."""
    for line, code, printed in STORIES[story]:
        done = shell.run(*line.split())
        assert (line, done.returncode) == (line, code), done.stderr
        assert printed in done.stdout + done.stderr, line


def test_an_editor_changes_an_object(shell: Terminal) -> None:
    """`kubectl edit` with a program as editor: a change, none, and one that is refused."""
    shell.run("apply", "-f", "backend.yaml")
    path = "jsonpath={.spec.ai.provider.openai.model}"
    edit = ("edit", *AGBE.split())
    for editor, code, printed in (
        ("sed -i s/gpt-4o/gpt-4.1/", 0, "edited"),
        ("true", 0, "no changes made"),
        ("sed -i /secretRef/,+1d", 1, "is invalid"),
    ):
        done = shell.run(*edit, editor=editor)
        assert (editor, done.returncode) == (editor, code), done.stderr
        assert printed in done.stdout + done.stderr
    assert shell.run("get", *AGBE.split(), "-o", path).stdout == "gpt-4.1"


def test_an_old_copy_is_a_conflict(shell: Terminal) -> None:
    """`get -o yaml`, another writer, `replace`: in the API server's words."""
    shell.run("apply", "-f", "backend.yaml")
    old = shell.run("get", *AGBE.split(), "-o", "yaml").stdout
    assert shell.run("replace", "-f", "-", text=old).returncode == 0
    shell.run("label", *AGBE.split(), "a=b")
    done = shell.run("replace", "-f", "-", text=old)
    assert done.returncode == 1
    assert done.stderr == (
        'Error from server (Conflict): error when replacing "STDIN": Operation cannot be fulfilled'
        f' on agentgatewaybackends.agentgateway.dev "openai-all-models": {CONFLICT}\n'
    )
