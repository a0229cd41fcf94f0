"""Progress as a file: what is in it, what stays behind, and the way back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from labgateway.decisions.access_log import from_json, to_json
from labgateway.decisions.exchange import Bodies, Exchange
from labgateway.memory.home import Home
from labgateway.memory.progress_file import NoProgressFile, packed, put_back, unpacked

SENT = Exchange(1.0, "a" * 32, "b" * 16, "POST", "h", "/openai", "HTTP/1.1", "s", 200)
SPOKEN = replace(SENT, bodies=Bodies("what I asked", "what was sent", "what came"))
ROUTE = '{"put": {"kind": "HTTPRoute", "metadata": {"name": "openai"}}}'
SECRET = '{"put": {"kind": "Secret", "data": {"Authorization": "c2stMTIz"}}}'


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with something of each kind."""
    home = Home(tmp_path / "home")
    home.resources.write_text(f"{ROUTE}\n{SECRET}\n")
    home.progress.write_text('{"answer": "5.longest"}\n')
    home.exchanges.write_text(f"{to_json(SPOKEN)}\ntorn")
    home.spans.write_text('{"name": "ask"}\n')
    return home


def test_secrets_and_prompts_stay_behind(home: Home) -> None:
    """Requests are in it without what was said."""
    text = packed(home)

    assert "c2stMTIz" not in text
    assert "what " not in text
    assert unpacked(text).resources == (ROUTE,)
    assert [from_json(one) for one in unpacked(text).exchanges] == [SENT]


def test_the_way_back_replaces_what_was_there(home: Home, tmp_path: Path) -> None:
    """And sets it aside; files are the learner's only."""
    file = unpacked(packed(home))
    other = Home(tmp_path / "other")
    other.resources.write_text("old\n")

    put_back(other, file)

    assert packed(other) == packed(home)
    assert (other.path / "resources.before-restore").read_text() == "old\n"
    assert other.resources.stat().st_mode & 0o777 == 0o600


def test_an_empty_home_has_an_empty_file(tmp_path: Path) -> None:
    """Nothing done yet is no error."""
    assert unpacked(packed(Home(tmp_path / "new"))).exchanges == ()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"labgateway_progress": 2}, "newer lab"),
        ({"resources": "all"}, "resources"),
        ({"more": []}, "more"),
    ],
)
def test_what_is_no_progress_file_is_refused(
    home: Home, changed: dict[str, object], says: str
) -> None:
    """In a sentence that names the part and the file that is wanted."""
    text = json.dumps(json.loads(packed(home)) | changed)

    with pytest.raises(NoProgressFile, match=says):
        unpacked(text)
    with pytest.raises(NoProgressFile, match=r"JSON.*labgateway-progress\.json"):
        unpacked("{")
