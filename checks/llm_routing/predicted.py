"""What a prediction is judged by: what was recorded after it was made, and nothing before it."""

from __future__ import annotations

from labgateway.decisions.exchange import Exchange
from labgateway.memory.observation import Observation


def tried_out(seen: Observation, question: str) -> list[Exchange]:
    """The requests since a question was first answered, oldest first; none while it was not."""
    answer = seen.answers.get(question)
    if answer is None:
        return []
    return [one for one in seen.exchanges if one.started > answer.began]
