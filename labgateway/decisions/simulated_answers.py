"""Chat completions of a provider made for tests: the same request gets the same text and usage.

Shapes and the wording of refusals follow api.openai.com as seen in 2025 and 2026. A token is a
word or a punctuation mark; a message costs 4 more and a prompt 3 more, as the chat format does at
OpenAI. Prompts of 1,024 tokens or more are reported as cached, in steps of 128.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ROLES = ("system", "assistant", "user", "function", "tool", "developer")
DATED_MODELS = {
    "gpt-3.5-turbo": "gpt-3.5-turbo-0125",
    "gpt-4": "gpt-4-0613",
    "gpt-4o": "gpt-4o-2024-08-06",
    "gpt-4o-mini": "gpt-4o-mini-2024-07-18",
}

_TOKEN = re.compile(r"\s*(?:\w+|[^\w\s])")
_COUNT_TO = re.compile(r"\bcount to (\d{1,3})\b", re.IGNORECASE)
_QUOTED_CHARACTERS = 80


class Refused(Exception):
    """An error as OpenAI words it; ``error`` is the object under ``error`` in the body."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"message": message, "type": kind, "param": param, "code": code}


@dataclass(frozen=True)
class Question:
    """What a valid request asks; ``text`` is the last message of a user."""

    model: str
    text: str
    prompt_tokens: int
    limit_tokens: int | None
    stream: bool
    include_usage: bool


@dataclass(frozen=True)
class Answer:
    """One completion, to be sent whole or as events; ``created`` is in Unix seconds."""

    id: str
    created: int
    model: str
    tokens: tuple[str, ...]
    finish_reason: str
    usage: dict[str, object]

    def whole(self, *, with_usage: bool) -> dict[str, object]:
        """The body of an answer that is not streamed."""
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": "".join(self.tokens), "refusal": None},
            "logprobs": None,
            "finish_reason": self.finish_reason,
        }
        usage = {"usage": self.usage} if with_usage else {}
        return self._frame("chat.completion", [choice], usage)

    def events(self, *, with_usage: bool) -> Iterator[bytes]:
        """The events of a stream: role, tokens, finish, usage when wanted, ``[DONE]``."""
        usage = {"usage": None} if with_usage else {}
        yield self._chunk({"role": "assistant", "content": "", "refusal": None}, None, usage)
        for token in self.tokens:
            yield self._chunk({"content": token}, None, usage)
        yield self._chunk({}, self.finish_reason, usage)
        if with_usage:
            yield _event(self._frame("chat.completion.chunk", [], {"usage": self.usage}))
        yield b"data: [DONE]\n\n"

    def _chunk(
        self, delta: Mapping[str, object], finish_reason: str | None, usage: Mapping[str, object]
    ) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return _event(self._frame("chat.completion.chunk", [choice], usage))

    def _frame(
        self, kind: str, choices: list[dict[str, Any]], usage: Mapping[str, object]
    ) -> dict[str, object]:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "choices": choices,
            **usage,
            "service_tier": "default",
            # JSON may name lone surrogates, which have no UTF-8 form.
            "system_fingerprint": f"fp_{_digest(self.model.encode(errors='surrogatepass'))[:10]}",
        }


def count_tokens(text: str) -> int:
    """Words plus punctuation marks."""
    return sum(1 for _ in _TOKEN.finditer(text))


def read_question(body: bytes) -> Question:
    """What a request's body asks. Errors: ``Refused`` (400), in the order in which OpenAI looks."""
    asked = _object(body)
    model = asked.get("model")
    if not model or not isinstance(model, str):
        raise Refused(400, "you must provide a model parameter")
    texts = _texts(asked)
    roles = [message["role"] for message in asked["messages"]]
    from_users = [text for role, text in zip(roles, texts, strict=True) if role == "user"]
    options = asked.get("stream_options")
    return Question(
        model=model,
        text=(from_users or texts)[-1],
        prompt_tokens=3 + sum(4 + count_tokens(text) for text in texts),
        limit_tokens=_limit(asked, "max_completion_tokens") or _limit(asked, "max_tokens"),
        stream=asked.get("stream") is True,
        include_usage=isinstance(options, dict) and options.get("include_usage") is True,
    )


