"""The lab as the lessons use it, and a step's solution done on it."""

from __future__ import annotations

from typing import Protocol

import httpx

from checks.challenge import Request, Step
from labgateway.memory.observation import Observation

_TIMEOUT_S = 120.0


class Desk(Protocol):
    """What the lessons ask of the lab (``labgateway.lab.client.Client``)."""

    def observation(self) -> Observation:
        """What can be seen now."""

    def answer(self, question: str, value: object) -> None:
        """Keep an answer."""

    def hint(self, step: str, level: int) -> None:
        """Remember that a hint was shown."""

    def reset(self, step: str, questions: tuple[str, ...]) -> None:
        """Forget answers and hints of a step, and what was seen before now."""

    def apply(self, text: str) -> str:
        """Apply manifests; returns kubectl's output."""


def solve(desk: Desk, step: Step) -> str:
    """Do what solves a step; returns what kubectl or the gateway said."""
    solution = step.solution
    said = [desk.apply(solution.manifests)] if solution.manifests else []
    if solution.request is not None:
        said.append(_send(desk.observation().place.gateway_url, solution.request))
    return "\n".join(one.strip() for one in said)


def _send(gateway_url: str, request: Request) -> str:
    url = gateway_url + request.path
    try:
        response = httpx.post(url, json=dict(request.body), timeout=_TIMEOUT_S, trust_env=False)
    except httpx.HTTPError as error:
        return f"POST {request.path}: no answer ({type(error).__name__})"
    return f"POST {request.path}: {response.status_code}"
