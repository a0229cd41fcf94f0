"""The lab's home: private files, one owner, one place that says where the gateway is."""

from __future__ import annotations

import dataclasses
import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from labgateway.memory.home import Home, Running
from labgateway.words.errors import HomeUnusable
from tests.memory.disks import full_after

RUNNING = Running(
    4711, 8080, 15020, 15000, "canary-secret", "simulator", 1767225600.5, "a notebook"
)


def mode(path: Path) -> int:
    """Permission bits."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home that is made now."""
    return Home(tmp_path / "deep" / "home")


def test_a_home_is_the_learners_own(home: Home) -> None:
    """The directory 0700, what is written into it 0600, whatever the umask."""
    before = os.umask(0)
    try:
        Home(home.path / "inner")
        home.write_private(home.kubeconfig, "secret")
        home.publish(RUNNING)
    finally:
        os.umask(before)
    assert mode(home.path) == mode(home.path / "inner") == 0o700
    assert mode(home.kubeconfig) == mode(home.gateway_json) == 0o600


def test_what_runs_is_published_and_found(home: Home) -> None:
    """By anybody with the same home; the secret does not show in a repr."""
    assert home.last_running() is None
    home.publish(RUNNING)
    assert Home(home.path).last_running() == RUNNING
    assert "canary" not in repr(RUNNING)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"pid": 1}',
        "\x00",
        "[" * 100000,
        json.dumps({**dataclasses.asdict(RUNNING), "gateway_port": "many"}),
    ],
)
def test_a_damaged_file_says_nothing(home: Home, text: str) -> None:
    """The next owner writes it anew."""
    home.gateway_json.write_text(text, encoding="utf-8")
    assert home.last_running() is None


def test_a_file_that_is_not_text_says_nothing(home: Home) -> None:
    """Bytes that are no UTF-8."""
    home.gateway_json.write_bytes(b"\xff\xfe")
    assert home.last_running() is None


def test_a_field_of_a_later_version_is_no_obstacle(home: Home) -> None:
    """An older notebook attaches to a newer gateway."""
    payload = {**dataclasses.asdict(RUNNING), "later": 1}
    home.gateway_json.write_text(json.dumps(payload), encoding="utf-8")
    assert home.last_running() == RUNNING


def test_a_file_that_cannot_be_read_is_named(home: Home) -> None:
    """Rather than taken for no gateway."""
    home.gateway_json.mkdir()
    with pytest.raises(HomeUnusable, match=r"gateway\.json cannot be read \(Is a directory\)"):
        home.last_running()


def test_readers_see_the_old_file_or_the_new_one(home: Home) -> None:
    """Never half of one, however often it is published."""
    home.publish(RUNNING)
    stop = threading.Event()
    seen: set[Running | None] = set()

    def look() -> None:
        while not stop.is_set():
            seen.add(home.last_running())

    reader = threading.Thread(target=look)
    reader.start()
    owners = ["short", "long " * 1000]
    for number in range(200):
        home.publish(dataclasses.replace(RUNNING, owner=owners[number % 2]))
    stop.set()
    reader.join()
    assert None not in seen
    assert {one.owner for one in seen if one} <= {RUNNING.owner, *owners}
    assert [one.name for one in home.path.iterdir()] == ["gateway.json"]


def test_a_full_disk_leaves_the_old_file(home: Home) -> None:
    """And nothing beside it."""
    home.publish(RUNNING)
    with full_after(50), pytest.raises(HomeUnusable, match="free some disk space"):
        home.publish(dataclasses.replace(RUNNING, pid=1))
    assert home.last_running() == RUNNING
    assert [one.name for one in home.path.iterdir()] == ["gateway.json"]


OWNER = """
import sys
from pathlib import Path
from labgateway.memory.home import Home
home = Home(Path(sys.argv[1]))
print(home.own(), flush=True)
sys.stdin.read()
"""


def test_one_process_owns_a_home_until_it_is_gone(home: Home) -> None:
    """A killed owner's lock goes with it."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(home.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "True\n"
        assert home.own() is False
        owner.kill()
        owner.wait()
        assert home.own() is True
    home.disown()


def test_ownership_is_given_back(home: Home) -> None:
    """A second Home of the same process is another owner; giving back twice is harmless."""
    other = Home(home.path)
    assert home.own()
    assert not other.own()
    home.disown()
    home.disown()
    assert other.own()
    other.disown()


def test_a_child_does_not_keep_the_ownership(home: Home) -> None:
    """The model's process outlives a killed kernel for a moment, and must not hold the lock."""
    assert home.own()
    with subprocess.Popen(
        [sys.executable, "-c", "import sys; print(1, flush=True); sys.stdin.read()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        close_fds=False,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline()
        home.disown()
        other = Home(home.path)
        assert other.own()
        other.disown()
        assert child.stdin is not None
        child.stdin.close()


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """With the way out."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    for path in (tmp_path / "file", tmp_path / "file" / "home"):
        with pytest.raises(HomeUnusable, match="set LABGATEWAY_HOME to a directory that you can"):
            Home(path)


def test_a_lock_that_cannot_be_taken_is_named(home: Home) -> None:
    """It is not another owner's."""
    (home.path / "owner.lock").mkdir()
    with pytest.raises(HomeUnusable, match=r"owner\.lock cannot be locked \(Is a directory\)"):
        home.own()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_a_home_without_permission_is_named(home: Home) -> None:
    """Read-only: nothing can be published or owned."""
    home.path.chmod(0o500)
    try:
        with pytest.raises(HomeUnusable, match="Permission denied"):
            home.publish(RUNNING)
        with pytest.raises(HomeUnusable, match="Permission denied"):
            home.own()
    finally:
        home.path.chmod(0o700)
