"""What the lab's views ask of the gateway over the admin port: exchanges, and the bodies switch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from labgateway.decisions.access_log import to_record
from labgateway.memory.exchanges import ExchangeLog

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
