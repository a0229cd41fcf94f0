"""The set-up program, run on a project as small as can be: wheels without content, no network."""

from __future__ import annotations

import ast
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.setup import tiny_backend

PROGRAM = Path(__file__).parents[2] / "binder" / "setup_lab.py"
PYPROJECT = """
[build-system]
requires = []
build-backend = "tiny_backend"
backend-path = ["backend"]

[project]
name = "tiny-lab"
version = "1.0"
"""


@dataclass(frozen=True)
class Project:
    """A clone of a tiny lab, and the folder of wheels that is its package index."""

    root: Path
    wheels: Path

    @property
    def program(self) -> Path:
        return self.root / "binder" / "setup_lab.py"

    @property
    def stamp(self) -> Path:
        return self.root / ".venv" / "setup.stamp"

    def environment(self, **settings: str) -> dict[str, str]:
        """This environment without its pip settings, and with ``settings``."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
        local = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": self.wheels.as_uri()}
        return kept | {"PIP_CONFIG_FILE": os.devnull} | (settings or local)

    def set_up(self, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run the program to its end, with pip's settings from ``settings`` or else the wheels."""
        command = [sys.executable, str(self.program)]
        env = self.environment(**settings)
        return subprocess.run(command, capture_output=True, text=True, env=env, check=False)

    def packages(self) -> set[str]:
        """What is installed in ``.venv``, pip aside."""
        found = (self.root / ".venv").glob("lib/python*/site-packages/*.dist-info")
        return {path.name.partition("-")[0] for path in found} - {"pip", "setuptools"}


def make_project(root: Path) -> Project:
    """A clone at ``root`` with one pin of each sort, and a wheel for each."""
    for folder in ("binder", "tests", "backend"):
        (root / folder).mkdir(parents=True)
    shutil.copy(PROGRAM, root / "binder")
    shutil.copy(PROGRAM.with_name("overrides.json"), root / "binder")
    shutil.copy(tiny_backend.__file__, root / "backend")
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "binder" / "requirements.txt").write_text("pebble==1.0\n")
    (root / "tests" / "requirements.txt").write_text("moss==1.0\n")
    (root / "binder" / "model.txt").write_text("talker==1.0\n")
    wheels = root / "wheels"
    wheels.mkdir()
    for name in ("pebble", "moss", "talker"):
        tiny_backend.write_wheel(wheels, name)
    return Project(root, wheels)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A clone that nobody has set up."""
    return make_project(tmp_path / "a clone")


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A clone that is set up; not to be changed."""
    project = make_project(tmp_path_factory.mktemp("ready") / "a clone")
    done = project.set_up()
    assert done.returncode == 0, done.stderr
    return project


