"""The whole gateway of one learner: three ports, a store, a log and a provider."""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
import time
from collections.abc import AsyncIterator, Callable

from fastapi import APIRouter

from labgateway.decisions.environment import BIND, first_manifests
from labgateway.decisions.exchange import Exchange
from labgateway.decisions.listeners import Bind
from labgateway.decisions.secret_values import masked
from labgateway.decisions.workloads import Process
from labgateway.edges.admin import Guard, dump_api, lab_api
from labgateway.edges.api_writes import ApiWrites
from labgateway.edges.binds import Binds
from labgateway.edges.console.api import console_api
from labgateway.edges.console.pages import Sources
from labgateway.edges.data_plane import DataPlane
from labgateway.edges.kubernetes import kubernetes_api
from labgateway.edges.otlp_receiver import otlp_api
from labgateway.edges.pod_logs import LINES, PodLogs
from labgateway.edges.providers import Providers
from labgateway.edges.scraper import scraping
from labgateway.edges.serving import ASGIApp, Loop, application, served
from labgateway.edges.sockets import Sockets
from labgateway.edges.stats import stats_app
from labgateway.edges.telemetry_api import metrics_api, spans_api, telemetry_api
from labgateway.edges.tracing import Tracing
from labgateway.edges.transit import Recording
from labgateway.edges.upstream import Upstream
from labgateway.edges.watches import Watches
from labgateway.edges.workloads import Workloads
from labgateway.memory.exchanges import FILE_LIMIT_BYTES, ExchangeLog
from labgateway.memory.home import Home, Running
from labgateway.memory.journal import Journal
from labgateway.memory.metrics import Metrics
from labgateway.memory.observation import Observation, Place
from labgateway.memory.progress import Progress
from labgateway.memory.series import SeriesLog
from labgateway.memory.spans import SpanLog
from labgateway.memory.store import Store
from labgateway.memory.trace_rows import TraceRows
from labgateway.shapes.kinds import kind_of
from labgateway.shapes.settings import Settings

# A computing cell holds the interpreter for this long at a time; the default of 5 ms would add
# 5 ms to every hand-over between the cell and the gateway's thread.
SWITCH_INTERVAL_S = 0.0005


