"""What can be chosen about a lab."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

ProviderMode = Literal["local", "simulator", "openai"]
LogFormat = Literal["json", "text"]

GATEWAY_PORT = 8080
STATS_PORT = 15020
ADMIN_PORT = 15000
OPENAI_BASE_URL = "https://api.openai.com/v1"
TRACES_SAMPLER = "parentbased_always_on"  # OpenTelemetry's default
SPAN_QUEUE = 2048  # too


@dataclass(frozen=True)
class Settings:
    """One lab's settings. Port 0 is any free one; ``strict_ports``: no busy one is replaced.

    ``otlp_export``: spans go to the collector that OpenTelemetry's variables name; ``span_queue``
    is how many wait for it at most.
    ``notices``: what the learner should know of this host, a sentence each.
    ``console_path``: the console's path at the Jupyter server; None outside Jupyter.
    """

    home: Path
    provider: ProviderMode = "local"
    openai_api_key: str | None = field(default=None, repr=False)
    openai_base_url: str = OPENAI_BASE_URL
    gateway_port: int = GATEWAY_PORT
    stats_port: int = STATS_PORT
    admin_port: int = ADMIN_PORT
    strict_ports: bool = False
    proxy: str | None = field(default=None, repr=False)
    owner: str = "a notebook"
    log_bodies: bool = False
    log_format: LogFormat = "json"
    otlp_export: bool = False
    span_queue: int = SPAN_QUEUE
    traces_sampler: str = TRACES_SAMPLER
    console_path: str | None = None
    notices: tuple[str, ...] = ()

    @property
    def ports(self) -> dict[str, int]:
        """The ports that are wanted, by what they are for."""
        return {"gateway": self.gateway_port, "stats": self.stats_port, "admin": self.admin_port}
