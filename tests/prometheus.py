"""A real Prometheus on a free port, and a gateway that it scrapes while requests go through."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.conftest import BACKEND, ROUTE, Running, gateway_in

DEPLOYED = Path(__file__).parents[1] / "deploy" / "observability" / "prometheus.yml"
DEADLINE_S = 20.0
NEEDS_PROMETHEUS = pytest.mark.skipif(
    shutil.which("prometheus") is None, reason="needs a prometheus (Debian: apt install prometheus)"
)
NEEDS_PROMTOOL = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="needs promtool (Debian: apt install prometheus)"
)
_READY = "Server is ready to receive web requests"
_ADDRESS = re.compile(r'Listening on" address=(\S+)')

Result = list[dict[str, Any]]


class Prometheus:
    """A Prometheus of one test, with its data in a directory."""

    def __init__(self, directory: Path, configuration: str = "") -> None:
        config = directory / "prometheus.yml"
        config.write_text(configuration)
        self._process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={config}",
                f"--storage.tsdb.path={directory / 'data'}",
                "--storage.tsdb.retention.time=10y",
                "--web.listen-address=127.0.0.1:0",
                "--enable-feature=exemplar-storage",
            ],
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stderr is not None
        self._log = self._process.stderr
        self.url = f"http://{self._address_when_ready()}"
        # Nobody reads the log from now on, and a full pipe would stop Prometheus.
        threading.Thread(target=self._log.read, daemon=True).start()

    def _address_when_ready(self) -> str:
        said = ""
        for line in self._log:
            said += line
            address = _ADDRESS.search(said)
            if address is not None and _READY in said:  # whichever is said first
                return address[1]
        raise AssertionError(said)

    def query(self, expression: str, at: float | None = None) -> Result:
        """The instant vector of an expression, now or at a Unix time."""
        moment = {} if at is None else {"time": at}
        found: Result = self._get("query", query=expression, **moment)["result"]
        return found

    def exemplars(self, expression: str) -> Result:
        """The exemplars of the series in an expression, of the last minute."""
        now = time.time()
        found: Result = self._get("query_exemplars", query=expression, start=now - 60, end=now + 1)
        return found

    def targets(self) -> Result:
        """What is scraped, and how that goes."""
        found: Result = self._get("targets")["activeTargets"]
        return found

    def _get(self, what: str, **parameters: str | float) -> Any:
        answer = httpx.get(f"{self.url}/api/v1/{what}", params=parameters, trust_env=False).json()
        assert answer["status"] == "success", answer
        return answer["data"]

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait(DEADLINE_S)
        self._log.close()


@contextlib.contextmanager
def prometheus_in(directory: Path, configuration: str = "") -> Iterator[Prometheus]:
    """A Prometheus that is stopped at the end of the block."""
    one = Prometheus(directory, configuration)
    try:
        yield one
    finally:
        one.stop()


@contextlib.contextmanager
def scraped(directory: Path) -> Iterator[tuple[Running, Prometheus]]:
    """A gateway that a Prometheus has scraped before, between and after requests of all kinds.

    The configuration is the one that is shipped, with the port and a shorter interval.
    """
    with gateway_in(directory / "home") as gateway:
        gateway.apply(f"{ROUTE}---{BACKEND}")
        _traffic(gateway)
        configuration = yaml.safe_load(DEPLOYED.read_text())
        configuration["global"] = {"scrape_interval": "250ms", "scrape_timeout": "250ms"}
        target = f"127.0.0.1:{gateway.gateway.running.stats_port}"
        configuration["scrape_configs"][0]["static_configs"][0]["targets"] = [target]
        with prometheus_in(directory, yaml.safe_dump(configuration)) as prometheus:
            for _ in range(3):
                seen = _scrapes(prometheus)
                until(lambda seen=seen: _scrapes(prometheus) > seen)  # type: ignore[misc]
                _traffic(gateway)
            until(lambda: _counted(prometheus) == len(gateway.exchanges))
            yield gateway, prometheus


def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so. Errors: ``AssertionError`` when it does not become so."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not become so in time"
        threading.Event().wait(0.05)


def with_variables(expression: str) -> str:
    """A dashboard's query with the values that Grafana would put in."""
    values = {"__rate_interval": "1m", "__range": "5m", "gateway": ".*", "namespace": ".+"}
    for name, value in values.items():
        expression = expression.replace(f"${name}", value)
    assert "$" not in expression, expression
    return expression


def _traffic(gateway: Running) -> None:
    """Answers, streams, an unknown path and a refused model."""
    for model in ("gpt-4o-mini", "gpt-4o"):
        assert gateway.ask(model=model).status_code == 200
        assert gateway.ask(model=model, stream=True).status_code == 200
    assert gateway.ask("/nowhere").status_code == 404


def _scrapes(prometheus: Prometheus) -> float:
    """How many scrapes went well so far."""
    found = prometheus.query("count_over_time(up[10m])")
    return float(found[0]["value"][1]) if found else 0.0


def _counted(prometheus: Prometheus) -> float:
    found = prometheus.query("sum(agentgateway_requests_total)")
    return float(found[0]["value"][1]) if found else 0.0
