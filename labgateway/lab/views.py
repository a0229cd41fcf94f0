"""What the lab shows of requests: frames, figures, cards and widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from labgateway.decisions.access_log import from_record
from labgateway.decisions.metric_families import Sample, refuse_unknown_sample
from labgateway.decisions.rates import TimeSeries
from labgateway.memory.exchanges import read_records

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
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

    def samples(self) -> list[Sample]:
        """All metric samples as they are now."""
        client = self.client
        if self._gateway is not None:
            return self._gateway.metrics.samples()
        return [Sample(**one) for one in client.get("/samples")]

    def metrics(self) -> pd.DataFrame:
        """What ``metrics_url`` says now, a row a sample: family, name, a column a label, value."""
        from labgateway.lab.metric_frames import sample_frame  # noqa: PLC0415 - pandas takes a second

        return sample_frame(self.samples())

    def series(self, name: str, **labels: str) -> pd.DataFrame:
        """The last ten minutes of a sample, scraped once a second: time, its labels, value.

        ``labels`` choose series, as in ``series("agentgateway_requests_total", status="200")``.
        Errors: ``LabError`` when no sample has the name.
        """
        from labgateway.lab.metric_frames import series_frame  # noqa: PLC0415 - pandas takes a second

        return series_frame(self._time_series(name, labels))

    def rate(self, name: str, by: Sequence[str] = (), window_s: float = 30) -> pd.DataFrame:
        """``sum by (…) (rate(NAME[…s]))`` at each scrape: time, the labels ``by``, value a second.

        Errors: ``LabError`` when no sample has the name.
        """
        from labgateway.lab.metric_frames import rate_frame  # noqa: PLC0415 - pandas takes a second

        return rate_frame(self._time_series(name, {}), by, window_s)

    def quantile(
        self, q: float, family: str, by: Sequence[str] = (), window_s: float = 30
    ) -> pd.DataFrame:
        """``histogram_quantile(q, …)`` of a histogram at each scrape: time, ``by``, value.

        Errors: ``LabError`` when no histogram has the name.
        """
        from labgateway.lab.metric_frames import quantile_frame  # noqa: PLC0415 - as above

        return quantile_frame(q, self._time_series(f"{family}_bucket", {}), by, window_s)

    def _time_series(self, name: str, labels: Mapping[str, str]) -> list[TimeSeries]:
        refuse_unknown_sample(name)
        client = self.client
        if self._gateway is not None:
            self._gateway.series.scrape()  # so that all that was answered is in it
            return self._gateway.series.select(name, labels)
        found = client.get(f"/series/{name}?{urlencode(labels)}")
        return [TimeSeries(**one) for one in found]

    def log_bodies(self, on: bool = True) -> None:  # noqa: FBT001, FBT002 - reads as it is said
        """Keep prompts and answers in log and spans from now on, or no longer."""
        self.client.log_bodies(on=on)
