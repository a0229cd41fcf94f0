"""What was said in a chat, in the form that spans carry: JSON text by OpenTelemetry's schema.

Source: GenAI semantic conventions v1.41.1, gen-ai-input-messages.json and
gen-ai-output-messages.json. A body that was cut gives what came before the cut.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import from_json

from labgateway.decisions.sse import read_event

Json = dict[str, Any]

_FINISH_REASONS = {"tool_calls": "tool_call", "function_call": "tool_call"}
# The schema demands a reason; an answer that was broken off, or cut, has none.
_UNFINISHED = "error"
_DATA_URL = "data:"


def input_messages(sent: str | None) -> str | None:
    """The messages of a request body; None when there are none to be read."""
    messages = _object(sent).get("messages")
    return _dump([_input(one) for one in _objects(messages)])


def output_messages(response: str | None) -> str | None:
    """The messages of an answer or a stream of events; None when there are none to be read."""
    choices = _objects(_object(response).get("choices")) or _streamed(response or "")
    return _dump([_output(one) for one in choices if isinstance(one.get("message"), dict)])


def _input(message: Json) -> Json:
    role = _text(message.get("role"))
    if role == "tool":
        response = {"response": message.get("content")}
        parts = [{"type": "tool_call_response", "id": message.get("tool_call_id"), **response}]
    else:
        parts = list(_parts(message))
    return {"role": role, "parts": parts}


def _output(choice: Json) -> Json:
    message = choice["message"]
    reason = _text(choice.get("finish_reason"))
    return {
        "role": _text(message.get("role")) or "assistant",
        "parts": list(_parts(message)),
        "finish_reason": _FINISH_REASONS.get(reason, reason) or _UNFINISHED,
    }


def _parts(message: Json) -> Iterator[Json]:
    for name in ("reasoning_content", "reasoning"):
        if _text(message.get(name)):
            yield {"type": "reasoning", "content": message[name]}
    content = message.get("content")
    if isinstance(content, str) and content:
        yield {"type": "text", "content": content}
    for one in _objects(content):
        yield _part(one)
    if _text(message.get("refusal")):
        yield {"type": "text", "content": message["refusal"]}
    for call in _objects(message.get("tool_calls")):
        function = call.get("function")
        called = function if isinstance(function, dict) else {}
        arguments = _arguments(called.get("arguments"))
        named = {"id": call.get("id"), "name": _text(called.get("name"))}
        yield {"type": "tool_call", **named, "arguments": arguments}


def _part(part: Json) -> Json:
    """One of the parts that a message's content may be made of."""
    kind = _text(part.get("type"))
    inner = part.get(kind)
    if kind == "text":
        return {"type": "text", "content": _text(inner)}
    if kind == "image_url" and isinstance(inner, dict):
        return _image(_text(inner.get("url")))
    if kind == "input_audio" and isinstance(inner, dict):
        mime_type = f"audio/{_text(inner.get('format'))}"
        content = _text(inner.get("data"))
        return {"type": "blob", "modality": "audio", "mime_type": mime_type, "content": content}
    return part


def _image(url: str) -> Json:
    if not url.startswith(_DATA_URL):
        return {"type": "uri", "modality": "image", "uri": url}
    head, _, content = url.removeprefix(_DATA_URL).partition(",")
    mime_type = head.partition(";")[0]
    return {"type": "blob", "modality": "image", "mime_type": mime_type, "content": content}


def _arguments(arguments: object) -> object:
    """OpenAI's JSON text as the value that it stands for; as it is when it is no JSON."""
    try:
        return json.loads(arguments) if isinstance(arguments, str) else arguments
    except (ValueError, RecursionError):
        return arguments


def _streamed(events: str) -> list[Json]:
    """The choices of a stream, put together from their deltas, by index."""
    choices: dict[int, Json] = {}
    for event in events.replace("\r\n", "\n").split("\n\n"):
        payload = read_event(event.encode("utf-8", errors="backslashreplace")).payload or {}
        for piece in _objects(payload.get("choices")):
            choice = choices.setdefault(_index(piece), {"message": {}})
            choice["finish_reason"] = piece.get("finish_reason") or choice.get("finish_reason")
            delta = piece.get("delta")
            _add(choice["message"], delta if isinstance(delta, dict) else {})
    return [choices[index] for index in sorted(choices)]


def _add(message: Json, delta: Mapping[str, Any]) -> None:
    """One more delta: pieces of text are joined, and so are a tool call's arguments."""
    for name, value in delta.items():
        if name == "tool_calls":
            for piece in _objects(value):
                _add_call(message.setdefault(name, []), piece)
        elif name != "role" and isinstance(value, str) and isinstance(message.get(name), str):
            message[name] += value
        elif value is not None:
            message[name] = value


def _add_call(calls: list[Json], piece: Json) -> None:
    known = next((one for one in calls if one["index"] == _index(piece)), None)
    if known is None:
        known = {"index": _index(piece), "id": piece.get("id"), "function": {}}
        calls.append(known)
    function = piece.get("function")
    _add(known["function"], function if isinstance(function, dict) else {})


def _index(piece: Json) -> int:
    index = piece.get("index")
    return index if isinstance(index, int) else 0


def _object(text: str | None) -> Json:
    """The object of a JSON text, as far as it goes; {} when it is none."""
    try:
        value = from_json(text or "", allow_partial="trailing-strings")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _dump(messages: list[Json]) -> str | None:
    return json.dumps(messages, ensure_ascii=False, separators=(",", ":")) if messages else None
