"""What a verdict adds when a step that passed once does not pass now."""

from __future__ import annotations

from collections.abc import Iterator

from checks.challenge import Step
from labgateway.memory.observation import Observation

_CHANGED = ("created", "configured")


def since_passed(seen: Observation, step: Step, name: str) -> str:
    """That the step had passed, and what the learner changed since; "" when it never did."""
    at = seen.passed_at.get(name)
    if at is None:
        return ""
    changes = [*_applied(seen, at), *_answered(seen, step, at)]
    since = f"; since then you {' and '.join(changes)}" if changes else ""
    return f"You passed this step before{since}. A check describes what is there now"


def _applied(seen: Observation, since: float) -> Iterator[str]:
    """What applies changed, or tried to."""
    later = [one for attempt in seen.attempts if attempt.at > since for one in attempt.documents]
    changed = {f"`{one.kind}/{one.name}`" for one in later if one.outcome in _CHANGED}
    if changed:
        yield f"applied {', '.join(sorted(changed))}"
    elif any(one.outcome not in {*_CHANGED, "unchanged"} for one in later):
        yield "applied a text that was refused"


def _answered(seen: Observation, step: Step, since: float) -> Iterator[str]:
    """Which questions of the step were answered again."""
    again = [one.id for one in step.questions if one.id in seen.answers]
    later = [f"`{one}`" for one in again if seen.answers[one].at > since]
    if later:
        yield f"answered {', '.join(later)} again"
