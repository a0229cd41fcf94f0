"""JSONPath as kubectl takes it: ``{.items[*].metadata.name}``, filters, ``range`` and ``end``.

Its dialect is a template language of its own: a path may be missing and then has no values, a
filter holds one comparison, quotes may be single, and what stands outside of braces is text.
Compared with kubectl 1.37 in the tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from labgateway.decisions.jsonpath_steps import (
    Steps,
    Unfit,
    constant,
    element,
    field,
    filtered,
    found_by,
    recursive,
    sliced,
    text,
    union,
    unknown_identifier,
    wildcard,
)

# Ends a name, where no backslash stands before it.
_ENDS = r" \t\r\n.,\[\]$@{}"
_NAME = rf"(?:\\.|[^\\{_ENDS}])*"
_PATH = re.compile(r"\{\.?([^{}]+)\}|\.?([^{}]+)")
_SLICE = re.compile(r"(-?\d*)(:-?\d*)?(:-?\d*)?")
_KEY = re.compile(r"'([^']*)'")
_COMPARISON = re.compile(r"([^!<>=]+)([!<>=]+)(.+)")
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[0-7]{3}|.|$)")
_ESCAPES = dict(zip("abfnrtv\\'\"", "\a\b\f\n\r\t\v\\'\"", strict=True))


class Unparsed(ValueError):
    """Why a template cannot be read."""


@dataclass(frozen=True)
class _Action:
    """The steps in one pair of braces, or a text outside of them."""

    steps: Steps
    opens: bool = False
    closes: bool = False


@dataclass(frozen=True)
class Template:
    """A template that was read."""

    actions: tuple[_Action, ...]

    def values(self, document: Any) -> list[list[Any]]:
        """The values of each action, in the order of the text. Errors: ``Unfit``."""
        found, _ = self._walk(0, [document], inside=False)
        return found

    def _walk(
        self, at: int, values: list[Any], *, inside: bool
    ) -> tuple[list[list[Any]], int | None]:
        """(the values of each action from one on, where its range ended: None for nowhere)."""
        found: list[list[Any]] = []
        while at < len(self.actions):
            action = self.actions[at]
            at += 1
            if action.closes:
                if inside:
                    return found, at
                raise Unfit("not in range, nothing to end")
            here = found_by(action.steps, values)
            if not action.opens:
                found.append(here)
                continue
            end = None
            for each in [[one] for one in here] or [[]]:
                inner, end = self._walk(at, each, inside=True)
                found += inner if here else []
            # Without an end, kubectl goes on behind the word range, with all that there is.
            at = end or at
        return found, None


def parse(template: str) -> Template:
    """The template of a text. Errors: ``Unparsed``, in kubectl's words."""
    return Template(tuple(_actions(template)))


