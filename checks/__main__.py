"""``python -m checks``: the lessons' checks from a terminal.

Exit codes: 0 all passed, 1 something is not right, 2 not attempted yet or lab not ready.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from checks.challenge import Challenge, Step
from checks.desk import Desk, seen_for, solve
from checks.runner import CHALLENGES, Lessons, judged, not_running
from checks.verdict import NotRight, Passed, Raised, Verdict
from labgateway.lab.client import Client
from labgateway.words.errors import LabNotRunning

Find = Callable[[Path | None], Desk]
Selected = list[tuple[Challenge, Step]]

COMMANDS = ("list", "run", "hint", "solve", "reset")


class NoSuchTarget(ValueError):
    """A challenge or step that does not exist; the text lists what does."""


def main(arguments: Sequence[str], find: Find) -> int:
    """Do what the arguments say; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        selected = select(options.target)
    except NoSuchTarget as error:
        print(error, file=sys.stderr)
        return 2
    if options.command == "list":
        return _list(selected, as_json=options.json)
    lessons = Lessons(lambda: find(options.home))
    if options.command == "hint":
        return _hint(lessons, selected, as_json=options.json)
    if options.command == "reset":
        return _reset(lessons, selected, as_json=options.json)
    solving = options.command == "solve"
    verdicts = list(_verdicts(lambda: find(options.home), selected, solving=solving))
    return _report(verdicts, as_json=options.json)


def select(target: str | None) -> Selected:
    """The steps of a target (``CHALLENGE[/STEP]``, ``STEP`` or None). Errors: ``NoSuchTarget``."""
    if target is None:
        return [(lesson, step) for lesson in CHALLENGES for step in lesson.steps]
    if target.isdecimal():
        target = f"{CHALLENGES[0].slug}/{target}"
    slug, _, name = target.strip("/").partition("/")
    lesson = next((one for one in CHALLENGES if one.slug == slug), None)
    if lesson is None:
        known = ", ".join(one.slug for one in CHALLENGES)
        raise NoSuchTarget(f"There is no challenge {slug!r}; there is: {known}.")
    if not name:
        return [(lesson, step) for step in lesson.steps]
    step = lesson.step(name)
    if step is None:
        known = ", ".join(f"{one.number} ({one.slug})" for one in lesson.steps)
        raise NoSuchTarget(f"{slug} has no step {name!r}; its steps: {known}.")
    return [(lesson, step)]


def exit_code(verdicts: Sequence[Verdict]) -> int:
    """0 all passed, 1 something is not right, 2 not attempted yet or lab not ready."""
    if any(isinstance(one, NotRight | Raised) for one in verdicts):
        return 1
    return 0 if all(isinstance(one, Passed) for one in verdicts) else 2


def as_row(lesson: Challenge, step: Step, verdict: Verdict) -> dict[str, Any]:
    """A verdict as ``--json`` prints it."""
    return {
        "challenge": lesson.slug,
        "step": step.number,
        "outcome": verdict.outcome,
        "message": verdict.message,
        "evidence": dict(verdict.evidence),
    }


def _verdicts(
    find: Callable[[], Desk], selected: Selected, *, solving: bool
) -> Iterator[tuple[Challenge, Step, Verdict]]:
    for lesson, step in selected:
        try:
            desk = find()
            if solving:
                print(solve(desk, step), file=sys.stderr)
            verdict = judged(desk, lesson.id_of(step), step, seen_for(desk, step))
        except LabNotRunning as error:
            verdict = not_running(error)
        yield lesson, step, verdict


def _report(verdicts: Sequence[tuple[Challenge, Step, Verdict]], *, as_json: bool) -> int:
    rows = [as_row(*one) for one in verdicts]
    lines = [
        f"{lesson.id_of(step)} {step.title}\n{_in_lines(str(verdict))}"
        for lesson, step, verdict in verdicts
    ]
    if len(verdicts) > 1:
        passed = sum(isinstance(verdict, Passed) for _, _, verdict in verdicts)
        lines.append(f"{passed} of {len(verdicts)} steps passed")
    _print(rows, lines, as_json=as_json)
    return exit_code([verdict for _, _, verdict in verdicts])


def _in_lines(text: str) -> str:
    """Indented; in a terminal no line breaks within a word."""
    if not sys.stdout.isatty():
        return f"  {text}"
    width = shutil.get_terminal_size().columns
    lines = textwrap.wrap(text, width - 2, break_long_words=False, break_on_hyphens=False)
    return textwrap.indent("\n".join(lines), "  ")


def _list(selected: Selected, *, as_json: bool) -> int:
    rows = [
        {
            "challenge": lesson.slug,
            "step": step.number,
            "slug": step.slug,
            "title": step.title,
            "teaser": lesson.teaser,
            "minutes": lesson.minutes,
        }
        for lesson, step in selected
    ]
    lines = []
    for lesson in CHALLENGES:
        steps = [step for one, step in selected if one is lesson]
        if steps:
            lines.append(f"{lesson.slug}  {lesson.title} ({lesson.minutes} min)\n  {lesson.teaser}")
            lines += [f"  {step.number}  {step.slug}: {step.title}" for step in steps]
    _print(rows, lines, as_json=as_json)
    return 0


def _hint(lessons: Lessons, selected: Selected, *, as_json: bool) -> int:
    lesson, step = selected[0]
    text = str(lessons.hint(step.number, challenge=lesson.slug))
    row = {"challenge": lesson.slug, "step": step.number, "hint": text}
    _print([row], [text], as_json=as_json)
    return 0


def _reset(lessons: Lessons, selected: Selected, *, as_json: bool) -> int:
    rows, lines, code = [], [], 0
    for lesson, step in selected:
        done = lessons.reset(step.number, lesson.slug)
        code = 2 if isinstance(done, Verdict) else code
        rows.append({"challenge": lesson.slug, "step": step.number, "reset": str(done)})
        lines.append(str(done))
    _print(rows, lines, as_json=as_json)
    return code


def _print(rows: list[dict[str, Any]], lines: list[str], *, as_json: bool) -> None:
    text = json.dumps(rows, ensure_ascii=False, indent=1) if as_json else "\n".join(lines)
    print(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m checks", description=__doc__)
    parser.add_argument("command", nargs="?", choices=COMMANDS, default="run")
    parser.add_argument("target", nargs="?", metavar="CHALLENGE[/STEP]")
    parser.add_argument("--home", type=Path, metavar="DIR", help="the lab's home (LABGATEWAY_HOME)")
    parser.add_argument("--json", action="store_true", help="print rows for a program to read")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Client.find))
