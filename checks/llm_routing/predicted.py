"""What a prediction is judged by: what was recorded after it was made, and nothing before it."""

from __future__ import annotations

from labgateway.decisions.exchange import Exchange
from labgateway.memory.observation import Observation


def compared_with(seen: Observation, question: str, sent: list[Exchange]) -> Exchange | None:
    """The request that a prediction is judged by: the first since it was last given.

    While there is none, the last of those since it was first given.
    """
    return next(iter(_later(seen, question, sent) or sent[-1:]), None)


def told_by(seen: Observation, question: str, sent: list[Exchange], what: str) -> str:
    """In words, which request that is; ``what`` says what all of them have in common."""
    later = _later(seen, question, sent)
    return f"your first request {what} after it" if later else f"your last request {what} before it"


def _later(seen: Observation, question: str, sent: list[Exchange]) -> list[Exchange]:
    return [one for one in sent if one.started > seen.answers[question].at]


def tried_out(seen: Observation, question: str) -> list[Exchange]:
    """The requests since a question was first answered, oldest first; none while it was not."""
    answer = seen.answers.get(question)
    if answer is None:
        return []
    return [one for one in seen.exchanges if one.started > answer.began]
