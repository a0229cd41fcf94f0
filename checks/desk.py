"""The lab as the lessons use it, and a step's solution done on it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import PurePosixPath
from typing import Protocol

import httpx

from checks.challenge import Request, Step
from labgateway.memory.observation import Observation, Place

_TIMEOUT_S = 120.0


class Desk(Protocol):
    """What the lessons ask of the lab (``labgateway.lab.client.Client``)."""

    @property
    def kernel(self) -> str | None:
        """The name of the kernel that asks; None for a terminal."""

    def observation(self) -> Observation:
        """What can be seen now."""

    def answer(self, question: str, value: object) -> None:
        """Keep an answer."""

    def hint(self, step: str, level: int) -> None:
        """Remember that a hint was shown."""

    def passed(self, step: str) -> None:
        """Remember that a step passed its check."""

    def reset(self, step: str, questions: tuple[str, ...]) -> None:
        """Forget answers, hints and the pass of a step, and what was seen before now."""

    def apply(self, text: str) -> str:
        """Apply manifests; returns kubectl's output."""

    def bodies_logged(self) -> AbstractContextManager[None]:
        """Keep prompts and answers while a block runs."""


def seen_for(desk: Desk, step: Step) -> Observation:
    """What can be seen now; the last exception only when it belongs to the one who asks.

    In a notebook that is an exception of the same kernel, in a terminal one of the step's notebook.
    """
    seen = desk.observation()
    if seen.raised is None:
        return seen
    if desk.kernel is not None:
        own = seen.raised.kernel == desk.kernel
    else:
        number = re.match(r"(\d+)_", PurePosixPath(seen.raised.kernel).name)
        own = number is not None and int(number[1]) == step.number
    return seen if own else dataclasses.replace(seen, raised=None)


def solve(desk: Desk, step: Step) -> str:
    """Do what solves a step; returns what kubectl or the gateway said."""
    solution = step.solution
    said = [desk.apply(solution.manifests)] if solution.manifests else []
    if solution.request is not None:
        said.append(_send(desk.observation().place, solution.request))
    if solution.together:
        said.extend(_send_together(desk, solution.together))
    answers = solution.answers(desk.observation())
    for question, value in answers.items():
        desk.answer(question, value)
    if answers:
        said.append(f"answered {', '.join(answers)}")
    return "\n".join(one.strip() for one in said)


def _send(place: Place, request: Request) -> str:
    post = _post_in_span if request.traced else _post
    try:
        response = post(place, request, {})
    except httpx.HTTPError as error:
        return f"POST {request.path}: no answer ({type(error).__name__})"
    return f"POST {request.path}: {response.status_code}"


def _send_together(desk: Desk, requests: Sequence[Request]) -> list[str]:
    """All at once, with bodies kept meanwhile as the step's cell has it."""
    place = desk.observation().place
    with desk.bodies_logged(), ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(lambda one: _send(place, one), requests))


def _post(place: Place, request: Request, headers: Mapping[str, str]) -> httpx.Response:
    return httpx.post(
        place.gateway_url + request.path,
        json=dict(request.body),
        headers=dict(headers),
        timeout=_TIMEOUT_S,
        trust_env=False,
    )


def _post_in_span(place: Place, request: Request, headers: Mapping[str, str]) -> httpx.Response:
    """As a learner's own code does: a span around the request, sent to the lab when it ends."""
    from checks.client_span import tracing  # noqa: PLC0415 - the SDK is for this step only

    with tracing(place.metrics_url.removesuffix("/metrics")) as traceparent:
        return _post(place, request, {**headers, **traceparent})
