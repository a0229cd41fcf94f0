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

Json = dict[str, Any]


class BodiesBody(BaseModel):
    """Whether prompts and answers are kept."""

    on: bool


def telemetry_api(log: ExchangeLog, log_bodies: Callable[[bool], None]) -> APIRouter:
    """``/exchanges``: the last ones, as journal lines; ``/log-bodies``: the switch."""
    api = APIRouter()

    @api.get("/exchanges")
    def exchanges() -> list[Json]:
        return [to_record(one) for one in log.recent()]

    @api.post("/log-bodies", status_code=204)
    def bodies(body: BodiesBody) -> None:
        log_bodies(body.on)

    return api


def metrics_api(metrics: Metrics, series: SeriesLog) -> APIRouter:
    """``/samples``: all numbers now; ``/series/NAME?label=value``: one's last ten minutes."""
    api = APIRouter()

    @api.get("/samples")
    def samples() -> list[Json]:
        return [one._asdict() for one in metrics.samples()]

    @api.get("/series/{name}")
    def time_series(name: str, request: Request) -> list[Json]:
        series.scrape()
        return [asdict(one) for one in series.select(name, dict(request.query_params))]

    return api
