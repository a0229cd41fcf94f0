"""``start()``: the lab in this process, as owner of the gateway or attached to another's."""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labgateway.edges.gateway import Gateway
from labgateway.lab import card
from labgateway.lab.cells import CellWatch
from labgateway.lab.client import Client
from labgateway.lab.console import ConsoleLink
from labgateway.lab.keeping import Keeping
from labgateway.lab.kubeconfig import point_kubectl, write_kubeconfig
from labgateway.lab.pictures import Pictures
from labgateway.lab.settings import bypass_proxies, from_environment
from labgateway.lab.terminal import point_here, write_env
from labgateway.memory.home import Home, Running
from labgateway.memory.observation import Observation
from labgateway.shapes.settings import Settings
from labgateway.words.errors import HomeUnusable, LabNotRunning

if TYPE_CHECKING:
    import ipywidgets
    from fastapi import FastAPI

ATTACH_DEADLINE_S = 10.0
_POLL_S = 0.05


class Lab(Pictures, Keeping):
    """The lab in this kernel. Made by ``start()``; shown as a card."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._home = Home(settings.home)
        self._gateway: Gateway | None = None
        self._client: Client | None = None
        self._quit = threading.Event()
        self._join()

    @property
    def owner(self) -> bool:
        """Whether the gateway runs in this process."""
        return self._gateway is not None

    @property
    def app(self) -> FastAPI:
        """The application that serves the gateway port. Errors: ``LabNotRunning`` when attached."""
        if self._gateway is None:
            raise LabNotRunning(
                "the gateway runs in another process; lab.app is there, lab.gateway_url is here"
            )
        return self._gateway.app

    @property
    def client(self) -> Client:
        """The admin port; takes the gateway over first when its owner is gone."""
        if self._client is None or not self._client.answers():
            self._join()
        assert self._client is not None
        return self._client

    @property
    def gateway_url(self) -> str:
        """Where requests go."""
        return f"http://localhost:{self.client.running.gateway_port}"

    @property
    def metrics_url(self) -> str:
        """Where Prometheus would scrape."""
        return f"http://localhost:{self.client.running.stats_port}/metrics"

    @property
    def admin_url(self) -> str:
        """The admin port without its secret."""
        return f"http://localhost:{self.client.running.admin_port}"

    @property
    def console_url(self) -> str:
        """Where a browser finds the console.

        In Jupyter a path at the Jupyter server, behind its login, wherever that is; elsewhere the
        link that carries the admin port's secret.
        """
        return self._settings.console_path or self.console_link

    def console(self) -> ConsoleLink:
        """The way to the console, to be clicked."""
        return ConsoleLink(self.console_url, in_jupyter=self._settings.console_path is not None)

    @property
    def console_link(self) -> str:
        """The console without Jupyter; it carries the secret, so keep it to yourself."""
        return f"{self.admin_url}/{self.client.running.secret}/ui/"

    @property
    def kubeconfig(self) -> Path:
        """What KUBECONFIG is set to in this kernel and the lab's terminals."""
        return self._home.kubeconfig

    @property
    def home(self) -> Path:
        """Where the lab keeps its state."""
        return self._home.path

    def observe(self) -> Observation:
        """Everything a check may look at, now."""
        return self.client.observation()

    def use_key(self, key: str) -> None:
        """Use the real OpenAI from now on. The key stays in the gateway's memory, never on disk."""
        self.client.use_key(key)

    def forget_key(self) -> None:
        """Go back from the real OpenAI to the lab's own model; the gateway forgets the key."""
        self.client.use_key(None)

    def ask_for_key(self) -> ipywidgets.Widget:
        """A password field for a provider key; what is typed there does not enter the notebook."""
        from labgateway.lab.key_field import key_field  # noqa: PLC0415 - ipywidgets takes 0.4 s

        return key_field(self.use_key, self.forget_key)

    def stop(self) -> None:
        """Stop the gateway if it runs here, or let go of it; what was applied stays on disk."""
        if self._gateway is not None:
            running = self._gateway.running
            self._gateway.stop()
            self._gateway = None
            with contextlib.suppress(HomeUnusable):
                self._home.publish(replace(running, stopped=True))
        self._home.disown()
        self._let_go()

    def __repr__(self) -> str:
        """The card as plain text."""
        return card.as_text(self._card)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """The card, as text and as HTML."""
        del include, exclude
        shown = self._card
        return {"text/plain": card.as_text(shown), "text/html": card.as_html(shown)}

    @property
    def _card(self) -> card.Card:
        return card.content(self.observe(), self.client.running, self.home, here=self.owner)

    def _let_go(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _join(self) -> None:
        """Become the owner when there is none, else attach to it.

        Errors: ``LabNotRunning`` when another process owns the home but never answers.
        """
        self._let_go()
        deadline = time.monotonic() + ATTACH_DEADLINE_S
        while True:
            if self._home.own():
                self._own()
                return
            running = self._home.last_running()
            client = Client(running) if running is not None else None
            if client is not None and client.answers():
                self._client = client
                break
            if client is not None:
                client.close()
            if time.monotonic() > deadline:
                raise LabNotRunning(
                    f"another process owns {self._home.path} but its gateway does not answer;"
                    " restart the kernel of the notebook that started it"
                )
            self._quit.wait(_POLL_S)
        self._point()

    def _own(self) -> None:
        gateway = Gateway(
            _same_ports(self._settings, self._home.last_running()), self._home, self._quit.set
        )
        try:
            gateway.start()
        except BaseException:
            self._home.disown()
            raise
        self._gateway = gateway
        self._client = Client(gateway.running)
        write_kubeconfig(self._home, gateway.running)
        write_env(self._home, gateway.running.gateway_port)
        self._point()

    def _point(self) -> None:
        """Let what this process starts find the gateway."""
        assert self._client is not None
        point_kubectl(self._home)
        point_here(self._client.running.gateway_port)

    def wait(self) -> None:
        """Return when somebody asked the gateway to stop."""
        self._quit.wait()

    def interrupt(self) -> None:
        """Make ``wait()`` return."""
        self._quit.set()


def _same_ports(settings: Settings, last: Running | None) -> Settings:
    """The settings with the ports of the gateway that is taken up, so that URLs stay."""
    if last is None or last.stopped or settings.strict_ports:
        return settings
    return replace(
        settings,
        gateway_port=last.gateway_port,
        stats_port=last.stats_port,
        admin_port=last.admin_port,
    )


_current: Lab | None = None
_starting = threading.Lock()


def start() -> Lab:
    """The lab of this kernel; calling it again returns the same one.

    Errors: ``BadSetting`` for the environment, ``HomeUnusable``, ``LabNotRunning``.
    """
    global _current  # noqa: PLW0603 - one kernel has one lab, whichever cell asks
    with _starting:
        if _current is None:
            bypass_proxies()
            lab = _current = Lab(from_environment())
            atexit.register(_stop_quietly, lab, os.getpid())
            CellWatch.install(lambda: lab.client)
        else:
            _ = _current.client
        return _current


def _stop_quietly(lab: Lab, pid: int) -> None:
    """At interpreter exit; a forked child must not stop its parent's gateway."""
    if os.getpid() == pid:
        with contextlib.suppress(Exception):
            lab.stop()
