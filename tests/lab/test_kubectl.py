"""kubectl in notebooks: the same words as the real one, and after them the learner's own line."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import httpx
import pytest

from labgateway.lab.command_line import VERBS
from labgateway.lab.kubectl import Kubectl
from tests.kubernetes_api import BACKEND, BAD_MANIFESTS, PUBLISHED, ROUTE, SECRET, changed
from tests.lab.comparison import agree
from tests.terminals import Terminal

pytestmark = pytest.mark.slow  # real processes

NS = "-n agentgateway-system"
DRY_RUNS = ("server", "server -o name", "client", "x")
ANNOTATED = changed(
    ROUTE,
    "  name: openai\n",
    "  name: openai\n"
    "  labels: {a: 'y', b: \"1\", c: 'on'}\n"
    "  annotations:\n"
    f'    long: "{"lorem ipsum " * 20}"\n'
    '    lines: "a\\nb: <c> & d\\n"\n'
    "    colon: 'a: b'\n    star: '*x'\n    empty: ''\n    tilde: '~'\n    hexadecimal: '0x1F'\n"
    "    float: '1e3'\n    date: '2020-01-01'\n    minutes: '1:20'\n    letters: 'é ☃'\n",
)


@pytest.mark.slow
@pytest.mark.parametrize("case", BAD_MANIFESTS)
def test_bad_manifests_read_as_from_the_real_kubectl(
    shell: Terminal, kubectl: Kubectl, case: str
) -> None:
    """To the letter, apart from the lab's own indented lines."""
    agree(shell, kubectl, "apply -f -", BAD_MANIFESTS[case])


def test_applying_reads_as_from_the_real_kubectl(shell: Terminal, kubectl: Kubectl) -> None:
    """Created, unchanged, configured, by half, refused patches, dry runs, kept Secrets, Lists."""
    bare = changed(BACKEND, "  namespace: agentgateway-system\n", "")
    label = changed(BACKEND, "metadata:\n", "metadata:\n  labels: {a: b}\n")
    route = changed(ROUTE, "name: openai\n", "name: other\n")
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: new\n"
    items = f"apiVersion: v1\nkind: List\nitems:\n- {json.dumps({'apiVersion': 'v1'})}\n"
    texts = [
        *(PUBLISHED, PUBLISHED, BACKEND, BACKEND, label, BACKEND, bare),
        changed(BACKEND, "gpt-4o", '""'),
        changed(BACKEND, "        model", "      model"),
        "---\n".join([changed(BACKEND, "gpt-4o", '""')] * 2),
        changed(BACKEND, "        model: gpt-4o\n", ""),
        *(route, route, changed(route, "120s", "60s")),
        changed(route, "      timeouts:", "      retry: {attempts: 2}\n      timeouts:"),
        *(namespace, changed(namespace, "name: new\n", "name: new\n  labels: {a: b}\n"), namespace),
        *(f"{SECRET}stringData: {{a: b}}\n", f"{SECRET}stringData: {{a: b}}\n"),
        f"{SECRET}data: {{a: Yg==}}\n",
        changed(
            f"{SECRET}stringData: {{Authorization: mine}}\n",
            "name: mine\n",
            "name: openai-secret\n  namespace: agentgateway-system\n",
        ),
        *(items, f"apiVersion: v1\nkind: List\nitems:\n- {json.dumps(_secret('one'))}\n"),
        json.dumps(_secret("two")),
        changed(BACKEND, "secretRef:\n        name: openai-secret", "key: sk-abcdefghijkl"),
    ]
    for text in texts:
        agree(shell, kubectl, "apply -f -", text)
    for flags in ("-o name", "-n default", NS, *(f"--dry-run={one}" for one in DRY_RUNS)):
        agree(shell, kubectl, f"apply -f - {flags}", BACKEND)


def _secret(name: str) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}}


