"""The admin port, spoken to: what notebooks, checks and the command line share."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import httpx

from labgateway.lab.kubectl import Kubectl, Outcome
from labgateway.lab.settings import from_environment, kernel_name
from labgateway.memory.doings import Raised
from labgateway.memory.home import Home, Running
from labgateway.memory.observation import Observation, from_json
from labgateway.words.errors import LabError, LabNotRunning

TIMEOUT_S = 30.0


class Client:
    """Talks to the gateway that runs, in this process or another."""

    def __init__(self, running: Running) -> None:
        self.running = running
        # trust_env=False: a proxy from the environment never gets loopback calls.
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{running.admin_port}/{running.secret}",
            trust_env=False,
            timeout=TIMEOUT_S,
            # Nobody closes a client that a cell made; so none keeps a connection open.
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    @classmethod
    def find(cls, home: Path | None = None) -> Self:
        """The gateway of a home (default: the environment's). Errors: ``LabNotRunning``."""
        path = home or from_environment().home
        running = Home(path).last_running() if path.is_dir() else None
        if running is None:
            raise LabNotRunning(
                f"no gateway has run in {path} yet; run the first cell of a notebook"
                " (lab = labgateway.start()), or `labgateway serve` in a terminal"
            )
        client = cls(running)
        if not client.answers():
            client.close()
            raise LabNotRunning(
                f"the gateway of {path} is not running any more; run the first cell of a notebook"
                " (lab = labgateway.start()), or `labgateway serve` in a terminal, to take it up"
                " where it was"
            )
        return client

    def answers(self) -> bool:
        """Whether the gateway is there and takes our secret."""
        try:
            return self.http.get("/version").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def observation(self) -> Observation:
        """What can be observed now. Errors: ``LabNotRunning`` when the gateway has gone."""
        return from_json(self.get("/observation"))

    @property
    def kernel(self) -> str | None:
        """The name of the kernel that this runs in; None outside of one."""
        return kernel_name()

    def answer(self, question: str, value: object) -> None:
        """Record the learner's answer to a question."""
        self._call("POST", "/answers", {"question": question, "value": value, "at": time.time()})

    def hint(self, step: str, level: int) -> None:
        """Record that a hint was shown."""
        self._call("POST", "/hints", {"step": step, "level": level})

    def passed(self, step: str) -> None:
        """Record that a step passed its check."""
        self._call("POST", "/passes", {"step": step, "at": time.time()})

    def reset(self, step: str, questions: tuple[str, ...]) -> None:
        """Begin a step again."""
        body = {"step": step, "questions": list(questions), "at": time.time()}
        self._call("POST", "/resets", body)

    def cell_ran(self, kernel: str, raised: Raised | None) -> None:
        """Record how a cell of a kernel ended."""
        body = {"kernel": kernel, "raised": asdict(raised) if raised else None}
        self._call("POST", "/cells", body)

    def get(self, path: str) -> Any:
        """What a path of the admin port answers, as JSON."""
        return self._call("GET", path).json()

    def log_bodies(self, *, on: bool) -> None:
        """Keep prompts and answers, or no longer."""
        self._call("POST", "/log-bodies", {"on": on})

    @contextmanager
    def bodies_logged(self) -> Iterator[None]:
        """Keep prompts and answers while a block runs; then, error or not, as before."""
        before = self.observation().place.bodies
        self.log_bodies(on=True)
        try:
            yield
        finally:
            self.log_bodies(on=before)

    def use_key(self, key: str | None) -> None:
        """Hand over a provider key, kept in the gateway's memory only; None: forget it."""
        self._call("POST", "/provider-key", {"key": key})

    def kubectl(self, line: str, text: str | None = None, cwd: Path | None = None) -> Outcome:
        """Run one kubectl command; an attempt to apply is remembered for the checks."""
        outcome = Kubectl(self.http).run(line, text, cwd=cwd or Path.cwd())
        if outcome.attempt is not None:
            self._call("POST", "/attempts", asdict(outcome.attempt))
        return outcome

    def apply(self, text: str) -> str:
        """``kubectl apply -f -`` of a text; returns what kubectl prints."""
        outcome = self.kubectl("apply -f -", text)
        return outcome.stdout + outcome.stderr

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    def quit(self) -> None:
        """Ask the gateway to stop."""
        self._call("POST", "/quitquitquit", {})

    def _call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        try:
            response = self.http.request(method, path, json=body)
        except httpx.TransportError as error:
            raise LabNotRunning(
                "the gateway does not answer any more; run lab = labgateway.start() again"
            ) from error
        if response.is_error:
            raise LabError(f"the lab refused {method} {path}: {response.status_code}")
        return response
