"""``labgateway export DIR``: files that a cluster takes, and that nobody loses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from labgateway.decisions.exporting import FILL_IN, README, RESOURCES, SECRETS
from labgateway.lab.cli import main
from labgateway.lab.client import Client
from tests.conftest import BACKEND, ROUTE, Running, gateway_in


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway with the exercise's route and backend, found by its home."""
    with gateway_in(tmp_path_factory.mktemp("lab") / "home") as running:
        running.apply(f"{ROUTE}---{BACKEND}")
        yield running


def _export(lab: Running, folder: Path) -> int:
    return main(["export", str(folder), "--home", str(lab.home)])


def test_the_files_are_written_and_another_lab_takes_them(
    lab: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The two commands of README, with the notebooks' kubectl; one route serves there as here."""
    folder = tmp_path / "to" / "cluster"
    assert _export(lab, folder) == 0
    printed = capsys.readouterr().out
    assert (
        f"wrote {folder / SECRETS}\nwrote {folder / RESOURCES}\nwrote {folder / README}\n"
        in printed
    )

    with gateway_in(tmp_path / "other") as other:
        client = Client(other.gateway.running)
        for command in ("apply -f 1-secrets.yaml", "apply -f 2-resources.yaml"):
            assert command in (folder / README).read_text(encoding="utf-8")
            done = client.kubectl(command, cwd=folder)
            assert (done.returncode, done.stderr) == (0, done.stderr)
        snapshot = other.gateway.store.snapshot()
        assert {key.name for key in snapshot.routes} == {"openai"}
        client.close()


def test_an_export_replaces_its_own_files_only(
    lab: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was filled in, or is somebody else's, is named and left as it is."""
    assert _export(lab, tmp_path) == 0
    assert _export(lab, tmp_path) == 0
    secrets = tmp_path / SECRETS
    filled = secrets.read_text(encoding="utf-8").replace(
        f"Authorization: {FILL_IN}", "Authorization: x"
    )
    secrets.write_text(filled, encoding="utf-8")
    capsys.readouterr()

    assert _export(lab, tmp_path) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"labgateway: {secrets} is not as an export wrote it; move it away")
    assert secrets.read_text(encoding="utf-8") == filled

    (tmp_path / "other").mkdir()
    (tmp_path / "other" / README).write_bytes(b"\xff mine")
    assert _export(lab, tmp_path / "other") == 1
    assert [one.name for one in (tmp_path / "other").iterdir()] == [README]


def test_a_folder_that_cannot_be_written_is_one_sentence(
    lab: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert _export(lab, tmp_path / "file" / "folder") == 1
    assert "cannot be written" in capsys.readouterr().err


def test_a_lab_without_anything_applied_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And one that does not run says how to start it."""
    with gateway_in(tmp_path / "home") as running:
        assert _export(running, tmp_path / "out") == 1
        assert "nothing was applied yet" in capsys.readouterr().err
    assert main(["export", str(tmp_path / "out"), "--home", str(tmp_path)]) == 1
    assert "no gateway has run in" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