READING = [
    *("get httproute,agbe -A", "get gc -o wide", "get gatewayclass", "get gateway -A", "get ns"),
    *(f"get secret {NS}", "get secret -A -o name", f"get httproute openai {NS} -o yaml"),
    *(
        "get httproute -A -o json",
        "get httproute,agbe -A -o yaml",
        "get httproute -A --show-labels",
    ),
    *(f"get httproute/openai agbe/nope {NS}", f"get httproute openai nope {NS}"),
    *(f"get httproute {NS} --no-headers", "get httproute -l a=y -A", "get httproute -l a=x -A"),
    *("get ns --field-selector metadata.name=default", "get HTTPRoute -A", "get events"),
    *("get httproute.v1.gateway.networking.k8s.io -A", "get httproute.gateway -A", "get httproute"),
    *("get ns default nope", "get ns default -o yaml", "get secret,ns", "get httproute -n nope"),
    *(f"get secret openai-secret {NS} -o yaml", "get ns nope --ignore-not-found"),
    *(f"describe httproute openai {NS}", "describe gtw -A", "describe gc", "describe ns"),
    *(f"describe secret openai-secret {NS}", "describe httproute nope", "describe agbe"),
]


def test_reading_reads_as_from_the_real_kubectl(shell: Terminal, kubectl: Kubectl) -> None:
    """Tables, YAML, JSON, descriptions, explanations."""
    agree(shell, kubectl, "apply -f -", f"{ANNOTATED}---\n{BACKEND}")
    for line in READING:
        agree(shell, kubectl, line)


MISTAKES = [
    *("get", "get foo", "get foo,ns", "get ns/a b", "get httproute/a ns", "get httproute a b -A"),
    *("get -A", "appyl -f x", "gte ns", "get ns -z", "get ns -n", "get ns --frob", "apply foo"),
    *(
        "apply",
        "apply -f a -f b",
        "apply -f a",
        "apply -f empty",
        "delete",
        "delete ns",
        "describe",
    ),
    *(
        "describe foo",
        "explain",
        "explain foo",
        "explain ns agbe",
        "version foo",
        "delete agbe x y",
    ),
    *("delete ns/nope agbe/x", "delete ns default", "delete -f backend.yaml", "get httproute ../x"),
]


def test_mistakes_on_the_line_read_as_from_the_real_kubectl(
    shell: Terminal, kubectl: Kubectl
) -> None:
    """Unknown verbs, kinds, flags, names and files."""
    (shell.cwd / "empty").mkdir()
    (shell.cwd / "backend.yaml").write_text(BACKEND, encoding="utf-8")
    for line in MISTAKES:
        agree(shell, kubectl, line)


def test_deleting_reads_as_from_the_real_kubectl(shell: Terminal, kubectl: Kubectl) -> None:
    """By name, by file, all of a kind, in a dry run, and again."""
    (shell.cwd / "manifests").mkdir()
    for name, text in (("a.yaml", ROUTE), ("b.yml", BACKEND), ("notes.txt", "no manifest")):
        (shell.cwd / "manifests" / name).write_text(text, encoding="utf-8")
    for line in (
        *(
            "apply -f manifests",
            f"delete agbe --all {NS} --dry-run=server -o name",
            "get -f manifests",
        ),
        *(f"delete httproute openai {NS}", "delete -f manifests", "delete -f manifests"),
        *("delete -f manifests --ignore-not-found", f"delete agbe --all {NS}"),
        *("apply -f manifests/a.yaml", "describe -f manifests/a.yaml"),
        *("delete ns agentgateway-system", "get gateways -A", "delete gc agentgateway"),
    ):
        agree(shell, kubectl, line)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("get ns | grep x", "is not a shell"),
        ("get ns > x", "is not a shell"),
        ("exec deploy/x", "is not part of %kubectl"),
        (
            "get ns -o go-template={{.x}}",
            "in a terminal of the lab, kubectl get -o go-template works",
        ),
        ("apply -f x -o yaml", "here: -o name"),
        ("get ns -w", "in a terminal -w works"),
        ("get ns --watch-only", "kubectl wait waits for one thing"),
        ("apply --server-side -f x", "unknown flag: --server-side"),
        ("get 'ns", "no closing quotation"),
        ("apply -f -", "-f - reads the cell below"),
        ("get ns/", "write TYPE/NAME"),
        ("get a/b/c", "error: "),
        ("explain agbe.spec.zoo", "fields here: a2"),
    ],
)
def test_what_a_notebook_has_not_is_said_with_what_it_has(
    kubectl: Kubectl, tmp_path: Path, line: str, said: str
) -> None:
    """One clear message, exit 1, never a traceback."""
    done = kubectl.run(line, cwd=tmp_path)
    assert said in done.stderr
    assert done.returncode == 1


