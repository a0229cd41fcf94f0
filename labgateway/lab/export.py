"""``labgateway export``: the manifests for a real installation, written to a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from labgateway.decisions.exporting import README, RESOURCES, SECRETS, exported
from labgateway.lab.client import Client
from labgateway.shapes.kinds import KINDS
from labgateway.words.errors import LabError

# The first line of each file: what it says of the rest tells a file that nobody has changed.
_MARK = "labgateway export, sha256 "


def export(client: Client, folder: Path) -> Iterator[str]:
    """Write the files and say what they are, line by line.

    Errors: ``LabError`` when nothing was applied, and for a file that is not as it was exported.
    """
    found = exported(
        one for kind in KINDS for one in client.get(f"{kind.root}/{kind.plural}")["items"]
    )
    if not found.files:
        raise LabError("nothing to export: nothing was applied yet besides what the lab has itself")
    names = (SECRETS, RESOURCES, README)
    for name in names:
        _refuse_foreign(folder / name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            (folder / name).unlink(missing_ok=True)
        for name, text in found.files.items():
            (folder / name).write_text(_marked(name, text), encoding="utf-8")
    except OSError as error:
        raise LabError(f"{folder} cannot be written: {error}") from error
    yield from (f"wrote {folder / name}" for name in found.files)
    yield from found.notes


def _marked(name: str, text: str) -> str:
    mark = f"{_MARK}{hashlib.sha256(text.encode()).hexdigest()}"
    return f"<!-- {mark} -->\n{text}" if name == README else f"# {mark}\n{text}"


def _refuse_foreign(path: Path) -> None:
    """Refuse to lose what somebody else wrote, or filled in. Errors: ``LabError``."""
    if not path.exists():
        return
    try:
        written = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LabError(f"{path} is in the way and cannot be read: {error}") from error
    if written != _marked(path.name, written.partition("\n")[2]):
        raise LabError(f"{path} is not as an export wrote it; move it away, or name another folder")
