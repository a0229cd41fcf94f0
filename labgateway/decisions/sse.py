"""Server-sent events on the way through (WHATWG HTML §9.2): cut, read, passed on."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace

from labgateway.decisions.chat import ChatAnswer, Usage, answer_of

# An event ends at an empty line; lines end with LF, CRLF or CR.
_BOUNDARY = re.compile(rb"\r?\n\r?\n|\r\r")
_BOUNDARY_BYTES = 4
_HELD_LIMIT_BYTES = 1024 * 1024  # an event longer than this is passed on unread


@dataclass(frozen=True)
class Event:
    """The data of one event; ``done`` is OpenAI's ``[DONE]``."""

    raw: bytes
    payload: dict[str, object] | None
    done: bool

    @property
    def only_usage(self) -> bool:
        """Whether this is the extra last chunk of ``include_usage``: usage and no choices."""
        payload = self.payload or {}
        empty = "choices" in payload and not payload["choices"]
        return isinstance(payload.get("usage"), dict) and empty

    @property
    def has_content(self) -> bool:
        """Whether a choice carries something that the model generated."""
        choices = (self.payload or {}).get("choices")
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
            return False
        delta = choices[0].get("delta")
        return isinstance(delta, dict) and any(
            value for name, value in delta.items() if name != "role"
        )


class EventStream:
    """Follows a stream chunk by chunk.

    ``feed`` returns the bytes to pass on at once: all of them unchanged, or, with ``drop_usage``,
    whole events without the usage chunk. ``answer`` holds what was read so far.
    """

    def __init__(self, *, drop_usage: bool) -> None:
        self.answer = ChatAnswer()
        self.done = False
        self.started = False
        self._drop_usage = drop_usage
        self._held = bytearray()
        self._searched = 0  # bytes of what is held that no boundary begins in

    def feed(self, chunk: bytes) -> bytes:
        """Read a chunk of any size; returns what the client gets of it now."""
        self._held += chunk
        passed = []
        start = 0
        ends = [one.end() for one in _BOUNDARY.finditer(self._held, self._searched)]
        for end in ends:
            passed.append(self._take(read_event(bytes(self._held[start:end]))))
            start = end
        del self._held[:start]
        if len(self._held) > _HELD_LIMIT_BYTES:
            passed.append(bytes(self._held))
            self._held.clear()
        self._searched = max(len(self._held) - _BOUNDARY_BYTES + 1, 0)
        return b"".join(passed) if self._drop_usage else chunk

    def finish(self) -> bytes:
        """Read what came after the last boundary; returns what the client still gets."""
        rest = bytes(self._held)
        self._held.clear()
        if not rest:
            return b""
        passed = self._take(read_event(rest))
        return passed if self._drop_usage else b""

    def _take(self, event: Event) -> bytes:
        self.done = self.done or event.done
        self.started = self.started or event.has_content
        if event.payload is not None:
            self.answer = merge(self.answer, answer_of(event.payload))
        return b"" if self._drop_usage and event.only_usage else event.raw


def read_event(raw: bytes) -> Event:
    """One event from its lines; comments and fields other than ``data`` carry no payload."""
    lines = re.split(rb"\r\n|\n|\r", raw)
    data = b"\n".join(
        line[5:].removeprefix(b" ") for line in lines if line.startswith(b"data:")
    ).strip()
    if data == b"[DONE]":
        return Event(raw, None, done=True)
    try:
        payload = json.loads(data) if data else None
    except (ValueError, RecursionError):
        payload = None
    return Event(raw, payload if isinstance(payload, dict) else None, done=False)


def merge(known: ChatAnswer, new: ChatAnswer) -> ChatAnswer:
    """What is known after one more chunk; a later usage replaces an earlier one."""
    usage = known.usage if new.usage == Usage() else new.usage
    return replace(
        known,
        response_model=new.response_model or known.response_model,
        response_id=new.response_id or known.response_id,
        usage=usage,
        # One choice ends after the other, each in a chunk of its own.
        finish_reasons=known.finish_reasons + new.finish_reasons,
    )
