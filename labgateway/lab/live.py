"""Widgets that stay up to date: a task on the kernel's loop, for as long as anybody looks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import ipywidgets
import plotly.graph_objects as go

from labgateway.words.errors import LabError

PERIOD_S = 1.0
_KEEPS_KEYS = "labgateway-keeps-keys"
_KEEP_KEYS = """
const listen = (tries) => {  // the page may not hold this element yet
  const parent = element.closest('.labgateway-keeps-keys');
  if (parent) {
    parent.addEventListener('focusin', (event) =>
      event.target.setAttribute('data-lm-suppress-shortcuts', 'true'));
  } else if (tries > 0) {
    requestAnimationFrame(() => listen(tries - 1));
  }
};
listen(600);
"""


class Live:
    """Calls ``refresh`` once a second while the widget is on a page; ends with the lab.

    Outside a running loop (a script, a test) nothing runs by itself; ``refresh`` can be called.
    """

    def __init__(self, widget: ipywidgets.Widget, refresh: Callable[[], None]) -> None:
        widget._view_count = 0  # noqa: SLF001 - ipywidgets' name; from now on pages count themselves
        self._widget = widget
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
            if not self._widget._view_count:  # noqa: SLF001 - as above
                continue
            try:
                self._refresh()
            except LabError:  # the lab was stopped: what is shown stays as it was
                return


def show(output: ipywidgets.Output, figure: go.Figure) -> None:
    """Put a figure into an output area, in place of what was there.

    Written as data, not printed: nothing goes to the cell that happens to run.
    """
    drawn = json.loads(figure.to_json())
    bundle = {"application/vnd.plotly.v1+json": {**drawn, "config": {"displaylogo": False}}}
    output.outputs = ({"output_type": "display_data", "data": bundle, "metadata": {}},)


def keeping_keys(widget: ipywidgets.Widget) -> ipywidgets.Output:
    """An empty child that leaves its parent's controls their keys.

    JupyterLab would take arrows and letters from a list that has the focus: they move between
    cells, and d, d deletes one. Lumino looks for the attribute on the element with the focus.
    """
    widget.add_class(_KEEPS_KEYS)
    bundle = {"application/javascript": _KEEP_KEYS, "text/plain": ""}
    output = {"output_type": "display_data", "data": bundle, "metadata": {}}
    return ipywidgets.Output(outputs=(output,), layout={"height": "0", "overflow": "hidden"})


def labelled(widget: ipywidgets.Widget, label: str) -> ipywidgets.Widget:
    """A widget with its label before it, wide enough to be read."""
    widget.description = label
    widget.style.description_width = "initial"
    return widget
