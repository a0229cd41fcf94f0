"""What the lab shows of requests: frames, figures, cards and widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labgateway.decisions.access_log import from_record
from labgateway.memory.exchanges import read_records

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from labgateway.decisions.exchange import Exchange
    from labgateway.edges.gateway import Gateway
    from labgateway.lab.client import Client


class Views:
    """The part of the lab that looks at requests; pandas and plotly are imported when asked for."""

    _gateway: Gateway | None

    @property
    def client(self) -> Client:
        """The admin port of the gateway, wherever it runs."""
        raise NotImplementedError

    @property
    def home(self) -> Path:
        """Where the lab keeps its state."""
        raise NotImplementedError

    def recent(self) -> list[Exchange]:
        """The last 2,000 requests, oldest first."""
        client = self.client
        if self._gateway is not None:
            return self._gateway.log.recent()
        return [from_record(one) for one in client.get("/exchanges")]

    def logs(self) -> pd.DataFrame:
        """The access log, oldest first: one row a request, agentgateway's field names.

        ``time`` is UTC; ``duration`` and the ``agw.ai`` times are seconds; tokens and statuses are
        integers. All requests that are still on disk.
        """
        from labgateway.lab.frames import log_frame  # noqa: PLC0415 - pandas takes a second

        _ = self.client  # takes the gateway over first when its owner is gone
        if self._gateway is not None:
            return log_frame(self._gateway.log.records())
        return log_frame(read_records(self.home / "exchanges.jsonl"))

    def log_bodies(self, on: bool = True) -> None:  # noqa: FBT001, FBT002 - reads as it is said
        """Keep prompts and answers in log and spans from now on, or no longer."""
        self.client.log_bodies(on=on)
