"""Progress taken from one lab to another, and the box that does it with two clicks."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import ipywidgets
import pytest

from checks import llm_routing
from checks.runner import run
from checks.verdict import Passed
from labgateway.lab.session import Lab
from labgateway.lab.widgets import progress_box
from labgateway.memory.progress_file import NoProgressFile
from labgateway.shapes.settings import Settings
from labgateway.words.errors import LabError
from tests.conftest import BACKEND, ROUTE


def made(home: Path) -> Lab:
    """A lab with the simulator, on free ports."""
    return Lab(Settings(home, "simulator", gateway_port=0, stats_port=0, admin_port=0))


def test_a_step_that_was_passed_is_passed_again(tmp_path: Path) -> None:
    """What one lab saved, another takes up, without a restart of its kernel."""
    first, second = made(tmp_path / "one"), made(tmp_path / "two")
    step = llm_routing.CHALLENGE.steps[0]
    try:
        first.client.apply(f"{ROUTE}---{BACKEND}")
        file = first.save_progress(tmp_path / "mine.json")
        assert not isinstance(run(step, second.observe()), Passed)

        second.restore_progress(file)

        assert second.owner
        assert isinstance(run(step, second.observe()), Passed)
    finally:
        first.stop()
        second.stop()


def test_an_attached_lab_names_the_one_that_can(tmp_path: Path) -> None:
    """The journals are open in the owner; nothing is changed from elsewhere."""
    owner, attached = made(tmp_path), made(tmp_path)
    try:
        file = owner.save_progress(tmp_path / "mine.json")
        with pytest.raises(LabError, match=r"a notebook.*stop its kernel first"):
            attached.restore_progress(file)
    finally:
        attached.stop()
        owner.stop()


def upload_of(box: ipywidgets.Widget) -> ipywidgets.FileUpload:
    """The box's button."""
    (found,) = (one for one in box.children if isinstance(one, ipywidgets.FileUpload))
    return found


def test_the_box_downloads_through_jupyter_and_restores_what_is_chosen() -> None:
    """The link is Jupyter's; a file is handed on, and a refusal is said."""
    given: list[str] = []

    def restore(text: str) -> None:
        given.append(text)
        if text != "mine":
            raise NoProgressFile("this is <none>")

    box = progress_box("/user/ada/labgateway/ui/", restore)
    said = box.children[-1]

    for content in (b"mine", b"theirs"):
        chosen = {"name": "f", "type": "", "size": len(content), "content": content}
        upload_of(box).value = ({**chosen, "last_modified": datetime.now(UTC)},)
        if content == b"mine":
            assert said.value.startswith('<p role="status">Restored')

    assert given == ["mine", "theirs"]
    assert "this is &lt;none&gt;" in said.value
    assert 'href="/user/ada/labgateway/progress"' in box.children[0].value
    outside = progress_box("http://localhost:15000/s3cret/ui/", restore)
    assert "s3cret" not in outside.children[0].value
    assert "lab.save_progress()" in outside.children[0].value
