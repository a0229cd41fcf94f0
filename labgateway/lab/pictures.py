"""What the lab draws of requests: figures, their tables, the explorer and the board."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labgateway.decisions.trace_filter import Filter
from labgateway.lab.views import Views
from labgateway.shapes.gateway_api import HTTPRoute
from labgateway.words.errors import LabError, LabNotRunning

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    import plotly.graph_objects as go

    from labgateway.decisions.exchange import Exchange
    from labgateway.lab.board import Board
    from labgateway.lab.client import Client
    from labgateway.lab.explorer import Explorer
    from labgateway.memory.home import Running
    from labgateway.memory.observation import Observation

# Imports stand in the methods: pandas and plotly take a second and 50 MB.
# ruff: noqa: PLC0415

TABLES = (
    *("requests_by_status", "token_usage", "latency", "time_to_first_token"),
    *("topology", "overlap"),
)


class Pictures(Views):
    """The part of the lab that draws. Figures are plotly's ``go.Figure``."""

    _client: Client | None
    _fetched: tuple[tuple[Running, int], list[Exchange]] | None = None

    def observe(self) -> Observation:
        """Everything a check may look at, now."""
        raise NotImplementedError

    def traces(
        self,
        *,
        status: str | int | None = None,
        model: str | None = None,
        route: str | None = None,
        min_duration_s: float | None = None,
        max_duration_s: float | None = None,
        text: str | None = None,
    ) -> pd.DataFrame:
        """The last 2,000 requests, newest first, a row each; filters narrow them down.

        ``status`` is a number or ``"4xx"``; ``model`` is asked, sent or used; ``route`` is part of
        its name; ``text`` is looked for in path, error, ids and, where kept, bodies.
        """
        from labgateway.lab.trace_frames import trace_frame

        wanted = Filter(status, model, route, min_duration_s, max_duration_s, text)
        return trace_frame(self.recent(), wanted)

    def trace(self, trace_id: str | None = None) -> go.Figure:
        """The waterfall of a trace, the last request's unless given; attributes show on hover."""
        from labgateway.lab.figures import waterfall

        return _drawn(waterfall(self.spans(trace_id or self._last_trace_id())))

    def overlap(self, trace_ids: Sequence[str] | None = None) -> go.Figure:
        """Requests as bars over the same time; the last ten unless given."""
        from labgateway.lab.figures import overlap

        return _drawn(overlap(self._chosen(trace_ids)))

    def token_usage(self) -> go.Figure:
        """Tokens by model and type."""
        from labgateway.lab import traffic_figures

        return _drawn(traffic_figures.token_usage(self.recent()))

    def requests_by_status(self) -> go.Figure:
        """Requests over time by status."""
        from labgateway.lab import traffic_figures

        return _drawn(traffic_figures.requests_by_status(self.recent()))

    def latency(self) -> go.Figure:
        """Durations of requests with their percentiles."""
        from labgateway.lab import traffic_figures

        return _drawn(traffic_figures.latency(self.recent()))

    def time_to_first_token(self) -> go.Figure:
        """Times to the first token of streams with their percentiles."""
        from labgateway.lab import traffic_figures

        return _drawn(traffic_figures.time_to_first_token(self.recent()))

    def topology(self) -> go.Figure:
        """The ways from Gateway over routes and backends to models, and what went along them."""
        from labgateway.lab import traffic_figures

        return _drawn(traffic_figures.topology(self.table("topology")))

    def table(self, name: str) -> pd.DataFrame:
        """The numbers behind a figure, by the figure's name. Errors: ``LabError``."""
        from labgateway.lab import traffic_frames
        from labgateway.lab.trace_frames import span_frame

        if name not in TABLES:
            raise LabError(f"there is no table {name!r}; there are {', '.join(TABLES)}")
        if name == "overlap":
            return span_frame(self._chosen(None))
        if name == "topology":
            routes = [
                one for one in self.observe().of_kind("HTTPRoute") if isinstance(one, HTTPRoute)
            ]
            return traffic_frames.topology(self.recent(), routes)
        made: pd.DataFrame = getattr(traffic_frames, name)(self.recent())
        return made

    def explore(self) -> Explorer:
        """The traces explorer, a widget that follows the traffic."""
        from labgateway.lab.explorer import Explorer

        return Explorer(self._while_running, self.spans)

    def board(self) -> Board:
        """The board, a widget that follows the traffic."""
        from labgateway.lab.board import Board

        return Board(self._while_running)

    def _while_running(self) -> list[Exchange]:
        """As ``recent()``; but what asks by itself must not start a lab that was stopped."""
        if self._client is None:
            raise LabNotRunning("the lab was stopped; labgateway.start() starts it again")
        if self._gateway is not None:
            return self._gateway.log.recent()
        client = self.client
        # 2,000 requests take a fifth of a second to fetch and read; this is asked each second.
        position = (client.running, client.get("/exchanges/position"))
        if self._fetched is None or self._fetched[0] != position:
            self._fetched = (position, self.recent())
        return self._fetched[1]

    def _last_trace_id(self) -> str:
        exchanges = self.recent()
        return exchanges[-1].trace_id if exchanges else ""

    def _chosen(self, trace_ids: Sequence[str] | None) -> list[Exchange]:
        exchanges = self.recent()
        if trace_ids is None:
            return exchanges[-10:]
        wanted = set(trace_ids)
        return [one for one in exchanges if one.trace_id in wanted]


# What plotly chooses when neither the learner nor PLOTLY_RENDERER has chosen.
_BY_ITSELF = ("", "browser", "plotly_mimetype+notebook", "plotly_mimetype+notebook_connected")


def _drawn(figure: go.Figure) -> go.Figure:
    """A figure that JupyterLab draws with what is installed beside it.

    plotly would choose by itself to put a copy of its library into the notebook, or a link to one
    on the network.
    """
    import plotly.io

    if plotly.io.renderers.default in _BY_ITSELF:
        plotly.io.renderers.default = "plotly_mimetype"
    return figure
