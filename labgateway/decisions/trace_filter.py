"""Which requests somebody wants to see, by status, model, route, time, duration and text."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from labgateway.decisions.exchange import Bodies

_PLAIN_RUN = re.compile(r"[a-z0-9 ]+")


class Told(Protocol):
    """What is asked of a request: an ``Exchange``, or a ``TraceRow`` that stands for one."""

    @property
    def started(self) -> float:
        """Unix time in seconds."""

    @property
    def duration_s(self) -> float:
        """From first to last byte."""

    @property
    def status(self) -> int:
        """HTTP status."""

    @property
    def route(self) -> str | None:
        """namespace/name."""

    @property
    def path(self) -> str:
        """The client's."""

    @property
    def error(self) -> str | None:
        """What went wrong."""

    @property
    def trace_id(self) -> str:
        """32 hex digits."""

    @property
    def span_id(self) -> str:
        """16 hex digits."""

    @property
    def original_model(self) -> str | None:
        """Asked for."""

    @property
    def request_model(self) -> str | None:
        """Sent."""

    @property
    def response_model(self) -> str | None:
        """Used."""

    @property
    def bodies(self) -> Bodies | None:
        """What was said, where it is known."""


@dataclass(frozen=True)
class Filter:
    """Which requests to show; what is not given takes all.

    ``status`` is a number or a class such as ``4xx``; ``model`` is asked, sent or used, ``route``
    and ``text`` are parts of a name, ``text`` also of ids, errors and, where kept, bodies.
    ``since`` and ``until`` are Unix seconds, the beginning of the request in between.
    """

    status: str | int | None = None
    model: str | None = None
    route: str | None = None
    min_duration_s: float | None = None
    max_duration_s: float | None = None
    text: str | None = None
    since: float | None = None
    until: float | None = None

    def takes(self, one: Told) -> bool:
        """Whether a request is one of them."""
        return (
            self._has_time(one)
            and _has_status(one.status, self.status)
            and (not self.model or self.model in models_of(one))
            and (not self.route or self.route in (one.route or ""))
            and self.says(one)
        )

    def says(self, one: Told) -> bool:
        """Whether the text, if any, is in what is known of the request."""
        return not self.text or holds(_text_of(one), self.text)

    def _has_time(self, one: Told) -> bool:
        return (
            (self.since is None or one.started >= self.since)
            and (self.until is None or one.started < self.until)
            and (self.min_duration_s is None or one.duration_s >= self.min_duration_s)
            and (self.max_duration_s is None or one.duration_s <= self.max_duration_s)
        )


ALL = Filter()


def models_of(one: Told) -> set[str]:
    """The names under which a request's model is known."""
    names = (one.original_model, one.request_model, one.response_model)
    return {name for name in names if name}


def plain_run(text: str) -> str:
    """The longest part of a text that is the same in JSON and lower case; "" when there is none.

    Whoever looks for the text in many lines need not read those without it.
    """
    return max(_PLAIN_RUN.findall(text.casefold()), key=len, default="")


def holds(told: str, text: str) -> bool:
    """Whether the text is there as it is, or as it stands in a body, which is JSON."""
    folded = told.casefold()
    return any(one in folded for one in _forms(text))


@lru_cache(maxsize=16)  # the same text is looked for in thousands of requests
def _forms(text: str) -> tuple[str, ...]:
    written = (text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])
    return tuple(dict.fromkeys(one.casefold() for one in written))


def _has_status(status: int, wanted: str | int | None) -> bool:
    if wanted is None or wanted == "":
        return True
    text = str(wanted).casefold()
    return text == str(status) or text == f"{status // 100}xx"


def _text_of(one: Told) -> str:
    parts = [one.path, one.error, one.trace_id, one.span_id]
    if one.bodies is not None:
        parts += [one.bodies.request, one.bodies.response]
    return "\n".join(part for part in parts if part)
