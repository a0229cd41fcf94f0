"""The way to the console, as a notebook shows it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

_BESIDE = "labgateway:console"  # the command of the lab's extension of JupyterLab


@dataclass(frozen=True, repr=False)
class ConsoleLink:
    """A link to the console and, ``in_jupyter``, a button that opens it beside the notebook."""

    url: str
    in_jupyter: bool

    def __repr__(self) -> str:
        """Where it is, in words."""
        if self.in_jupyter:
            return (
                f"The gateway console: {self.url} at this Jupyter server, or its tile in a new tab"
            )
        return f"The gateway console: {self.url} (this link is your key to it; keep it to yourself)"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Text, and HTML whose button JupyterLab's command linker understands."""
        del include, exclude
        link = (
            f'<a href="{escape(self.url)}" target="_blank" rel="noopener">'
            "Open the gateway console in a tab of the browser</a>"
        )
        beside = (
            f'<button type="button" data-commandlinker-command="{_BESIDE}">'
            "Show it beside the notebook</button> "
        )
        shown = f"{beside if self.in_jupyter else ''}{link}"
        return {"text/plain": repr(self), "text/html": f"<p>{shown}</p>"}