def test_every_verb_of_the_real_kubectl_is_known(
    shell: Terminal, kubectl: Kubectl, tmp_path: Path
) -> None:
    """It is done here, or one sentence says whether a terminal does it."""
    verbs = re.findall(r"^  ([a-z-]+) +[A-Z]", shell.run("--help").stdout, re.MULTILINE)
    assert len(verbs) > 40
    said = re.compile(r"in a terminal of the lab, kubectl [a-z-]+ works|has no containers or nodes")
    for verb in set(verbs) - set(VERBS):
        done = kubectl.run(f"{verb} x", cwd=tmp_path)
        assert f'"kubectl {verb}" is not part of %kubectl' in done.stderr
        assert len(said.findall(done.stderr)) == done.returncode == 1


def test_help_lists_verbs_and_flags(kubectl: Kubectl, tmp_path: Path) -> None:
    """What is possible here, not kubectl's whole manual."""
    for line in ("", "--help", "kubectl"):
        assert "apply, get, describe" in kubectl.run(line, cwd=tmp_path).stdout
    assert "--all-namespaces" in kubectl.run("get -h", cwd=tmp_path).stdout
    assert "Server Version: v1.34" in kubectl.run("version", cwd=tmp_path).stdout


def test_odd_input_never_raises(kubectl: Kubectl, tmp_path: Path) -> None:
    """5 MB, deep nesting, bytes that are not UTF-8, half of a surrogate pair, odd characters."""
    (tmp_path / "odd.yaml").write_bytes(b"apiVersion: v1\nkind: Secret\nmetadata: {name: \xff}\n")
    assert "is invalid: metadata.name" in kubectl.run("apply -f odd.yaml", cwd=tmp_path).stderr
    for text in (
        f"{SECRET}stringData:\n  a: {'x' * 5_000_000}\n",
        "a: " + "[" * 50_000,
        changed(SECRET, "mine", "\ud800"),
        changed(SECRET, "mine", "\0"),
        changed(SECRET, "mine", '"a/b"'),
        changed(SECRET, "mine", '"%2e"'),
        changed(SECRET, "mine", '".."'),
        changed(SECRET, "mine", "☃"),
        changed(SECRET, "mine", "x\n  annotations: {a: null}\n  labels: []"),
    ):
        done = kubectl.run("apply -f -", text, cwd=tmp_path)
        assert done.returncode == 1
        assert done.stderr.encode()
    annotation = "kubectl.kubernetes.io/last-applied-configuration"
    kubectl.run("apply -f -", BACKEND, cwd=tmp_path)
    for value in ("'{'", "'[]'"):
        text = changed(
            BACKEND, "metadata:\n", f"metadata:\n  annotations: {{{annotation}: {value}}}\n"
        )
        assert kubectl.run("apply -f -", text, cwd=tmp_path).returncode == 0
    assert not list(itertools.chain(tmp_path.glob("*.log")))


def test_a_gateway_that_is_gone_is_named_with_the_remedy(tmp_path: Path) -> None:
    """As kubectl words it, then what to run."""
    with httpx.Client(base_url="http://127.0.0.1:9/x", trust_env=False) as client:
        done = Kubectl(client).run("get ns", cwd=tmp_path)
    assert done.stderr.startswith("The connection to the server 127.0.0.1:9 was refused")
    assert "labgateway.start()" in done.stderr
