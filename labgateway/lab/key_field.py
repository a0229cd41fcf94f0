"""The field for a provider key, and the way back from it."""

from __future__ import annotations

import re
from collections.abc import Callable

import ipywidgets

_USE, _ALL_THE_SAME = "Use this key", "Use it all the same"
_AS_OPENAI = re.compile(r"sk-[A-Za-z0-9_-]{20,}")


def key_field(use_key: Callable[[str], None], forget_key: Callable[[], None]) -> ipywidgets.Widget:
    """A password field, a button to use what is in it, and one that leads back.

    The field is emptied when the key has been handed over; no text names any part of it.
    """
    field = ipywidgets.Password(description="API key", placeholder="sk-…")
    use = ipywidgets.Button(description=_USE)
    back = ipywidgets.Button(description="Back to the small model", layout={"width": "auto"})
    said = ipywidgets.Label("Kept in the gateway's memory only; gone when it stops.")

    def hand_over(_button: object) -> None:
        key = field.value.strip()
        doubt = _doubt(key)
        if doubt and (use.description == _USE or not _can_be_sent(key)):
            said.value = f"{doubt} Nothing was changed."
            use.description = _ALL_THE_SAME if _can_be_sent(key) else _USE
            return
        use_key(key)
        field.value = ""
        said.value = "The openai provider is the real OpenAI now; lab.forget_key() leads back."

    def go_back(_button: object) -> None:
        forget_key()
        field.value = ""
        said.value = "The openai provider is the lab's own model again; the key is forgotten."

    def typed(_change: object) -> None:
        use.description = _USE

    use.on_click(hand_over)
    back.on_click(go_back)
    field.observe(typed, "value")
    return ipywidgets.VBox([ipywidgets.HBox([field, use, back]), said])


def _doubt(key: str) -> str:
    """Why a text is probably no key of OpenAI's, "" when it looks like one."""
    if not key:
        return "The field is empty."
    if not _can_be_sent(key):
        return (
            "This cannot be a key: a header takes plain letters, digits and signs. Copy it again."
        )
    if _AS_OPENAI.fullmatch(key):
        return ""
    return "This does not look like a key of OpenAI's, which is sk- and 20 characters or more."


def _can_be_sent(key: str) -> bool:
    return bool(key) and key.isascii() and key.isprintable()
