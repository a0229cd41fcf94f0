"""Chat completions on the way through: what is asked, what is sent on, what was used.

Source: agentgateway v1.4.1 (llm/policy, llm/mod.rs): the backend's model overwrites the client's;
``stream_options.include_usage`` is added to a stream that did not ask for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from labgateway.words.errors import LLMRequestUnreadable, LLMResponseUnreadable

SHOWN_FIELDS = 32
SHOWN_CHARACTERS = 64
MODEL_CHARACTERS = 256  # as long as the CRD lets a model's name be
_READ = ("model", "messages", "stream", "stream_options")
# OpenTelemetry's name → OpenAI's, the newer one first.
_PARAMETERS = {
    "temperature": ("temperature",),
    "top_p": ("top_p",),
    "frequency_penalty": ("frequency_penalty",),
    "presence_penalty": ("presence_penalty",),
    "max_tokens": ("max_completion_tokens", "max_tokens"),
    "seed": ("seed",),
}
_COUNTS = frozenset({"max_tokens", "seed"})  # whole numbers
_COUNT_LIMIT = 2**53  # beyond it a count is no count, and a metric could not hold it


@dataclass(frozen=True)
class Usage:
    """Tokens as the provider counted them; None is unknown, which is not 0."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


UNKNOWN_USAGE = Usage()


@dataclass(frozen=True)
class ChatRequest:
    """A request as it goes to the provider.

    ``original_model`` is what the client asked for (None when it named none), ``request_model``
    what is sent. ``fields`` and ``roles`` name the parts of the body, never their content;
    ``parameters`` are numbers that steer the model, as OpenTelemetry names them. Long names are
    cut. ``drop_usage`` is true when a usage chunk will come that the client did not ask for.
    """

    body: bytes
    original_model: str | None
    request_model: str
    stream: bool
    drop_usage: bool
    fields: tuple[str, ...]
    roles: tuple[str, ...]
    parameters: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class ChatAnswer:
    """What of an answer the exchange remembers."""

    response_model: str | None = None
    response_id: str | None = None
    usage: Usage = UNKNOWN_USAGE
    finish_reasons: tuple[str, ...] = ()


def read_request(body: bytes, model: str | None) -> ChatRequest:
    """Decide what is sent for a body, given the backend's model.

    Bytes are passed on unchanged unless the model differs or usage has to be asked for.
    Errors: ``LLMRequestUnreadable``.
    """
    payload = _object(body)
    fields = tuple(_shown(name, SHOWN_CHARACTERS) for name in list(payload)[:SHOWN_FIELDS])
    messages: list[Any] = payload.get("messages", [])
    original: str | None = payload.get("model")
    request_model = model or original
    problem = _problem(payload) or (None if request_model else "model not specified")
    if problem or not request_model:
        raise LLMRequestUnreadable(problem or "", fields)
    stream = payload.get("stream") is True
    changes: dict[str, Any] = {}
    if request_model != original:
        changes["model"] = request_model
    given = payload.get("stream_options")
    options = given if isinstance(given, dict) else {}
    asked = options.get("include_usage") is True
    if stream and not asked:
        changes["stream_options"] = {**options, "include_usage": True}
    return ChatRequest(
        body=_dump({**payload, **changes}) if changes else body,
        original_model=_text(original or None),
        request_model=_shown(request_model, MODEL_CHARACTERS),
        stream=stream,
        drop_usage=stream and not asked,
        fields=fields,
        roles=tuple(_role(one) for one in messages[:SHOWN_FIELDS]),
        parameters=tuple(_parameters(payload)),
    )


def _parameters(payload: dict[str, Any]) -> Iterator[tuple[str, float]]:
    for name, asked in _PARAMETERS.items():
        value: object = next((payload[one] for one in asked if one in payload), None)
        # Not every int fits in the 64 bits of an OpenTelemetry attribute.
        if (
            isinstance(value, int if name in _COUNTS else int | float)
            and not isinstance(value, bool)
            and abs(value) < _COUNT_LIMIT
        ):
            yield name, value


