"""The notebooks with their solutions: the stored outputs hold, and so do the checks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.notebooks.kernels import CELL_TIMEOUT_S, ROOT, environment, errors, executed, shown
from tests.notebooks.lesson import HERE, NAMES, SHIPPED, SOLVED, Lesson

pytestmark = pytest.mark.slow

STEPS = NAMES[1:]


def test_stored_outputs_hold(tmp_path: Path) -> None:
    """The solved copies run in order, and cells marked for it show what they showed before."""
    sanitized = f"--nbval-sanitize-with={HERE / 'sanitize.cfg'}"
    done = nbval(SOLVED, tmp_path / "home", sanitized)
    assert done.returncode == 0, done.stdout


def test_shipped_notebooks_pass_under_nbval(tmp_path: Path) -> None:
    """`pytest --nbval-lax notebooks/` works as is."""
    done = nbval(SHIPPED, tmp_path / "home")
    assert done.returncode == 0, done.stdout


def test_a_second_kernel_attaches_and_every_step_passes(tmp_path: Path) -> None:
    """Solved steps run again beside the first kernel, on its gateway; the terminal agrees."""
    home = tmp_path / "home"
    first = Lesson.read(SOLVED / STEPS[0]).notebook
    with executed(first, SOLVED, home) as owner:
        assert errors(owner) == []
        for name in STEPS:
            with executed(Lesson.read(SOLVED / name).notebook, SOLVED, home) as attached:
                lesson = Lesson(name, attached)
                assert errors(attached) == []
                assert shown(lesson.cell("check")).startswith("✔ Passed")
                assert _gateway(lesson) == _gateway(Lesson(STEPS[0], owner))
        outcomes = checked(home)
    assert {f"{one['challenge']}/{one['step']}": one["outcome"] for one in outcomes} == {
        f"llm-routing/{int(name[:2])}": "passed" for name in STEPS
    }


def nbval(notebooks: Path, home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run pytest with nbval over a folder of notebooks, each on a kernel of its own."""
    timeout = f"--nbval-cell-timeout={CELL_TIMEOUT_S}"
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval-lax", timeout, *options, str(notebooks)],
        cwd=ROOT,
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
    )


def checked(home: Path) -> list[dict[str, str]]:
    """What `python -m checks run --json` says about a home."""
    done = subprocess.run(
        [sys.executable, "-m", "checks", "run", "--json", "--home", str(home)],
        cwd=ROOT,
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    outcomes: list[dict[str, str]] = json.loads(done.stdout)
    return outcomes


def _gateway(lesson: Lesson) -> str:
    """The gateway's address as the notebook's first cell shows it."""
    return shown(lesson.cell("start"))
