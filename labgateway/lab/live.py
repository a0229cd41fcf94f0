"""Widgets that stay up to date: a task on the kernel's loop, for as long as anybody looks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import ipywidgets
import plotly.graph_objects as go

from labgateway.words.errors import LabError

PERIOD_S = 1.0


class Live:
    """Calls ``refresh`` once a second until ``close`` or until the gateway is gone.

    Outside a running loop (a script, a test) nothing runs by itself; ``refresh`` can be called.
    """

    def __init__(self, refresh: Callable[[], None]) -> None:
        self._refresh = refresh
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, if this thread's loop is running; a second call changes nothing."""
        if self._task is not None and not self._task.done():
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        self._task = loop.create_task(self._run())

    def close(self) -> None:
        """End; harmless when it has ended."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(PERIOD_S)
            try:
                self._refresh()
            except LabError:  # the gateway was stopped: what is shown stays as it was
                return


def show(output: ipywidgets.Output, figure: go.Figure) -> None:
    """Put a figure into an output area, in place of what was there.

    Written as data, not printed: nothing goes to the cell that happens to run.
    """
    drawn = json.loads(figure.to_json())
    bundle = {"application/vnd.plotly.v1+json": {**drawn, "config": {"displaylogo": False}}}
    output.outputs = ({"output_type": "display_data", "data": bundle, "metadata": {}},)


def labelled(widget: ipywidgets.Widget, label: str) -> ipywidgets.Widget:
    """A widget with its label before it, wide enough to be read."""
    widget.description = label
    widget.style.description_width = "initial"
    return widget
