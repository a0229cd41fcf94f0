"""kubectl in notebooks: the same words as the real one, and after them the learner's own line."""

from __future__ import annotations

import itertools
import json
from dataclasses import asdict
from pathlib import Path

import httpx
import pytest
from IPython.core.interactiveshell import InteractiveShell

from labgateway.lab.kubectl import Kubectl, Outcome
from labgateway.lab.magics import register
from labgateway.memory.progress import Problem, attempt_from
from labgateway.words.errors import LabNotRunning
from tests.kubernetes_api import (
    BACKEND,
    BAD_MANIFESTS,
    PUBLISHED,
    ROUTE,
    SECRET,
    Terminal,
    changed,
)
from tests.lab.comparison import agree

pytestmark = pytest.mark.slow  # real processes

NS = "-n agentgateway-system"
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
    for flags in ("--dry-run=server", "-n default", NS, "--dry-run=client", "--dry-run=x"):
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
    *("explain agbe", "explain httproute.spec.rules", "explain httproute.spec.rules.timeouts"),
    *("explain httproute.metadata", "explain httproute.metadata.labels", "explain ns"),
    *(
        "explain httproute.spec.rules.matches.path",
        "explain httproute.spec.rules.matches.path.type",
    ),
    *("explain httproute.spec.hostnames", "explain httproute.spec.zoo", "explain secret.data"),
    *("api-resources", "api-resources --no-headers"),
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
        *("apply -f manifests", f"delete agbe --all {NS} --dry-run=server", "get -f manifests"),
        *(f"delete httproute openai {NS}", "delete -f manifests", "delete -f manifests"),
        *("delete -f manifests --ignore-not-found", f"delete agbe --all {NS}"),
        *("apply -f manifests/a.yaml", "describe -f manifests/a.yaml"),
        *("delete ns agentgateway-system", "get gateways -A", "delete gc agentgateway"),
    ):
        agree(shell, kubectl, line)


def test_the_published_manifest_names_the_learners_line(kubectl: Kubectl, tmp_path: Path) -> None:
    """The line in kubectl's words counts in the document; the lab's line counts in the cell."""
    done = kubectl.run("apply -f -", PUBLISHED, cwd=tmp_path)
    assert done.stdout == "httproute.gateway.networking.k8s.io/openai created\n"
    assert done.stderr == (
        "error: error parsing STDIN: error converting YAML to JSON: yaml: line 9: did not find"
        " expected key\n"
        "  document 2, line 31 of the whole text:         model: gpt-4o\n"
    )
    assert done.attempt is not None
    assert done.attempt.failed
    first, second = done.attempt.documents
    assert (first.outcome, first.kind, first.name) == ("created", "HTTPRoute", "openai")
    assert (second.outcome, second.first_line) == ("unreadable", 22)
    message = "yaml: line 9: did not find expected key"
    assert second.problems == (Problem("", message, 31, "        model: gpt-4o"),)
    assert attempt_from(json.loads(json.dumps(_as_json(done)))) == done.attempt


def _as_json(done: Outcome) -> object:
    assert done.attempt is not None
    return asdict(done.attempt)


@pytest.mark.parametrize(
    ("case", "field", "line"),
    [
        ("model beside openai", "spec.ai.provider.model", 10),
        ("openai is null", "spec.ai.provider", 8),
        ("no such namespace", "metadata.namespace", 5),
        ("an illegal name", "metadata.name", 4),
        ("an old group", "apiVersion", 1),
        ("a version that is not served", "apiVersion", 1),
        ("a kind in the wrong case", "kind", 2),
        ("a kind of another cluster", "kind", 2),
        ("no kind", "kind", 1),
        ("no name", "metadata.name", 3),
        ("Prefix for PathPrefix", "spec.rules[0].matches[0].path.type", 12),
        ("a duration without unit", "spec.rules[0].timeouts.request", 19),
        ("a number as label", "metadata.labels", 5),
        ("data that is not base64", "data", 5),
    ],
)
def test_a_refusal_names_field_and_line(
    kubectl: Kubectl, tmp_path: Path, case: str, field: str, line: int
) -> None:
    """For the learner below kubectl's words, for the checks in the attempt."""
    text = BAD_MANIFESTS[case]
    done = kubectl.run("apply -f -", text, cwd=tmp_path)
    source = text.splitlines()[line - 1]
    assert f"  document 1, line {line}: {source}" in done.stderr
    assert done.attempt is not None
    problem = done.attempt.documents[0].problems[0]
    assert (problem.field, problem.line, problem.source) == (field, line, source)
    assert done.attempt.documents[0].message in done.stderr or problem.message in done.stderr


