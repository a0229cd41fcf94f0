"""What a challenge is made of: steps with questions, hints, a solution and a check."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from checks.spelling import number
from checks.verdict import Kept, NotRight, NotYet, Passed, Verdict
from labgateway.memory.observation import Observation

BLANK = "____"
_KEPT_CHARACTERS = 200

Check = Callable[[Observation], Verdict]


def is_blank(value: object) -> bool:
    """Whether an answer is the notebook's own placeholder or nothing, or a list with one in it."""
    if isinstance(value, list | tuple):
        return any(is_blank(one) for one in value)
    return isinstance(value, str) and (BLANK in value or not value.strip())


@dataclass(frozen=True)
class Choice:
    """An answer that can be picked, and what is said to the one who picks it.

    ``wrong`` names the misconception behind it, ``right`` says why it is right; a choice that is
    always the one or the other has no need of both. ``also`` is what else people call it.
    """

    value: str | int
    wrong: str = ""
    right: str = ""
    also: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All that it is called, in lower case."""
        return tuple(str(one).casefold() for one in (self.value, *self.also))


def plain(value: object) -> object:
    """A value as plain JSON: what is none, NaN for one, is kept as its text, cut short."""
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return str(value)[:_KEPT_CHARACTERS]


def _compact(text: object) -> str:
    return re.sub(r"[^a-z0-9.]", "", str(text).casefold()).rstrip(".")


def _named(choices: Sequence[Choice], given: str) -> list[Choice]:
    """The one choice that a text names among other words; none when it names two, or denies it."""
    found = {}
    named = [(name, one) for one in choices for name in one.names]
    for name, one in sorted(named, key=lambda pair: -len(pair[0])):
        word = rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\w)"
        if re.search(word, given):
            found[one.value] = one
            given = re.sub(word, "*", given)
    denied = re.search(r"\b(?:not|no|never)\s+(?:a |an |the )?\*", given)
    return list(found.values()) if len(found) == 1 and not denied else []


@dataclass(frozen=True)
class Question:
    """A prediction or a diagnosis. Its id is unique among all challenges.

    ``right`` gives the value of the right choice, None while it depends on something that is not
    there yet (``until`` then says on what). A question without choices is judged by ``judge``.
    A ``prediction`` is judged by what was recorded after it was first given, and is then explained:
    it need not be right, nor be changed. ``compared`` names the event it is judged by.
    ``kept`` makes of an answer what is stored: plain JSON, nothing private.
    An ``optional`` one is not asked for when it was left open.
    ``hints`` go from where to look to partial code; choices need none, for each says what it
    overlooks.
    """

    id: str
    prompt: str
    choices: tuple[Choice, ...] = ()
    right: Callable[[Observation], str | int | None] = lambda _seen: None
    until: str = ""
    judge: Callable[[Observation, Any], Verdict] | None = None
    optional: bool = False
    prediction: bool = False
    compared: Callable[[Observation], str] = lambda _seen: ""
    hints: tuple[str, ...] = ()
    kept: Callable[[object], object] = plain

    def answered(self, seen: Observation, value: object) -> Verdict:
        """The verdict on an answer, given what was observed."""
        if is_blank(value):
            what = f"The blank `{BLANK}` of {self.id}" if BLANK in str(value) else self.id
            return NotYet(f"{what} is not filled in", "", "", self._options)
        if self.judge is not None:
            return self.judge(seen, value)
        choice = self._choice(value)
        if choice is None:
            given = str(value)[:60].replace("`", "'")
            return NotRight(
                f"`{given}` is not among the answers to {self.id}", next_step=self._options
            )
        right = self.right(seen)
        if right is None:
            return Kept(f"Your answer to {self.id} is kept: `{choice.value}`", "", self.until)
        if choice.value == right:
            return Passed(f"`{choice.value}` is right{self.by(seen)}", (choice.right,))
        if self.prediction:
            saw = f"You predicted `{choice.value}`, and it was `{right}`{self.by(seen)}"
            return NotRight(saw, "", choice.wrong, "Nothing has to be changed: go on from here")
        return NotRight(f"You answered `{choice.value}`", "", choice.wrong, self._look_again)

    def by(self, seen: Observation) -> str:
        """By which recorded event a prediction is judged, to end a sentence with; "" for others."""
        told = self.compared(seen) if self.prediction else ""
        return f", judged by {told}" if told else ""

    @property
    def _options(self) -> str:
        listed = ", ".join(f"`{one.value}`" for one in self.choices)
        return f"Choose one of {listed}" if listed else self.until or self.prompt

    @property
    def _look_again(self) -> str:
        return f'Think it through once more, then `answer("{self.id}", …)` again'

    def _choice(self, value: object) -> Choice | None:
        """The choice that is meant, None when it is none or more than one.

        Case, quotes, spaces and dashes do not matter, nor 500 or "500", nor words around it.
        """
        if isinstance(value, list | tuple) and len(value) == 1:
            value = value[0]
        counted = number(value)
        text = f"{counted:g}" if counted is not None else str(value)
        given = text.casefold().replace("can't", "cannot")
        same = [one for one in self.choices if _compact(given) in map(_compact, one.names)]
        return next(iter(same or _named(self.choices, given)), None)


@dataclass(frozen=True)
class Request:
    """A request that solves a step: path on the gateway port, JSON body; ``traced``: in a span."""

    path: str
    body: Mapping[str, Any]
    traced: bool = False


@dataclass(frozen=True)
class Solution:
    """What solves a step: manifests to apply, requests to send, answers, with the learner's cell.

    ``answers`` gives the answers by question id, from what was observed once the requests are
    answered. ``explain`` is the question that the reader of a solution should be able to answer.
    ``together`` are requests to send at the same time, while bodies are kept.
    """

    explain: str
    manifests: str = ""
    cell: str = ""
    request: Request | None = None
    together: tuple[Request, ...] = ()
    answers: Callable[[Observation], Mapping[str, object]] = lambda _seen: {}

    @property
    def text(self) -> str:
        """What is shown."""
        return self.manifests or self.cell


@dataclass(frozen=True)
class Step:
    """One step: hints go from where to look, over which concept, to partial code."""

    number: int
    slug: str
    title: str
    hints: tuple[str, str, str]
    solution: Solution
    check: Check
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True)
class Challenge:
    """One lesson; ``minutes`` is what it takes someone who has not done it before."""

    slug: str
    title: str
    teaser: str
    notes: str
    minutes: int
    steps: tuple[Step, ...] = field(default=())

    def step(self, name: str | int) -> Step | None:
        """The step with this number or slug."""
        return next((one for one in self.steps if str(name) in {str(one.number), one.slug}), None)

    def id_of(self, step: Step) -> str:
        """The step's name among all challenges, as progress is kept under it."""
        return f"{self.slug}/{step.number}"