class Gateway:
    """Owns the home's state while it runs. Use ``start()`` and ``stop()``, each once."""

    def __init__(self, settings: Settings, home: Home, on_quit: Callable[[], None]) -> None:
        self.settings = settings
        self.home = home
        resources, progress = Journal(home.resources), Journal(home.progress)
        exchanges = Journal(home.exchanges, limit_bytes=FILE_LIMIT_BYTES)
        spans = Journal(home.spans, limit_bytes=FILE_LIMIT_BYTES)
        self._journals = [resources, exchanges, progress, spans]
        self.binds = Binds(BIND, any_port=settings.gateway_port == 0)
        self.store = Store(resources, listen=self.binds.listen)
        self.log = ExchangeLog(exchanges)
        self.progress = Progress(progress)
        self.metrics = Metrics()
        self.series = SeriesLog(self.metrics)
        self.spans = SpanLog(spans)
        journalled = (self.store, self.log, self.progress, self.spans)
        self.notices = [notice for one in (settings, *journalled) for notice in one.notices]
        self.started = time.time()
        last = home.last_running()
        # Links and kubeconfigs that were given out go on working when another kernel takes over.
        self.secret = last.secret if last is not None else secrets.token_urlsafe(24)
        self._last = None if settings.strict_ports else last
        self.app = application()
        self.keeps_bodies = settings.log_bodies
        self._on_quit = on_quit
        self._loop = Loop("labgateway")
        self.tracing = Tracing(settings, self.metrics.losses, lambda: self._loop.idle_s)
        self._recording = Recording(self._record, lambda: self.keeps_bodies, self.tracing.sampled)
        self.sockets = Sockets()
        self._switch_interval_s = sys.getswitchinterval()
        self._seed()
        self.providers = Providers(settings, self.store, home.model_log)

    def start(self) -> None:
        """Bind the ports, serve on a thread, and publish where.

        Errors: ``PortInUse`` when the ports are strict, ``HomeUnusable``.
        """
        settings = self.settings
        wanted = {**settings.ports, "simulator": 0}
        try:
            last = self._last.ports if self._last is not None else {}
            self.notices += self.sockets.open(wanted, last, strict=settings.strict_ports)
            self.binds.open(self.sockets.port("gateway"))
            self.store.decide()
            sys.setswitchinterval(SWITCH_INTERVAL_S)
            self.tracing.start()
            self._loop.start(self._block)
            self.home.publish(self.running)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End everything that ``start()`` began; harmless when nothing runs."""
        sys.setswitchinterval(self._switch_interval_s)
        self._loop.stop()
        self.tracing.close()
        self.binds.close()
        self.sockets.close()
        for journal in self._journals:
            journal.close()

    @property
    def alive(self) -> bool:
        """Whether the gateway is serving."""
        return self._loop.alive

    @property
    def running(self) -> Running:
        """Where the gateway is, for ``gateway.json``."""
        return Running(
            os.getpid(),
            self.sockets.port("gateway"),
            self.sockets.port("stats"),
            self.sockets.port("admin"),
            self.secret,
            self.providers.mode,
            self.started,
            self.settings.owner,
        )

    def use_key(self, key: str | None) -> None:
        """Route the openai provider to the real OpenAI with this key; None: to the own model."""
        self.providers.use_key(key)
        self.home.publish(self.running)

    def log_bodies(self, on: bool) -> None:  # noqa: FBT001 - a switch is what it is
        """Keep prompts and answers in log and spans from now on, or no longer."""
        self.keeps_bodies = on

    def place(self) -> Place:
        """Where it runs, and how."""
        return Place(
            gateway_url=f"http://localhost:{self.sockets.port('gateway')}",
            metrics_url=f"http://localhost:{self.sockets.port('stats')}/metrics",
            provider=self.providers.mode,
            model=self.providers.model_state,
            started=self.started,
            notices=self._notices(),
            bodies=self.keeps_bodies,
        )

    def observe(self) -> Observation:
        """What checks may see: Secrets without their values."""
        return Observation(
            place=self.place(),
            manifests=tuple(
                masked(one) if one["kind"] == "Secret" else one for one in self.store.all()
            ),
            attempts=self.progress.attempts,
            exchanges=tuple(self.log.recent()),
            answers=self.progress.answers,
            raised=self.progress.raised,
            hints=self.progress.hints,
            reset_at=self.progress.reset_at,
            passed_at=self.progress.passed_at,
            samples=tuple(self.metrics.samples()),
            spans=tuple(self.spans.recent()),
        )

    @contextlib.asynccontextmanager
    async def _block(self) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            await self.providers.start(stack, f"http://127.0.0.1:{self.sockets.port('simulator')}")
            upstream = Upstream(self.providers.directory())
            stack.push_async_callback(upstream.close)
            ports = self._ports

            def data_plane(one: Bind) -> DataPlane:
                return DataPlane(one, self.store.snapshot, upstream, self._recording, ports)

            self.app.mount("/", data_plane(BIND))
            admin = application()
            admin.include_router(lab_api(self.observe, self.progress, self.use_key, self._on_quit))
            admin.include_router(dump_api(self.store, self.log))
            admin.include_router(telemetry_api(self.log, self.log_bodies))
            admin.include_router(metrics_api(self.metrics, self.series, self.log))
            admin.include_router(spans_api(self.log, self.spans))
            admin.include_router(self._console_api())
            logs = PodLogs(self.log, LINES[self.settings.log_format])
            watches = Watches()
            admin.include_router(self._kubernetes_api(logs, watches))
            await stack.enter_async_context(scraping(self.series.scrape))
            stats = stats_app(self.metrics.registry)
            stats.include_router(otlp_api(self.spans.record))
            apps: dict[str, ASGIApp] = {
                "stats": Guard(stats, ports, None),
                "admin": Guard(admin, ports, self.secret),
                "simulator": self.providers.simulator,
            }
            places = [(app, self.sockets[name]) for name, app in apps.items()]
            await stack.enter_async_context(served(*places))
            place = (self.app, self.sockets["gateway"])
            traffic = self.metrics.traffic
            await stack.enter_async_context(served(place, traffic=traffic(BIND)))
            await stack.enter_async_context(self.binds.serving(data_plane, traffic))
            stack.callback(logs.end)  # before the ports close, which would wait for followers
            stack.callback(watches.end)
            yield

    def _notices(self) -> tuple[str, ...]:
        now = (self.providers.notice, self.log.lost, self.spans.lost, self.series.notice)
        return tuple(one for one in (*self.notices, *now, *self.tracing.notices) if one)

    def _console_api(self) -> APIRouter:
        known = (self.store, self.log, TraceRows(self.log), self.spans)
        return console_api(Sources(*known, self.place, lambda: self.providers.keys))

    def _kubernetes_api(self, logs: PodLogs, watches: Watches) -> APIRouter:
        written = ApiWrites(self.progress, lambda: self.providers.keys)
        port = self.sockets.port
        own = Workloads(Process(self.started, port("gateway"), port("stats")))
        return kubernetes_api(self.store, own, logs, watches, written.refused, written.applied)

    def _record(self, exchange: Exchange) -> None:
        self.log.record(exchange)
        self.metrics.record(exchange)
        self.tracing.emit(exchange)

    def _seed(self) -> None:
        if self.store.empty:
            for manifest in first_manifests():
                kind = kind_of(manifest["apiVersion"], manifest["kind"])
                assert kind is not None
                self.store.create(kind, manifest)

    def _ports(self) -> frozenset[int]:
        return self.binds.ports | set(map(self.sockets.port, self.settings.ports))
