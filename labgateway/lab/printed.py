"""What a kubectl command has printed so far, and how kubectl puts several failures together."""

from __future__ import annotations

from dataclasses import dataclass, field

from labgateway.lab.failures import Failure
from labgateway.memory.doings import Attempt


@dataclass
class Printed:
    """Output of one command: text, notes for stderr, failures in order, the attempt to apply.

    ``secrets`` are what kubectl would print of the learner's Secrets and the lab does not.
    """

    stdout: str = ""
    notes: str = ""
    failures: list[Failure] = field(default_factory=list)
    attempt: Attempt | None = None
    secrets: tuple[str, ...] = ()

    @property
    def stderr(self) -> str:
        """Notes, then each failure with the lab's own lines below it."""
        if len(self.failures) == 1:
            return self.notes + _with_hints(self.failures[0].alone, self.failures[0].hints)
        return self.notes + "".join(_with_hints(one.listed, one.hints) for one in self.failures)

    @property
    def brief(self) -> str:
        """The failures, as short as they can be understood."""
        return "".join(_with_hints(one.brief, one.hints) for one in self.failures)


def together(failures: list[Failure]) -> Failure:
    """Several failures as one: kubectl does this to those it finds before it applies anything."""
    hints = tuple(hint for one in failures for hint in one.hints)
    return Failure(f"[{', '.join(map(str, failures))}]", *hints)


def _with_hints(message: str, hints: tuple[str, ...]) -> str:
    return message.rstrip("\n") + "\n" + "".join(f"  {hint}\n" for hint in hints)
