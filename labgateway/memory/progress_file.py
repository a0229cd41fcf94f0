"""A learner's progress as one file to take along: what was applied, asked and answered."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from labgateway.decisions.access_log import from_json, to_json
from labgateway.memory.home import Home
from labgateway.memory.journal import Journal, lines_of
from labgateway.words.errors import LabError

NAME = "labgateway-progress.json"
_LAST_LINES = 2_000


class NoProgressFile(LabError):
    """A file that ``packed`` did not write."""


class ProgressFile(BaseModel):
    """The lines of each journal, oldest first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    labgateway_progress: int
    resources: tuple[str, ...]
    progress: tuple[str, ...]
    exchanges: tuple[str, ...]
    spans: tuple[str, ...]


def packed(home: Home) -> str:
    """The progress in a home, as JSON.

    Secrets stay behind, and so do prompts and answers that were kept.
    """
    return ProgressFile(
        labgateway_progress=1,
        resources=tuple(one for one in lines_of(home.resources) if not _is_secret(one)),
        progress=tuple(lines_of(home.progress)),
        exchanges=tuple(_without_bodies(home.exchanges)),
        spans=tuple(lines_of(home.spans)[-_LAST_LINES:]),
    ).model_dump_json(indent=1)


def unpacked(text: str) -> ProgressFile:
    """What such a file holds. Errors: ``NoProgressFile``."""
    try:
        file = ProgressFile.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(one) for one in first["loc"])
        raise NoProgressFile(
            f"this is not a progress file of the lab ({where or 'JSON'}: {first['msg']}); choose"
            f" the {NAME} that you downloaded"
        ) from error
    if file.labgateway_progress != 1:
        raise NoProgressFile("this progress file comes from a newer lab; update this one first")
    return file


def put_back(home: Home, file: ProgressFile) -> None:
    """Replace a home's journals while no gateway has them open; what was there is set aside.

    Lines that cannot be read are found by the gateway, which says so. Errors: ``HomeUnusable``.
    """
    for path, lines in (
        (home.resources, file.resources),
        (home.progress, file.progress),
        (home.exchanges, file.exchanges),
        (home.spans, file.spans),
    ):
        with contextlib.suppress(FileNotFoundError):
            path.replace(path.with_suffix(".before-restore"))
        Journal.set_aside(path).unlink(missing_ok=True)
        home.write_private(path, "".join(f"{' '.join(one.splitlines())}\n" for one in lines))


def _is_secret(line: str) -> bool:
    """Whether a line of the resources puts a Secret; what is no JSON is none."""
    with contextlib.suppress(ValueError, AttributeError):
        return bool(json.loads(line).get("put", {}).get("kind") == "Secret")
    return True


def _without_bodies(path: Path) -> list[str]:
    made = []
    for line in lines_of(path)[-_LAST_LINES:]:
        with contextlib.suppress(ValueError):
            made.append(to_json(replace(from_json(line), bodies=None)))
    return made
