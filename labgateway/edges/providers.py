"""Who answers: the real OpenAI, the lab's own small model, or the simulator."""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path

from labgateway.decisions.environment import (
    LOCAL_MODEL_NAMES,
    LOCAL_SECRET,
    OPENAI_SECRET,
    provider_secret,
)
from labgateway.edges.model_process import ModelProcess, find_model
from labgateway.edges.simulator import Simulator
from labgateway.edges.upstream import Directory
from labgateway.memory.store import Store
from labgateway.shapes.kinds import KINDS
from labgateway.shapes.settings import ProviderMode, Settings
from labgateway.words.errors import ModelUnavailable, UpstreamCallFailed

_SECRET = next(kind for kind in KINDS if kind.kind == "Secret")


class Providers:
    """Starts the model beside the gateway, and keeps the keys in memory.

    ``mode`` is who stands behind the openai provider now; ``notice`` says why there is no model.
    """

    def __init__(self, settings: Settings, store: Store, model_log: Path) -> None:
        self.mode: ProviderMode = settings.provider
        self.notice: str | None = None
        self._settings = settings
        self._store = store
        self._model_log = model_log
        self._local_key = f"sk-lab-{secrets.token_hex(16)}"
        self._openai_key = settings.openai_api_key
        self._model: ModelProcess | None = None
        self._simulator_origin = ""
        self.simulator = Simulator(self._local_key)
        self._provide()

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that must be shown to nobody."""
        return tuple(key for key in (self._openai_key, self._local_key) if key)

    @property
    def model_state(self) -> str:
        """How the local model is: starting, ready, …, or that the simulator stands in."""
        return self._model.state if self._model is not None else "simulator"

    def use_key(self, key: str | None) -> None:
        """The openai provider is the real OpenAI with this key, or without one the own model."""
        own: ProviderMode = "simulator" if self._settings.provider == "simulator" else "local"
        self._openai_key = key.strip() if key else None
        self.mode = "openai" if self._openai_key else own
        self._provide()

    async def start(self, stack: contextlib.AsyncExitStack, simulator_origin: str) -> None:
        """Start the model; ``stack`` ends it."""
        self._simulator_origin = simulator_origin
        if self._settings.provider == "simulator":
            return
        found = find_model()
        if isinstance(found, str):
            self.notice = f"{found}; the simulator answers instead"
            return
        self._model = ModelProcess(self._local_key, self._model_log)
        stack.push_async_callback(self._model.stop)
        await self._model.start()

    def directory(self) -> Directory:
        """Where calls go."""
        names = dict.fromkeys(LOCAL_MODEL_NAMES, self._local_origin)
        return Directory(self._openai_base, names, self._settings.proxy)

    async def _local_origin(self) -> str:
        if self._model is None:
            return self._simulator_origin
        try:
            return (await self._model.endpoint()).url
        except ModelUnavailable as error:
            raise UpstreamCallFailed(str(error)) from error

    async def _openai_base(self) -> str:
        if self.mode == "openai":
            return self._settings.openai_base_url
        return f"{await self._local_origin()}/v1"

    def _provide(self) -> None:
        openai_key = self._openai_key if self.mode == "openai" else self._local_key
        for name, key in ((OPENAI_SECRET, openai_key), (LOCAL_SECRET, self._local_key)):
            self._store.provide(_SECRET, provider_secret(name, key or ""))
