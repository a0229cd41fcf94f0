"""What a failed apply in a notebook says of the learner's own text, and what is remembered."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from labgateway.lab.kubectl import Kubectl, Outcome
from labgateway.memory.doings import Problem, attempt_from
from tests.kubernetes_api import BACKEND, BAD_MANIFESTS, PUBLISHED, SECRET, changed


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
