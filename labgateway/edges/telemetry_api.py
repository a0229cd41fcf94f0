"""What the lab's views ask of the gateway over the admin port: requests, metrics, switches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel

from labgateway.decisions.access_log import to_record
from labgateway.memory.exchanges import ExchangeLog
from labgateway.memory.metrics import Metrics
from labgateway.memory.series import SeriesLog
from labgateway.memory.spans import SpanLog, known_spans, to_json

Json = dict[str, Any]


class BodiesBody(BaseModel):
    """Whether prompts and answers are kept."""

    on: bool


def telemetry_api(log: ExchangeLog, log_bodies: Callable[[bool], None]) -> APIRouter:
    """``/exchanges``: the last ones, as journal lines; ``/log-bodies``: the switch.

    ``/exchanges/position`` says how many there have been: whoever has them need not ask again.
    """
    api = APIRouter()

    @api.get("/exchanges")
    def exchanges() -> list[Json]:
        return [to_record(one) for one in log.recent()]

    @api.get("/exchanges/position")
    def position() -> int:
        return log.position

    @api.post("/log-bodies", status_code=204)
    def bodies(body: BodiesBody) -> None:
        log_bodies(body.on)

    return api


def metrics_api(metrics: Metrics, series: SeriesLog, log: ExchangeLog) -> APIRouter:
    """``/samples``: all numbers now; ``/series/NAME?label=value``: one's last ten minutes.

    ``/moved/SPAN_ID``: what one of the last requests moved, [] when it is not among them.
    """
    api = APIRouter()

    @api.get("/samples")
    def samples() -> list[Json]:
        return [one._asdict() for one in metrics.samples()]

    @api.get("/series/{name}")
    def time_series(name: str, request: Request) -> list[Json]:
        series.scrape()
        return [asdict(one) for one in series.select(name, dict(request.query_params))]

    @api.get("/moved/{span_id}")
    def moved(span_id: str) -> list[Json]:
        found = [one for one in log.recent() if one.span_id == span_id]
        return [one._asdict() for exchange in found[-1:] for one in metrics.moved(exchange)]

    return api


def spans_api(log: ExchangeLog, received: SpanLog) -> APIRouter:
    """``/spans``: the gateway's own and received ones; with ``?trace_id=`` those of a trace."""
    api = APIRouter()

    @api.get("/spans")
    def spans(trace_id: str | None = None) -> list[Json]:
        return [to_json(one) for one in known_spans(log, received, trace_id)]

    return api