@pytest.fixture
def empty_index() -> Iterator[str]:
    """An index that answers, and has no package."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/simple"
        server.shutdown()


def old_pythons() -> list[str]:
    """Pythons of this machine that are too old for the lab."""
    named = [shutil.which(f"python3.{minor}") for minor in range(6, 11)]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob(
        "versions/3.?.*/bin/python"
    )
    candidates = [str(each) for each in (*named, *pyenv) if each]
    return [
        each
        for each in candidates
        if subprocess.run([each, "-c", ""], capture_output=True, check=False).returncode == 0
    ]


def closed_port() -> int:
    """A port of this machine where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_parses_on_python_3_6() -> None:
    """An old Python gets as far as saying that it is too old."""
    ast.parse(PROGRAM.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_old_python_is_named_with_the_remedy(project: Project) -> None:
    """A Python before 3.11 exits 1 with one sentence and no traceback, and leaves no .venv."""
    pythons = old_pythons()
    if not pythons:
        pytest.skip("no Python before 3.11 on this machine")
    done = subprocess.run(
        [pythons[0], project.program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("set-up: The lab needs Python 3.11 or newer")
    assert "PYTHON=" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (project.root / ".venv").exists()


def test_python_without_ensurepip_is_named_with_the_remedy(
    project: Project, tmp_path: Path
) -> None:
    """A Python without ensurepip, as on a bare Debian, learns which package it needs."""
    stdlib = Path(sysconfig.get_path("stdlib"))
    home = tmp_path / "home" / "lib" / stdlib.name
    home.mkdir(parents=True)
    for entry in stdlib.iterdir():
        if entry.name != "ensurepip":
            (home / entry.name).symlink_to(entry)
    env = project.environment() | {"PYTHONHOME": str(tmp_path / "home")}
    python = Path(sys.base_prefix) / "bin" / stdlib.name
    done = subprocess.run(
        [python, project.program], capture_output=True, text=True, env=env, check=False
    )
    assert done.returncode == 1
    assert f"apt-get install {stdlib.name}-venv" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_venv_of_somebody_else_is_left_alone(project: Project) -> None:
    """A .venv that this program did not make is not emptied."""
    theirs = project.root / ".venv" / "pyvenv.cfg"
    theirs.parent.mkdir()
    theirs.write_text("home = /usr/bin\n")
    done = project.set_up()
    assert done.returncode == 1
    assert "was not made by this set-up: move it away" in done.stderr
    assert theirs.exists()


@pytest.mark.slow
def test_first_set_up_installs_everything(ready: Project) -> None:
    """Run-time pins, test pins, the project and the model are in .venv."""
    assert ready.packages() == {"pebble", "moss", "tiny_lab", "talker"}


@pytest.mark.slow
def test_second_set_up_does_nothing_and_is_quick(ready: Project) -> None:
    """With nothing left to do, set-up is silent and takes well under two seconds."""
    before = ready.stamp.stat().st_mtime_ns
    started = time.monotonic()
    done = ready.set_up()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert time.monotonic() - started < 2
    assert ready.stamp.stat().st_mtime_ns == before


@pytest.mark.slow
def test_second_set_up_waits_for_the_first(ready: Project) -> None:
    """Two at a time do not work on one .venv: the later one says that it waits, then goes on."""
    with (ready.root / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        command = [sys.executable, str(ready.program)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as later:
            assert later.stdout is not None
            assert (
                later.stdout.readline() == "set-up: waiting for another set-up of this lab to end\n"
            )
            fcntl.flock(lock, fcntl.LOCK_UN)
            assert later.wait(timeout=10) == 0


@pytest.mark.slow
def test_without_a_fitting_wheel_the_lab_uses_its_simulator(project: Project) -> None:
    """A model without a wheel for this machine is said, also the second time, and is no failure."""
    (project.wheels / "talker-1.0-py3-none-any.whl").unlink()
    note = "set-up: no wheel of talker for this machine: the lab will use its simulator\n"
    first, second = project.set_up(), project.set_up()
    assert (first.returncode, second.returncode) == (0, 0)
    assert note in first.stdout
    assert second.stdout == note


@pytest.mark.slow
def test_missing_index_is_named_and_the_next_set_up_goes_on(
    project: Project, empty_index: str
) -> None:
    """Nobody listening, or no packages: a sentence each; then a right index makes the lab ready."""
    refused = project.set_up(
        PIP_INDEX_URL=f"http://127.0.0.1:{closed_port()}/simple", PIP_RETRIES="1"
    )
    assert refused.returncode == 1
    assert refused.stderr.startswith(
        "set-up: The package index cannot be reached: check the network"
    )
    absent = project.set_up(PIP_INDEX_URL=empty_index, PIP_RETRIES="1")
    assert absent.returncode == 1
    assert absent.stderr.startswith("set-up: The package index does not have pebble==1.0")
    log = project.root / ".venv" / "setup.log"
    assert str(log) in absent.stderr
    assert "No matching distribution found for pebble==1.0" in log.read_text()
    assert project.set_up().returncode == 0


@pytest.mark.slow
def test_killed_set_up_is_made_good_by_the_next(project: Project) -> None:
    """What a killed set-up left is thrown away: a half-installed package looks like a whole one."""
    command = [sys.executable, str(project.program)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        env=project.environment(),
        start_new_session=True,
    ) as killed:
        assert killed.stdout is not None
        killed.stdout.readline()
        os.killpg(killed.pid, signal.SIGKILL)
    half = project.root / ".venv" / "lib" / "half-installed"
    half.mkdir(parents=True, exist_ok=True)
    assert project.set_up().returncode == 0
    assert not half.exists()
    assert project.packages() == {"pebble", "moss", "tiny_lab", "talker"}


@pytest.mark.slow
@pytest.mark.parametrize("size", ["4k", "4m"])
def test_full_disk_is_named_with_the_remedy(project: Project, size: str) -> None:
    """No room for the first file, or in the middle: exit 1 and a sentence that names the disk."""
    (project.root / ".venv").mkdir()
    script = 'mount -t tmpfs -o size="$1" none "$2/.venv" || exit 99; exec "$3" "$4"'
    arguments = [size, str(project.root), sys.executable, str(project.program)]
    command = [
        "unshare",
        "-m" if os.geteuid() == 0 else "-rm",
        "sh",
        "-c",
        script,
        "sh",
        *arguments,
    ]
    if not shutil.which("unshare"):
        pytest.skip("no unshare on this machine")
    done = subprocess.run(
        command, capture_output=True, text=True, env=project.environment(), check=False
    )
    if done.returncode == 99 or "unshare" in done.stderr:
        pytest.skip(f"no small disk can be had here: {done.stderr.strip()}")
    assert done.returncode == 1
    assert "set-up: The disk is full: free about 1.5 GB where" in done.stderr
    assert "Traceback" not in done.stdout
