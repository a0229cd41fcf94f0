"""A provider made for tests: a request to the OpenAI API in, the same reply every time out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from labgateway.decisions.simulated_answers import DATED_MODELS, Refused, answer, read_question

_CHAT_PATH = "/v1/chat/completions"
_MODELS_PATH = "/v1/models"
_METHODS = {_CHAT_PATH: "POST", _MODELS_PATH: "GET"}
_JSON = b"application/json"
_FAILURES = {  # status: (message, type, code)
    401: ("Incorrect API key provided.", "invalid_request_error", "invalid_api_key"),
    429: ("Rate limit reached for requests.", "requests", "rate_limit_exceeded"),
    500: ("The server had an error while processing your request.", "server_error", None),
    503: ("The engine is currently overloaded, please try again later.", "server_error", None),
}
_OTHER_FAILURE = ("The simulator was told to fail.", "invalid_request_error", None)


@dataclass(frozen=True)
class SimulatedRequest:
    """What the provider received; header names are in lower case. Its repr shows no content."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[bytes, bytes], ...] = field(repr=False)
    body: bytes = field(repr=False)

    def header(self, name: bytes) -> str | None:
        """The first value of a header."""
        return next((value.decode("latin-1") for key, value in self.headers if key == name), None)


@dataclass(frozen=True)
class Behaviour:
    """How the provider misbehaves.

    ``delay_s`` comes before the answer, ``chunk_delay_s`` before every event after the first.
    ``cut`` breaks the connection after so many events of a stream, or bytes of another body; 0 is
    right after the headers.
    """

    status: int | None = None
    delay_s: float = 0.0
    chunk_delay_s: float = 0.0
    cut: int | None = None
    retry_after_s: int | None = None
    usage: bool = True


@dataclass(frozen=True)
class Reply:
    """What is sent, and how: one part for a JSON body, one part an event for a stream."""

    status: int
    content_type: bytes
    parts: tuple[bytes, ...]
    behaviour: Behaviour

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers; a stream has no length."""
        headers = [(b"content-type", self.content_type)]
        if self.content_type == _JSON:
            headers.append((b"content-length", b"%d" % sum(map(len, self.parts))))
        if self.behaviour.retry_after_s is not None:
            headers.append((b"retry-after", b"%d" % self.behaviour.retry_after_s))
        return headers


def reply(
    request: SimulatedRequest, api_key: str, usual: Behaviour, serial: int, created: int
) -> Reply:
    """The reply to one request.

    ``usual`` is how the provider behaves where the request's ``x-simulate`` header does not say
    otherwise; ``serial`` tells equal requests apart; ``created`` is in Unix seconds.
    """
    if request.path == "/health":
        return _json(200, {"status": "ok"}, Behaviour())
    behaviour = usual
    try:
        behaviour = _behaviour(request.header(b"x-simulate") or "", usual)
        _check_key(request, api_key)
        return _answer(request, behaviour, serial, created)
    except Refused as refusal:
        return _json(refusal.status, {"error": refusal.error}, behaviour)


def _behaviour(text: str, usual: Behaviour) -> Behaviour:
    """The words of ``x-simulate``, such as ``status=503,delay=2s,chunk-delay=100ms``.

    Errors: ``Refused`` (400) with the word that cannot be read.
    """
    changes: dict[str, Any] = {}
    for word in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = word.partition("=")
        if name not in _WORDS:
            raise Refused(400, f"x-simulate knows {', '.join(_WORDS)}; got {word!r}")
        attribute, read = _WORDS[name]
        try:
            changes[attribute] = read(value)
        except ValueError as error:
            raise Refused(400, f"x-simulate cannot read {word!r}") from error
    return replace(usual, **changes)


def _check_key(request: SimulatedRequest, api_key: str) -> None:
    scheme, _, key = (request.header(b"authorization") or "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise Refused(
            401,
            "You didn't provide an API key. You need to provide your API key in an Authorization"
            " header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
        )
    if key.strip() != api_key:
        raise Refused(401, f"Incorrect API key provided: {_hint(key)}.", code="invalid_api_key")


def _hint(key: str) -> str:
    """Enough of a key to recognise it: three characters, and the last four of a long one."""
    shown = key[-4:] if len(key) >= 16 else ""
    return f"{key[:3]}{'*' * 8}{shown}"


def _answer(request: SimulatedRequest, behaviour: Behaviour, serial: int, created: int) -> Reply:
    if behaviour.status is not None:
        message, kind, code = _FAILURES.get(behaviour.status, _OTHER_FAILURE)
        raise Refused(behaviour.status, message, code=code, kind=kind)
    method, path = request.method, request.path
    if path not in _METHODS:
        raise Refused(404, f"Invalid URL ({method} {path})")
    if method != _METHODS[path]:
        hint = "(HINT: Perhaps you meant to use a different HTTP method?)"
        raise Refused(405, f"Not allowed to {method} on {path}. {hint}")
    if path == _MODELS_PATH:
        return _json(200, _models(created), behaviour)
    question = read_question(request.body)
    completion = answer(question, b"%d %b" % (serial, request.body), created)
    if not question.stream:
        return _json(200, completion.whole(with_usage=behaviour.usage), behaviour)
    events = completion.events(with_usage=question.include_usage and behaviour.usage)
    return Reply(200, b"text/event-stream; charset=utf-8", tuple(events), behaviour)


def _models(created: int) -> dict[str, object]:
    names = sorted({*DATED_MODELS, *DATED_MODELS.values()})
    model = {"object": "model", "created": created, "owned_by": "simulator"}
    return {"object": "list", "data": [{"id": name, **model} for name in names]}


def _json(status: int, payload: dict[str, object], behaviour: Behaviour) -> Reply:
    return Reply(status, _JSON, (json.dumps(payload).encode(),), behaviour)


def _status(text: str) -> int:
    status = int(text)
    if not 400 <= status <= 599:
        raise ValueError(text)
    return status


def _count(text: str) -> int:
    if not text.isdecimal():
        raise ValueError(text)
    return int(text)


def _seconds(text: str) -> float:
    number, per_s = (text[:-2], 1000) if text.endswith("ms") else (text.removesuffix("s"), 1)
    return _count(number) / per_s


def _nothing(text: str) -> bool:
    if text:
        raise ValueError(text)
    return False


_WORDS: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "status": ("status", _status),
    "delay": ("delay_s", _seconds),
    "chunk-delay": ("chunk_delay_s", _seconds),
    "cut": ("cut", _count),
    "retry-after": ("retry_after_s", _count),
    "no-usage": ("usage", _nothing),
}
