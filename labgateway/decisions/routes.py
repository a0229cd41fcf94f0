"""Requests as routing sees them, and the rules that take them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from labgateway.decisions.backends import Backend, HTTPBackend
from labgateway.decisions.filters import STRAIGHT, Course
from labgateway.shapes.filters import RedirectFilter
from labgateway.shapes.gateway_api import RouteMatch
from labgateway.shapes.resource import Key
from labgateway.words.errors import GatewayError


@dataclass(frozen=True)
class RequestHead:
    """What selection looks at: ``path`` without query, header names lower case, first values."""

    method: str
    host: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Destination:
    """One backendRef of a rule: its share, and the backend or the error that stands in for it.

    A backend speaks to a model's provider or, as ``http``, gets requests as they are. ``course`` is
    what filters do on the way there; with ``redirect`` nobody gets there.
    """

    name: str
    weight: int
    backend: Backend | None
    error: GatewayError | None = None
    http: HTTPBackend | None = None
    course: Course = STRAIGHT
    redirect: RedirectFilter | None = None


@dataclass(frozen=True)
class Rule:
    """A rule in force. ``timeout_s`` is None when nothing limits the request.

    ``redirect`` is what answers in place of a destination, if any.
    """

    route: Key
    created: str
    index: int
    name: str | None
    destinations: tuple[Destination, ...]
    timeout_s: float | None = None
    backend_timeout_s: float | None = None
    redirect: RedirectFilter | None = None


@dataclass(frozen=True)
class Selected:
    """The outcome of selection: the rule, by which of its matches, on which listener."""

    rule: Rule
    match: RouteMatch
    listener: str


def plain_path(path: str) -> str:
    """The path without dot segments (RFC 3986 §5.2.4), encoded dots included.

    Matching and forwarding both use it, so that ``/openai/../metrics`` means one thing only.
    """
    if not path.startswith("/") or ("." not in path and "%2" not in path):
        return path or "/"
    out: list[str] = []
    elements = path.split("/")[1:]
    for position, element in enumerate(elements):
        dots = element.replace("%2e", ".").replace("%2E", ".")
        if dots not in {".", ".."}:
            out.append(element)
            continue
        if dots == ".." and out:
            out.pop()
        if position == len(elements) - 1:
            out.append("")
    return "/" + "/".join(out)
