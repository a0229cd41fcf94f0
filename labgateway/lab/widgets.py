"""The widget that takes progress along and brings it back."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import ipywidgets

from labgateway.decisions.jupyter_console import CONSOLE, PROGRESS
from labgateway.words.errors import LabError


def progress_box(console_url: str, restore: Callable[[str], object]) -> ipywidgets.Widget:
    """A link that downloads the progress, through Jupyter, and a button that restores a file's."""
    link = (
        f'<a href="{escape(console_url.replace(CONSOLE, PROGRESS))}" download>Download my progress'
        "</a>: what you applied, asked and answered; no keys, no prompts."
        if console_url.endswith(CONSOLE)
        else "Outside Jupyter <code>lab.save_progress()</code> writes the progress to a file."
    )
    upload = ipywidgets.FileUpload(
        accept=".json", description="Restore my progress", layout={"width": "auto"}
    )
    said = ipywidgets.HTML()

    def take(_change: object) -> None:
        if not upload.value:
            return
        text = bytes(upload.value[0]["content"]).decode("utf-8", errors="replace")
        try:
            restore(text)
        except LabError as error:
            said.value = f'<p role="status">Not restored: {escape(str(error))}</p>'
        else:
            said.value = '<p role="status">Restored. The gateway has started again with it.</p>'

    upload.observe(take, "value")
    return ipywidgets.VBox([ipywidgets.HTML(link), upload, said])
