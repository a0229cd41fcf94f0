"""What a check says: one of five outcomes, in words that name the next step."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from checks.display import Bundle, details, framed, inline

_ENDS = (".", "?", "…")


@dataclass(frozen=True)
class Verdict:
    """The outcome of a check.

    ``evidence`` holds what differs from run to run (ids, ports, times): it is shown folded away in
    HTML and in JSON, never in the text. ``aside`` is what the runner adds after a repeated failure.
    """

    outcome: ClassVar[str] = ""
    label: ClassVar[str] = ""
    colour: ClassVar[str] = ""

    evidence: Mapping[str, Any] = field(default_factory=dict, kw_only=True, compare=False)
    aside: str = field(default="", kw_only=True, compare=False)

    @property
    def message(self) -> str:
        """The sentences a learner reads."""
        return _sentences(*self.parts, self.aside)

    @property
    def parts(self) -> tuple[str, ...]:
        """The sentences one by one, in reading order; some may be empty."""
        raise NotImplementedError

    def with_aside(self, aside: str) -> Self:
        """The same verdict with more sentences at its end."""
        return dataclasses.replace(self, aside=_sentences(self.aside, aside))

    def __str__(self) -> str:
        return f"{self.label} · {self.message}"

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: Any) -> Bundle:
        icon, word = self.label.split(" ", 1)
        heading = f'<span aria-hidden="true">{icon}</span> {html.escape(word)}'
        lines = [_sentences(part) for part in (*self.parts, self.aside) if part]
        body = "".join(f"<p>{inline(line)}</p>" for line in lines) + details(self.evidence)
        return {"text/plain": str(self), "text/html": framed(heading, body, self.colour)}


@dataclass(frozen=True, repr=False)
class Passed(Verdict):
    """The step is done: ``note`` says what the evidence shows, ``more`` what else to know."""

    outcome: ClassVar[str] = "passed"
    label: ClassVar[str] = "✔ Passed"
    colour: ClassVar[str] = "--jp-success-color1"

    note: str
    more: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """The note, then one sentence for each thing worth knowing."""
        return (self.note, *self.more)


@dataclass(frozen=True, repr=False)
class Unpassed(Verdict):
    """Anything but a pass: what was seen, where, why it matters, the next step; no answer."""

    saw: str
    where: str = ""
    why: str = ""
    next_step: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """What was seen, where, why, next."""
        return (self.saw, self.where, self.why, self.next_step)


@dataclass(frozen=True, repr=False)
class NotRight(Unpassed):
    """Something was done, and it does not do what the step asks."""

    outcome: ClassVar[str] = "not_right"
    label: ClassVar[str] = "✘ Not right"
    colour: ClassVar[str] = "--jp-error-color1"


@dataclass(frozen=True, repr=False)
class NotYet(Unpassed):
    """Something is still to be done."""

    outcome: ClassVar[str] = "not_yet"
    label: ClassVar[str] = "… Not yet"
    colour: ClassVar[str] = "--jp-info-color1"


@dataclass(frozen=True, repr=False)
class Kept(NotYet):
    """An answer that is neither right nor wrong so far: what it is compared with is to come."""

    label: ClassVar[str] = "✎ Kept"


@dataclass(frozen=True, repr=False)
class Raised(Unpassed):
    """The learner's own code ended in an exception."""

    outcome: ClassVar[str] = "raised"
    label: ClassVar[str] = "⚠ Your code raised"
    colour: ClassVar[str] = "--jp-warn-color1"


@dataclass(frozen=True, repr=False)
class NotReady(Unpassed):
    """The lab itself lacks something that the step needs."""

    outcome: ClassVar[str] = "not_ready"
    label: ClassVar[str] = "⚠ Lab not ready"
    colour: ClassVar[str] = "--jp-warn-color1"


OUTCOMES = (Passed, NotRight, NotYet, Raised, NotReady)


def _sentences(*parts: str) -> str:
    """The parts that are not empty, each closed by a full stop."""
    whole = [part.strip() for part in parts if part.strip()]
    return " ".join(part if part.endswith(_ENDS) else f"{part}." for part in whole)