def _problem(payload: dict[str, Any]) -> str:
    """What keeps an object from being a chat completion request, as the real gateway words it."""
    if "messages" not in payload:
        return "failed to parse request: missing field `messages`"
    if not isinstance(payload["messages"], list):
        return "failed to parse request: `messages` is not an array"
    if not isinstance(payload.get("model"), str | None):
        return "failed to parse request: `model` is not a string"
    return ""


def read_answer(body: bytes) -> ChatAnswer:
    """Model, id and usage of a complete answer.

    Errors: ``LLMResponseUnreadable`` when the body is not a JSON object.
    """
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise LLMResponseUnreadable("the body is not JSON") from error
    if not isinstance(payload, dict):
        raise LLMResponseUnreadable("the body is not a JSON object")
    return answer_of(payload)


def answer_of(payload: dict[str, Any]) -> ChatAnswer:
    """Model, id and usage of an answer or of one chunk of a stream."""
    return ChatAnswer(
        _text(payload.get("model")),
        _text(payload.get("id")),
        _usage(payload),
        _finish_reasons(payload),
    )


def _finish_reasons(payload: dict[str, Any]) -> tuple[str, ...]:
    choices = payload.get("choices")
    if not isinstance(choices, list):
        return ()
    reasons = [one.get("finish_reason") for one in choices[:SHOWN_FIELDS] if isinstance(one, dict)]
    return tuple(_shown(one, SHOWN_CHARACTERS) for one in reasons if isinstance(one, str))


def _usage(payload: dict[str, Any]) -> Usage:
    usage = payload.get("usage")
    if not isinstance(usage, dict):
        return Usage()
    prompt, completion = usage.get("prompt_tokens_details"), usage.get("completion_tokens_details")
    return Usage(
        _count(usage, "prompt_tokens"),
        _count(usage, "completion_tokens"),
        _count(prompt, "cached_tokens"),
        _count(completion, "reasoning_tokens"),
    )


def _count(mapping: object, name: str) -> int | None:
    value = mapping.get(name) if isinstance(mapping, dict) else None
    counted = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _COUNT_LIMIT
    return value if counted else None


def _text(value: object) -> str | None:
    return _shown(value, MODEL_CHARACTERS) if isinstance(value, str) else None


def _shown(text: str, limit: int) -> str:
    """The beginning of a text; lone surrogates, which have no UTF-8 form, as escapes."""
    return text[:limit].encode("utf-8", errors="backslashreplace").decode()


def _role(message: object) -> str:
    role = message.get("role") if isinstance(message, dict) else None
    return _shown(role, SHOWN_CHARACTERS) if isinstance(role, str) else ""


def _object(body: bytes) -> dict[str, Any]:
    last: list[tuple[str, Any]] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal last
        last = pairs  # the outermost object is the last one to be complete
        return dict(pairs)

    try:
        payload = json.loads(body.decode(), parse_constant=_no_constant, object_pairs_hook=members)
    except (ValueError, RecursionError) as error:
        why = "the body is empty" if not body else f"the body is not JSON ({_short(error)})"
        raise LLMRequestUnreadable(f"failed to parse request: {why}") from None
    if not isinstance(payload, dict):
        raise LLMRequestUnreadable("failed to parse request: the body is not a JSON object")
    if len(last) > len(payload):
        names = [name for name, _value in last]
        # The provider could read the other one than the gateway decided on.
        twice = next((name for name in _READ if names.count(name) > 1), None)
        if twice is not None:
            raise LLMRequestUnreadable(f"failed to parse request: duplicate field `{twice}`")
    return payload


class _NoNumber(ValueError):
    """NaN or Infinity, which Python's JSON has and JSON has not."""


def _short(error: Exception) -> str:
    """Where the body stops being JSON, without repeating any of it."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at line {error.lineno} column {error.colno}"
    if isinstance(error, _NoNumber):
        return f"{error} is no number"
    return "not UTF-8" if isinstance(error, UnicodeDecodeError) else type(error).__name__


def _no_constant(name: str) -> NoReturn:
    raise _NoNumber(name)


def _dump(payload: dict[str, Any]) -> bytes:
    try:
        text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (ValueError, RecursionError):  # 1e999 is JSON, and no number
        raise LLMRequestUnreadable("failed to parse request: a number is too large") from None
    # Lone surrogates are legal in JSON escapes and have no UTF-8 form.
    return text.encode("utf-8", errors="backslashreplace")
