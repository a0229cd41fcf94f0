"""What the lab shows of requests: frames, figures, cards and widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from labgateway.decisions.access_log import from_record
from labgateway.decisions.metric_families import Moved, Sample, moved_by, refuse_unknown_sample
from labgateway.decisions.rates import TimeSeries
from labgateway.lab.request_card import RequestCard
from labgateway.lab.request_lookup import find
from labgateway.memory.exchanges import read_exchanges, read_records
from labgateway.memory.spans import from_json, known_spans

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    import pandas as pd

    from labgateway.decisions.exchange import Exchange
    from labgateway.decisions.spans import Span
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

    @property
    def otlp_endpoint(self) -> str:
        """Where code of one's own sends spans: ``OTLPSpanExporter(f"{…}/v1/traces")``."""
        return f"http://localhost:{self.client.running.stats_port}"

    def spans(self, trace_id: str | None = None) -> list[Span]:
        """All spans, or those of a trace, by their beginning: the gateway's and received ones.

        A trace that is not sampled has none of the gateway's.
        """
        client = self.client
        if self._gateway is not None:
            return known_spans(self._gateway.log, self._gateway.spans, trace_id)
        query = "" if trace_id is None else f"?{urlencode({'trace_id': trace_id})}"
        return [from_json(one) for one in client.get(f"/spans{query}")]

    def request(self, trace_id: object = None) -> RequestCard:
        """One request in all its views: the last one, whatever became of it, or the one asked for.

        ``trace_id`` is one or at least four characters of its beginning, a span id, or what came
        back: a response of httpx or of the OpenAI SDK, a completion, an error with a response.
        Errors: ``LabError`` when there is no such request, or more than one.
        """
        known = self.recent()
        exchange = find(trace_id, known, self._remembered)
        trace = (one for one in known if one.trace_id == exchange.trace_id)
        return RequestCard(
            exchange,
            self._moved(exchange),
            tuple(self.spans(exchange.trace_id)),
            tuple(one for one in trace if one.span_id != exchange.span_id),
        )

    def _remembered(self) -> list[Exchange]:
        """All requests that are still on disk, oldest first."""
        if self._gateway is not None:
            return read_exchanges(self._gateway.log.records())
        return read_exchanges(read_records(self.home / "exchanges.jsonl"))

    def _moved(self, exchange: Exchange) -> tuple[Moved, ...]:
        """What a request moved, under the labels that it was counted under."""
        client = self.client
        if self._gateway is not None:
            return self._gateway.metrics.moved(exchange)
        found = client.get(f"/moved/{exchange.span_id}")
        known = (Moved(one["family"], tuple(one["labels"]), one["amount"]) for one in found)
        return tuple(known) or moved_by(exchange)

    def log_bodies(self, on: bool = True) -> None:  # noqa: FBT001, FBT002 - reads as it is said
        """Keep prompts and answers in log and spans from now on, or no longer."""
        self.client.log_bodies(on=on)

    def bodies_logged(self) -> AbstractContextManager[None]:
        """``with lab.bodies_logged(): …`` keeps prompts and answers of requests in the block.

        When it ends, by an error too, the switch is where it was before.
        """
        return self.client.bodies_logged()