def answer(question: Question, identity: bytes, created: int) -> Answer:
    """The completion; ``identity`` is what makes its id its own."""
    tokens = tuple(_TOKEN.findall(_say(question.text)))
    kept = tokens[: question.limit_tokens]
    cached = question.prompt_tokens // 128 * 128 if question.prompt_tokens >= 1024 else 0
    return Answer(
        id=f"chatcmpl-{_digest(identity)[:29]}",
        created=created,
        model=DATED_MODELS.get(question.model, question.model),
        tokens=kept,
        finish_reason="length" if len(kept) < len(tokens) else "stop",
        usage={
            "prompt_tokens": question.prompt_tokens,
            "completion_tokens": len(kept),
            "total_tokens": question.prompt_tokens + len(kept),
            "prompt_tokens_details": {"cached_tokens": cached, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        },
    )


def _say(text: str) -> str:
    counted = _COUNT_TO.search(text)
    if counted:
        return ", ".join(str(number) for number in range(1, int(counted[1]) + 1))
    words = text[:_QUOTED_CHARACTERS].split()
    return f'The simulator read: "{" ".join(words)}" It always gives this answer to it.'


def _digest(identity: bytes) -> str:
    return hashlib.sha256(identity).hexdigest()


def _object(body: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise Refused(400, "We could not parse the JSON body of your request.")
    return asked


def _texts(asked: dict[str, Any]) -> list[str]:
    """The text of each message."""
    if "messages" not in asked:
        raise _missing("messages")
    messages = asked["messages"]
    if not isinstance(messages, list):
        raise _wrong_type("messages", "an array of objects", messages)
    if not messages:
        expected = "Expected an array with minimum length 1, but got an empty array instead."
        sentence = f"Invalid 'messages': empty array. {expected}"
        raise Refused(400, sentence, param="messages", code="empty_array")
    for index, message in enumerate(messages):
        if not isinstance(message, dict):
            raise _wrong_type(f"messages[{index}]", "an object", message)
        _check_role(message, f"messages[{index}].role")
    return [_text(message, f"messages[{index}].content") for index, message in enumerate(messages)]


def _check_role(message: dict[str, Any], param: str) -> None:
    if "role" not in message:
        raise _missing(param)
    if message["role"] not in ROLES:
        known = ", ".join(f"'{role}'" for role in ROLES[:-1]) + f", and '{ROLES[-1]}'"
        sentence = f"Invalid value: '{message['role']}'. Supported values are: {known}."
        raise Refused(400, sentence, param=param, code="invalid_value")


def _text(message: dict[str, Any], param: str) -> str:
    content = message.get("content")
    if content is None and message["role"] == "assistant":
        return ""  # its tool calls may be all it says
    if isinstance(content, list):
        return " ".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    if not isinstance(content, str):
        sentence = f"Invalid value for 'content': expected a string, got {_kind(content)}."
        raise Refused(400, sentence, param=param)
    return content


def _limit(asked: dict[str, Any], name: str) -> int | None:
    limit = asked.get(name)
    if limit is None:
        return None
    if isinstance(limit, bool) or not isinstance(limit, int):
        raise _wrong_type(name, "an integer", limit)
    if limit < 1:
        expected = f"Expected a value >= 1, but got {limit} instead."
        sentence = f"Invalid '{name}': integer below minimum value. {expected}"
        raise Refused(400, sentence, param=name, code="integer_below_min_value")
    return limit


def _missing(param: str) -> Refused:
    sentence = f"Missing required parameter: '{param}'."
    return Refused(400, sentence, param=param, code="missing_required_parameter")


def _wrong_type(param: str, expected: str, got: object) -> Refused:
    sentence = f"Invalid type for '{param}': expected {expected}, but got {_kind(got)} instead."
    return Refused(400, sentence, param=param, code="invalid_type")


def _kind(value: object) -> str:
    names = {dict: "an object", list: "an array", str: "a string", bool: "a boolean"}
    return names.get(type(value), "null" if value is None else "a number")


def _event(payload: dict[str, object]) -> bytes:
    return b"data: " + json.dumps(payload, separators=(",", ":")).encode() + b"\n\n"
