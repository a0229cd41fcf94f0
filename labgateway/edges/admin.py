"""The admin port: the Kubernetes API and what the lab's own notebooks and checks need.

Everything is behind a secret path prefix, because kubectl sends no bearer token over plain HTTP.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field, SecretStr

from labgateway.decisions.backends import Backend, HTTPBackend
from labgateway.decisions.origin import is_loopback, one_host, refuse_foreign_origin
from labgateway.memory.doings import Answer, Raised, attempt_from
from labgateway.memory.exchanges import ExchangeLog
from labgateway.memory.observation import Observation
from labgateway.memory.progress import Progress
from labgateway.memory.store import Store
from labgateway.words.errors import GatewayError

Json = dict[str, Any]


class AnswerBody(BaseModel):
    """A learner's answer."""

    question: str = Field(max_length=200)
    value: Any
    at: float


class CellBody(BaseModel):
    """How the last cell of a kernel ended."""

    kernel: str = Field(max_length=4096)
    raised: Json | None


class HintBody(BaseModel):
    """A hint that was shown."""

    step: str
    level: int


class PassBody(BaseModel):
    """A step that passed its check."""

    step: str
    at: float


class ResetBody(BaseModel):
    """A step to begin again."""

    step: str
    questions: list[str]
    at: float


class KeyBody(BaseModel):
    """A provider key from the password widget, kept in memory only; null: forget it."""

    key: SecretStr | None


def lab_api(
    observe: Callable[[], Observation],
    progress: Progress,
    use_key: Callable[[str | None], None],
    stop: Callable[[], None],
) -> APIRouter:
    """What notebooks, checks and the command line ask of the lab."""
    api = APIRouter()
    api.include_router(progress_api(progress))

    @api.get("/observation")
    def observation() -> Json:
        return observe().to_json()

    @api.post("/provider-key", status_code=204)
    def provider_key(body: KeyBody) -> None:
        use_key(body.key.get_secret_value() if body.key is not None else None)

    @api.post("/quitquitquit", status_code=204)
    def quit_() -> None:
        stop()

    return api


def progress_api(progress: Progress) -> APIRouter:
    """What the learner does besides requests."""
    api = APIRouter()

    @api.post("/attempts", status_code=204)
    def attempt(body: Json) -> None:
        progress.attempt(attempt_from(body))

    @api.post("/answers", status_code=204)
    def answer(body: AnswerBody) -> None:
        progress.answer(body.question, Answer(body.value, body.at))

    @api.post("/cells", status_code=204)
    def cell(body: CellBody) -> None:
        progress.cell_ran(body.kernel, Raised(**body.raised) if body.raised else None)

    @api.post("/hints", status_code=204)
    def hint(body: HintBody) -> None:
        progress.hint(body.step, body.level)

    @api.post("/passes", status_code=204)
    def passed(body: PassBody) -> None:
        progress.passed(body.step, body.at)

    @api.post("/resets", status_code=204)
    def reset(body: ResetBody) -> None:
        progress.reset(body.step, tuple(body.questions), body.at)

    return api


def dump_api(store: Store, log: ExchangeLog) -> APIRouter:
    """``/config_dump``: what is in force, for people who debug."""
    api = APIRouter()

    @api.get("/config_dump")
    def config_dump() -> Json:
        snapshot = store.snapshot()
        backends: list[Backend | HTTPBackend] = [
            *snapshot.backends.values(),
            *snapshot.static.values(),
        ]
        return {
            "binds": [
                {
                    "gateway": str(table.gateway),
                    "port": table.port,
                    "address": f"127.0.0.1:{snapshot.ports[bind]}",
                    "url": f"{table.scheme}://127.0.0.1:{snapshot.ports[bind]}",
                    "listeners": [one.name for one in table.listeners],
                }
                for bind, table in snapshot.tables.items()
                if bind in snapshot.ports
            ],
            "backends": [
                {**asdict(one), "key": str(one.key), "credential": one.credential is not None}
                for one in backends
            ],
            "resources": [str(key) for key in snapshot.resources],
            "exchanges": len(log.recent()),
        }

    return api


class Guard:
    """ASGI: loopback Host only, no foreign Origin, and the secret first path element, if any."""

    def __init__(
        self, app: FastAPI, ports: Callable[[], frozenset[int]], secret: str | None
    ) -> None:
        self._app = app
        self._ports = ports
        self._secret = secret

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on without the secret, or refuse it in one sentence."""
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        if self._secret is not None:
            prefix = f"/{self._secret}"
            scope = {
                **scope,
                "path": scope["path"].removeprefix(prefix) or "/",
                "raw_path": scope["raw_path"].removeprefix(prefix.encode()) or b"/",
            }
        await self._app(scope, receive, send)

    def _refusal(self, scope: Any) -> PlainTextResponse | None:
        try:
            host = one_host(scope["headers"])
            refuse_foreign_origin(scope["headers"], self._ports())
        except GatewayError as error:
            return PlainTextResponse(str(error), error.status)
        if not is_loopback(host):
            return PlainTextResponse("misdirected request", 421)
        if self._secret is None:
            return None
        given = scope["path"].split("/")[1]
        if hmac.compare_digest(given.encode(), self._secret.encode()):
            return None
        return PlainTextResponse(
            "the admin port needs the lab's secret path; use the lab's kubeconfig or console link",
            401,
        )
