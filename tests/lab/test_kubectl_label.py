"""``label`` and ``annotate`` in notebooks: the same words as from the real kubectl."""

from __future__ import annotations

from pathlib import Path

import pytest

from labgateway.lab.kubectl import Kubectl
from tests.kubernetes_api import BACKEND, ROUTE
from tests.lab.comparison import agree
from tests.terminals import Terminal

pytestmark = pytest.mark.slow  # real processes

ROUTES = "httproute -n agentgateway-system"
ONE = "httproute/openai -n agentgateway-system"
LABELS = [
    *(f"label {ONE} team=a", f"label {ONE} team=a", f"label {ONE} team=b"),
    *(f"label {ONE} team=b --overwrite", f"label {ONE} team-", f"label {ONE} team-"),
    *(f"label {ONE} a=b c= d=e", f"label {ONE} a=x g=h", f"label {ONE} a- f=g"),
    *(f"label {ONE} f- d=f --overwrite", f"label {ONE} d- --overwrite"),
    *(f"label {ONE} a- a=b", f"label {ONE} 'a=b c'", f"label {ONE} 'a b=c'"),
    *(f"label {ONE}", f"label {ONE} foo", f"label {ONE} a=b foo", f"label {ROUTES} a=b"),
    *(f"label {ROUTES} --all q=r", f"label {ROUTES} -l q=r s=t", f"label {ROUTES} -l q=z s=u"),
    *(f"label {ROUTES} nope a=b", "label ns default nope a=b", "label ns --all a=c"),
    *(f"label {ONE} zz=b --dry-run=server", f"label {ONE} zz=b --dry-run=client"),
    *("label foo/x a=b", "label", "label a=b", "label -f route.yaml k=v"),
    "label pod --all -n agentgateway-system a=b",
    f"get {ROUTES} --show-labels",
]
ANNOTATIONS = [
    *(f"annotate {ONE} team=a", f"annotate {ONE} team=a", f"annotate {ONE} team=b other=c"),
    *(f"annotate {ONE} team=b --overwrite", f"annotate {ONE} 'note=a b: c, d=e'"),
    *(f"annotate {ONE} team-", f"annotate {ONE} team-", f"annotate {ONE} a- a=b"),
    *(f"annotate {ONE}", f"annotate {ONE} 'a b=c'", "annotate ns --all q=r", "annotate"),
    f"get {ONE} -o jsonpath={{.metadata.annotations.note}}",
]


@pytest.mark.parametrize("lines", [LABELS, ANNOTATIONS], ids=["label", "annotate"])
def test_what_is_set_and_removed_reads_as_from_the_real_kubectl(
    shell: Terminal, kubectl: Kubectl, lines: list[str]
) -> None:
    """Set, kept, overwritten, removed; of one, of several, of none; and mistakes."""
    (shell.cwd / "route.yaml").write_text(ROUTE, encoding="utf-8")
    agree(shell, kubectl, "apply -f -", f"{ROUTE}---\n{BACKEND}")
    for line in lines:
        agree(shell, kubectl, line)


def test_each_label_that_is_taken_is_named(kubectl: Kubectl, tmp_path: Path) -> None:
    """One below the other; kubectl's own order of several is by chance."""
    kubectl.run("label ns default a=b c=", cwd=tmp_path)
    done = kubectl.run("label ns default a=x c=y", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        "'a' already has a value (b), and --overwrite is false\n"
        "'c' already has a value (), and --overwrite is false\n"
    )