def test_kinds_that_are_meant_are_named(kubectl: Kubectl, tmp_path: Path) -> None:
    """Below `no matches for kind`."""

    def hint(case: str) -> str:
        return kubectl.run("apply -f -", BAD_MANIFESTS[case], cwd=tmp_path).stderr

    assert "; HTTPRoute is in gateway.networking.k8s.io/v1" in hint("a kind in the wrong case")
    assert "; AgentgatewayBackend is in agentgateway.dev/v1alpha1" in hint("an old group")
    assert "; the kinds here are AgentgatewayBackend, " in hint("a kind of another cluster")


def test_every_mistake_of_a_document_is_listed_with_its_line(
    kubectl: Kubectl, tmp_path: Path
) -> None:
    """Field and rule stand with the line when there are several."""
    stderr = kubectl.run("apply -f -", BAD_MANIFESTS["two mistakes"], cwd=tmp_path).stderr
    ours = [line for line in stderr.splitlines() if line.startswith("  ")]
    assert [line.strip().partition(":")[0] for line in ours] == [
        "document 1, line 12",
        "spec.rules[0].matches[0].path.type",
        "document 1, line 19",
        "spec.rules[0].timeouts.request",
    ]


def test_documents_after_an_unreadable_one_are_skipped(kubectl: Kubectl, tmp_path: Path) -> None:
    """The real one stops reading there; the attempt says so."""
    done = kubectl.run("apply -f -", BAD_MANIFESTS["bad, then broken, then good"], cwd=tmp_path)
    assert done.attempt is not None
    assert [one.outcome for one in done.attempt.documents] == ["refused", "unreadable", "skipped"]


def test_a_shell_around_the_manifest_is_ignored(kubectl: Kubectl, tmp_path: Path) -> None:
    """On the line or in the cell, lines go on counting in the cell."""
    for line, text in (
        ("apply -f - <<EOF", f"{BACKEND}EOF\n"),
        ("kubectl apply -f - <<'EOF'", f"{BACKEND}EOF\n"),
        ("apply -f -", f"kubectl apply -f - <<EOF\n{BACKEND}EOF\n"),
    ):
        done = kubectl.run(line, text, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.attempt is not None
        assert done.attempt.text == text
    wrapped = f"kubectl apply -f - <<EOF\n{PUBLISHED}EOF\n"
    assert "document 2, line 32" in kubectl.run("apply -f -", wrapped, cwd=tmp_path).stderr


def test_the_text_of_several_files_is_not_kept(kubectl: Kubectl, tmp_path: Path) -> None:
    """Lines are counted in each file; those of a joined text would be nobody's."""
    (tmp_path / "a.yaml").write_text(BACKEND, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(PUBLISHED, encoding="utf-8")

    attempt = kubectl.run("apply -f .", cwd=tmp_path).attempt

    assert attempt is not None
    assert attempt.text == ""
    (problem,) = (one for document in attempt.documents for one in document.problems)
    assert (problem.line, problem.source.strip()) == (31, "model: gpt-4o")


def test_credentials_are_not_in_the_attempt_or_in_what_is_printed(
    kubectl: Kubectl, tmp_path: Path
) -> None:
    """Neither keys by their look nor the values of a Secret, plain or base64."""
    inline = changed(BACKEND, "secretRef:\n        name: openai-secret", "key: sk-abcdefghijkl")
    bad = changed(inline, "model: gpt-4o", 'model: ""')
    secret = f"{SECRET}stringData: {{key: my-own-password}}\ndata: {{old: bXktb3duLXBhc3N3b3Jk}}\n"
    for text in (inline, bad, secret, f"{secret}zoo: 1\n"):
        done = kubectl.run("apply -f -", text, cwd=tmp_path)
        assert done.attempt is not None
        shown = repr(done)
        for value in ("sk-abcdefghijkl", "my-own-password", "bXktb3duLXBhc3N3b3Jk"):
            assert value not in shown
        assert "(redacted)" in repr(done.attempt)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("get ns | grep x", "is not a shell"),
        ("get ns > x", "is not a shell"),
        ("exec deploy/x", "is not part of %kubectl"),
        ("get ns -o jsonpath={.x}", "allowed formats are: json,name,wide,yaml"),
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
