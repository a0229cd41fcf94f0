"""ipywidgets of the lab."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets


def key_field(use_key: Callable[[str], None]) -> ipywidgets.Widget:
    """A password field and a button; the field is emptied when the key has been handed over."""
    field = ipywidgets.Password(description="API key", placeholder="sk-…")
    button = ipywidgets.Button(description="Use this key")
    said = ipywidgets.Label("Kept in the gateway's memory only; gone when it stops.")

    def hand_over(_button: object) -> None:
        if not field.value.strip():
            said.value = "The field is empty; nothing was changed."
            return
        use_key(field.value)
        field.value = ""
        said.value = "The openai provider is the real OpenAI now."

    button.on_click(hand_over)
    return ipywidgets.VBox([ipywidgets.HBox([field, button]), said])
