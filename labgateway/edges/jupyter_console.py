"""The console through the Jupyter server: its login, its origin, and no secret in the browser."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

import httpx
from jupyter_server.base.handlers import JupyterHandler
from tornado import web
from tornado.iostream import StreamClosedError

from labgateway.decisions.jupyter_console import (
    CONSOLE,
    PROGRESS,
    RUNNING,
    console_target,
    given_back,
    location,
    passed_on,
    refusal,
)
from labgateway.decisions.waiting_page import NOT_RUNNING, waiting_page
from labgateway.memory.home import Home, Running
from labgateway.memory.progress_file import NAME, packed
from labgateway.words.errors import LabError

CONNECT_S = 2.0
FIRST_BYTE_S = 30.0


@dataclass(frozen=True)
class Console:
    """Where the gateway's state is, the Jupyter server's base URL, and a client."""

    home: Path
    base_url: str
    http: httpx.AsyncClient

    def running(self) -> Running | None:
        """The gateway of the home, as it says itself; it may have gone since."""
        try:
            running = Home(self.home).last_running()
        except LabError:
            return None
        return None if running is None or running.stopped else running


def console_at(home: Path, base_url: str) -> Console:
    """A console with a client of its own, for one Jupyter server."""
    # A stream of events may be silent for long; the wait for a first byte has its own limit.
    timeout = httpx.Timeout(None, connect=CONNECT_S)
    return Console(home, base_url, httpx.AsyncClient(trust_env=False, timeout=timeout))


class ConsoleHandler(JupyterHandler):
    """Passes requests below ``labgateway/ui/`` on to the admin port of the gateway that runs."""

    _console: Console
    _work: asyncio.Task[None] | None = None

    def initialize(self, console: Console) -> None:
        """Take what tornado's rule carries."""
        self._console = console

    def check_xsrf_cookie(self) -> None:
        """Nothing: the console's pages know no cookie of Jupyter; ``refusal`` asks their origin."""

    def set_cors_headers(self) -> None:
        """Nothing: no other origin is to read the console, whatever Jupyter allows elsewhere."""

    def _log(self) -> None:
        """Nothing for 503: an open console asks again and again, and Jupyter would log each."""
        if self.get_status() != 503:
            super()._log()

    @web.authenticated
    async def get(self) -> None:
        """Answer with what the console answers, or say why not."""
        request = self.request
        refused = refusal(request.method or "", request.headers)
        target = console_target(request.uri or "")
        if refused is not None:
            self._say(403, refused)
        elif target is None:
            self._say(404, f"there is nothing of the console here; it begins at {CONSOLE}")
        else:
            # A task of its own, to be ended when the browser goes away in the middle of a stream.
            self._work = asyncio.ensure_future(self._pass_on(target))
            await asyncio.wait({self._work})
            if not self._work.cancelled():
                self._work.result()

    head = get
    post = get
    put = get
    delete = get

    def on_connection_close(self) -> None:
        """The browser has gone."""
        if self._work is not None:
            self._work.cancel()

    async def _pass_on(self, target: str) -> None:
        running = self._console.running()
        if running is None:
            self._wait_page()
            return
        try:
            async with asyncio.timeout(FIRST_BYTE_S):
                answer = await self._console.http.send(self._outgoing(running, target), stream=True)
        except httpx.TransportError:
            self._wait_page()
        except TimeoutError:
            self._say(504, f"the gateway did not answer within {FIRST_BYTE_S:.0f} s")
        else:
            try:
                await self._give_back(answer, target, running.secret)
            finally:
                await answer.aclose()

    def _outgoing(self, running: Running, target: str) -> httpx.Request:
        path = f"/{running.secret}{target}".encode("latin-1")
        url = httpx.URL(scheme="http", host="127.0.0.1", port=running.admin_port, raw_path=path)
        headers = passed_on(self.request.headers)
        return httpx.Request(
            self.request.method or "GET", url, headers=headers, content=self.request.body or None
        )

    async def _give_back(self, answer: httpx.Response, target: str, secret: str) -> None:
        self.set_status(answer.status_code)
        self.clear_header("Content-Type")
        for name, value in given_back(answer.headers.multi_items()):
            self.add_header(name, value)
        # A second policy only narrows the console's own.
        self.add_header("Content-Security-Policy", "frame-ancestors 'self'")
        if "location" in answer.headers:
            base = f"{self._console.base_url}{CONSOLE}"
            told = location(answer.headers["location"], target, secret, base)
            self.set_header("Location", told or base)
        try:
            async for part in answer.aiter_raw():
                self.write(part)
                await self.flush()
        except StreamClosedError:
            return
        await self.finish()

    def _wait_page(self) -> None:
        """503, as a page for people that opens the console by itself when it can be had."""
        if "text/html" not in self.request.headers.get("Accept", ""):
            self._say(503, NOT_RUNNING)
            return
        self.set_status(503)
        self.set_header("Cache-Control", "no-store")
        page = waiting_page(str(self._console.home), f"{self._console.base_url}{RUNNING}")
        self.set_header("Content-Security-Policy", page.policy)
        self.finish(page.html)

    def _say(self, status: int, sentence: str) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(f"{sentence}\n")


class RunningHandler(JupyterHandler):
    """Whether a gateway answers, for the page that waits for one."""

    _console: Console

    def initialize(self, console: Console) -> None:
        """Take what tornado's rule carries."""
        self._console = console

    @web.authenticated
    async def get(self) -> None:
        """JSON: ``running``."""
        self.set_header("Cache-Control", "no-store")
        self.finish({"running": await self._answers()})

    async def _answers(self) -> bool:
        running = self._console.running()
        if running is None:
            return False
        url = f"http://127.0.0.1:{running.admin_port}/{running.secret}/version"
        try:
            answer = await self._console.http.get(url, timeout=CONNECT_S)
        except httpx.TransportError:
            return False
        return answer.is_success


class ProgressHandler(JupyterHandler):
    """The learner's progress as a file, whether or not a gateway runs."""

    _console: Console

    def initialize(self, console: Console) -> None:
        """Take what tornado's rule carries."""
        self._console = console

    @web.authenticated
    def get(self) -> None:
        """The file as it is now, to be downloaded."""
        refused = refusal("GET", self.request.headers)
        if refused is not None:
            raise web.HTTPError(403, refused)
        self.set_attachment_header(NAME)
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")
        self.finish(packed(Home(self._console.home)))


def console_rules(console: Console) -> list[tuple[str, type[JupyterHandler], dict[str, Console]]]:
    """Tornado's rules for the console."""
    base, given = re.escape(console.base_url), {"console": console}
    return [
        (f"{base}{CONSOLE}.*", ConsoleHandler, given),
        (f"{base}{RUNNING}", RunningHandler, given),
        (f"{base}{PROGRESS}", ProgressHandler, given),
    ]