def parse_path(path: str) -> Template:
    """One path, with braces and a first dot or without. Errors: ``Unparsed``."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise Unparsed(
            "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}'"
            " or '{.name1.name2}'"
        )
    return parse(f"{{.{found[1] or found[2]}}}")


def _actions(template: str) -> Iterator[_Action]:
    at = 0
    while at < len(template):
        brace = template.find("{", at)
        brace = len(template) if brace < 0 else brace
        if brace > at:
            yield _Action((text(template[at:brace]),))
        if brace == len(template):
            return
        steps, at = _steps(template, brace + 1)
        yield _Action(
            tuple(one for one in steps if one not in _MARKS), _range in steps, _end in steps
        )


def _steps(template: str, at: int) -> tuple[Steps, int]:
    """(the steps from a place on, the place behind their closing brace)."""
    steps: list[Callable[[list[Any]], list[Any]]] = []
    while template[at : at + 1] != "}":
        found, read = next(
            (found, read)
            for pattern, read in _TOKENS
            if (found := pattern.match(template, at)) is not None
        )
        steps += read(found)
        at = found.end()
    return tuple(steps), at + 1


def _within(action: str) -> Steps:
    return _steps(f"{action}}}", 0)[0]


def _range(values: list[Any]) -> list[Any]:
    return values


def _end(values: list[Any]) -> list[Any]:
    return values


_MARKS = (_range, _end)
_WORDS = {
    "range": _range,
    "end": _end,
    "true": constant(value=True),
    "false": constant(value=False),
}


def _word(found: re.Match[str]) -> Steps:
    return (_WORDS.get(found[0]) or unknown_identifier(found[0]),)


def _field(found: re.Match[str]) -> Steps:
    return (wildcard if found[1] == "*" else field(found[1].replace("\\", "")),)


def _descent(found: re.Match[str]) -> Steps:
    return (recursive, *(_field(found) if found[1] else ()))


def _number(found: re.Match[str]) -> Steps:
    for number in (int, float):
        try:
            return (constant(value=number(found[0])),)
        except ValueError:
            continue
    raise Unparsed(f"cannot parse number {found[0]}")


def _quoted(found: re.Match[str]) -> Steps:
    def meant(escape: re.Match[str]) -> str:
        code = escape[1]
        if len(code) > 1:
            return chr(int(code.lstrip("xu"), 8 if code[0].isdigit() else 16))
        if code not in _ESCAPES:
            raise Unparsed(f"unquote string {found[0]} error invalid syntax")
        return _ESCAPES[code]

    return (text(_ESCAPE.sub(meant, found[0][1:-1])),)


def _filter(found: re.Match[str]) -> Steps:
    compared = _COMPARISON.fullmatch(found[1])
    if compared is None:
        return (filtered(_within(found[1])),)
    return (filtered(_within(compared[1]), compared[2], _within(compared[3])),)


def _array(found: re.Match[str]) -> Steps:
    inside = ":" if found[1] == "*" else found[1]
    several = inside.split(",")
    if len(several) > 1:
        return (union([_within(f"[{one.strip(' ')}]") for one in several]),)
    key = _KEY.fullmatch(inside)
    if key is not None:
        return _within(f".{key[1]}")
    numbers = _SLICE.fullmatch(inside)
    if numbers is None:
        raise Unparsed(f"invalid array index {inside}")
    start, stop, step = (_index(one) for one in numbers.groups())
    return (element(start or 0) if numbers[2] is None else sliced(start, stop, step),)


def _index(text: str | None) -> int | None:
    digits = (text or "").removeprefix(":")
    if digits == "-":
        raise Unparsed("array index - is not a number")
    return int(digits) if digits else None


def _refuse(why: str) -> Callable[[re.Match[str]], Steps]:
    def read(_found: re.Match[str]) -> Steps:
        raise Unparsed(why)

    return read


def _unrecognized(found: re.Match[str]) -> Steps:
    raise Unparsed(f"unrecognized character in action: U+{ord(found[0]):04X} '{found[0]}'")


def _nothing(_found: re.Match[str]) -> Steps:
    return ()


_FILTERED = r"""((?:[^"')\n]|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')*)"""
# What may stand in braces: the first that fits is read.
_TOKENS: Sequence[tuple[re.Pattern[str], Callable[[re.Match[str]], Steps]]] = [
    (re.compile(pattern), read)
    for pattern, read in (
        (rf"\[\?\({_FILTERED}\)\]", _filter),
        (rf"\[\?\({_FILTERED}\)", _refuse("unclosed array expect ]")),
        (r"\[\?\(", _refuse("unterminated filter")),
        (r"\.\.\.\.", _refuse("invalid multiple recursive descent")),
        (rf"\.\.((?=\w){_NAME})?", _descent),
        (r"[ @$]", _nothing),
        (r"\[([^\]\n]*)\]", _array),
        (r"\[", _refuse("unterminated array")),
        (r"""("|')(?:\\.|(?!\1)[^\\\n])*\1""", _quoted),
        (r"[\"']", _refuse("unterminated quoted string")),
        (rf"\.({_NAME})", _field),
        (r"[-+]?[\d.]+|[-+]", _number),
        (rf"(?=\w)[^{_ENDS}]+", _word),
        (r"[\r\n]|\Z", _refuse("unclosed action")),
        (r".", _unrecognized),
    )
]
