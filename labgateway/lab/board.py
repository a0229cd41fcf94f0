"""A small live board: how requests end, what they use, how long they take."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ipywidgets
import pandas as pd
import plotly.graph_objects as go

from labgateway.decisions.exchange import Exchange
from labgateway.lab import traffic_figures as figures
from labgateway.lab import traffic_frames as frames
from labgateway.lab.live import Live, keeping_keys, show

_HEIGHT_PX = 280
_COLUMNS = "repeat(auto-fit, minmax(min(100%, 420px), 1fr))"  # two where two can be read
_TABLE = "line-height:1.4;border-spacing:12px 0;border-collapse:separate"
_WINDOWS = (("last minute", 60), ("last 10 minutes", 600), ("all", 0))

Figure = Callable[[Sequence[Exchange]], go.Figure]
Table = Callable[[Sequence[Exchange]], pd.DataFrame]

PANELS: tuple[tuple[str, Figure, Table], ...] = (
    ("requests_by_status", figures.requests_by_status, frames.requests_by_status),
    ("token_usage", figures.token_usage, frames.token_usage),
    ("latency", figures.latency, frames.latency),
    ("time_to_first_token", figures.time_to_first_token, frames.time_to_first_token),
)


class Board(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Four charts, each with its table under it; ``window`` says how far back they look.

    The same without widgets: ``lab.requests_by_status()``, ``lab.token_usage()``,
    ``lab.latency()``, ``lab.time_to_first_token()``, and ``lab.table(NAME)``.
    """

    def __init__(self, recent: Callable[[], Sequence[Exchange]]) -> None:
        self._recent = recent
        self._last: tuple[int, str, int] | None = None
        self.window = ipywidgets.Dropdown(options=_WINDOWS, value=600, description="Show")
        self.window.observe(lambda _change: self.refresh(), "value")
        self.said = ipywidgets.HTML()
        self.charts = {name: ipywidgets.Output() for name, _figure, _table in PANELS}
        self.tables = {name: ipywidgets.HTML() for name in self.charts}
        cells = [ipywidgets.VBox([self.charts[name], self.tables[name]]) for name in self.charts]
        grid = ipywidgets.GridBox(cells, layout={"grid_template_columns": _COLUMNS})
        super().__init__([ipywidgets.HBox([self.window, self.said]), grid])
        self.children += (keeping_keys(self),)
        self.live = Live(self, self.refresh)
        self.refresh()
        self.live.start()

    def close(self) -> None:
        """Stop following the traffic and take the widget away."""
        self.live.close()
        super().close()

    def refresh(self) -> None:
        """Draw again what has changed since the last time."""
        exchanges = list(self._recent())
        newest = exchanges[-1] if exchanges else None
        window_s = self.window.value
        if newest is not None and window_s:
            exchanges = [one for one in exchanges if one.started > newest.started - window_s]
        state = (len(exchanges), newest.span_id if newest else "", window_s)
        if state == self._last:
            return
        self._last = state
        self.said.value = f'<span role="status">{len(exchanges)} requests</span>'
        for name, figure, table in PANELS:
            show(self.charts[name], figure(exchanges).update_layout(height=_HEIGHT_PX))
            text = table(exchanges).to_html(index=False, float_format="{:.3f}".format, border=0)
            text = text.replace("<th>", '<th scope="col" style="text-align:left">')
            self.tables[name].value = text.replace("<table", f'<table style="{_TABLE}"', 1)
