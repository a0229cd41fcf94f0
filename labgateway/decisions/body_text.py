"""Bodies as the text that may be kept of them: decoded, without credentials, cut."""

from __future__ import annotations

import codecs
import re

from labgateway.decisions.exchange import BODY_CHARACTERS
from labgateway.decisions.redaction import redact

# What stands at the end of a body that was cut may be the beginning of a credential.
_MARGIN = 1024
KEPT_BYTES = 4 * (BODY_CHARACTERS + _MARGIN)  # a character of UTF-8 has four bytes at most

# A model speaks in pieces of a word, so a key comes in several events; these fields are its speech.
_SPEECH = re.compile(
    r'"(content|reasoning_content|reasoning|refusal|arguments)":(\s*)"([^"\\]*(?:\\.[^"\\]*)*)"'
)


def body_text(content: bytes, secrets: tuple[str, ...], *, events: bool) -> str:
    """What is kept of a body: at most ``BODY_CHARACTERS``, no credential in it.

    Of a body longer than ``KEPT_BYTES`` no more than these have to be given. ``events``: it is a
    stream of server-sent events.
    """
    cut = len(content) >= KEPT_BYTES
    # A character that the cut went through is left out, not shown as a broken one.
    text, _ = codecs.utf_8_decode(content, "backslashreplace", not cut)
    if events:
        text = _without_keys_in_pieces(text, secrets)
    text = redact(text, secrets)
    return text[: -_MARGIN if cut else None][:BODY_CHARACTERS]


def _without_keys_in_pieces(text: str, secrets: tuple[str, ...]) -> str:
    """Where pieces of speech make up a key, the first of them says it all, redacted."""
    pieces: dict[str, list[str]] = {}
    for name, _space, said in _SPEECH.findall(text):
        pieces.setdefault(name, []).append(said)
    safe = {}
    for name, said in pieces.items():
        together = "".join(said)
        redacted = redact(together, secrets)
        if redacted == together:
            continue
        if redacted != "".join(redact(one, secrets) for one in said):
            safe[name] = redacted

    def replaced(piece: re.Match[str]) -> str:
        name, space, _said = piece.groups()
        if name not in safe:
            return piece[0]
        whole, safe[name] = safe[name], ""
        return f'"{name}":{space}"{whole}"'

    return _SPEECH.sub(replaced, text) if safe else text
