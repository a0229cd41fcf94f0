"""The lab's home on disk: where state lives, who owns it, files that only the learner reads."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from pydantic import TypeAdapter

from labgateway.words.errors import HomeUnusable

try:
    import fcntl
except ImportError:  # Windows has no flock; one owner at a time is then up to the learner.
    fcntl = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Running:
    """What ``gateway.json`` says of the gateway: where it is, whose, and whether it was stopped."""

    pid: int
    gateway_port: int
    stats_port: int
    admin_port: int
    secret: str = field(repr=False)
    provider: str
    started: float
    owner: str
    stopped: bool = False

    @property
    def ports(self) -> dict[str, int]:
        """The ports that it has, by what they are for."""
        return {"gateway": self.gateway_port, "stats": self.stats_port, "admin": self.admin_port}


_RUNNING = TypeAdapter(Running)


class Home:
    """Paths and private files under one directory (mode 0700)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise HomeUnusable(
                f"the lab's home {path} cannot be made ({error.strerror}); set LABGATEWAY_HOME to a"
                " directory that you can write"
            ) from error
        self._lock: IO[str] | None = None

    @property
    def resources(self) -> Path:
        """Journal of what was applied."""
        return self.path / "resources.jsonl"

    @property
    def exchanges(self) -> Path:
        """Journal of requests."""
        return self.path / "exchanges.jsonl"

    @property
    def spans(self) -> Path:
        """Journal of spans that came from outside."""
        return self.path / "spans.jsonl"

    @property
    def progress(self) -> Path:
        """Journal of attempts, answers and verdicts."""
        return self.path / "progress.jsonl"

    @property
    def kubeconfig(self) -> Path:
        """What KUBECONFIG is set to."""
        return self.path / "kubeconfig"

    @property
    def env(self) -> Path:
        """What a shell sources to find the gateway."""
        return self.path / "env.sh"

    @property
    def kube_cache(self) -> Path:
        """Kubectl's discovery cache; its own, because kubectl keys it by port alone."""
        return self.path / "kube-cache"

    @property
    def model_log(self) -> Path:
        """What the model's process says."""
        return self.path / "model.log"

    @property
    def gateway_json(self) -> Path:
        """Where the running gateway is found."""
        return self.path / "gateway.json"

    def own(self) -> bool:
        """Become the owner; False when another live process is. Errors: ``HomeUnusable``."""
        lock = self.path / "owner.lock"
        try:
            handle = lock.open("a+", encoding="utf-8")
            if fcntl is not None:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.close()
            return False
        except OSError as error:
            raise HomeUnusable(
                f"{lock} cannot be locked ({error.strerror}); set LABGATEWAY_HOME to a directory on"
                " this machine that you can write"
            ) from error
        self._lock = handle
        return True

    def disown(self) -> None:
        """Give the ownership back; harmless when it is not ours."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def publish(self, running: Running) -> None:
        """Say where the gateway is; readers see the old file or the new one, never half of one."""
        self.write_private(self.gateway_json, json.dumps(asdict(running), indent=1) + "\n")

    def last_running(self) -> Running | None:
        """What was published last, whether or not it still runs. Errors: ``HomeUnusable``."""
        try:
            return _RUNNING.validate_json(self.gateway_json.read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        except OSError as error:
            raise HomeUnusable(
                f"{self.gateway_json} cannot be read ({error.strerror}); set LABGATEWAY_HOME to a"
                " directory that you can read"
            ) from error

    def write_private(self, path: Path, text: str) -> None:
        """Replace a file in one step, mode 0600. Errors: ``HomeUnusable``."""
        try:
            descriptor, name = tempfile.mkstemp(dir=self.path, prefix=f".{path.name}.")
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
                    handle.write(text)
                Path(name).replace(path)
            except OSError:
                with contextlib.suppress(FileNotFoundError):
                    Path(name).unlink()
                raise
        except OSError as error:
            raise HomeUnusable(
                f"{path} cannot be written ({error.strerror}); free some disk space or set"
                " LABGATEWAY_HOME to another directory"
            ) from error
