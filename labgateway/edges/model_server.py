"""The program in the model's own process: a small real model that speaks the OpenAI API.

``python model_server.py`` reads one JSON line from stdin (see ``Settings``), prints one JSON line
``{"url": "http://127.0.0.1:PORT", "model": "SmolLM2-135M-Instruct"}`` when it answers (or
``{"error": "SENTENCE"}`` and exit status 1), and lives until its stdin ends, which is also how it
notices that the lab was killed. It imports nothing of the lab, so that it starts fast.
"""

from __future__ import annotations

import json
import os
import select
import socket
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    import xllamacpp

MODEL_NAME = "SmolLM2-135M-Instruct"
ANSWER_LIMIT_TOKENS = 256  # only where the client sets no limit of its own

_LOOPBACK = "127.0.0.1"
_GGML_TYPE_Q8_0 = 8
_FLASH_ATTENTION_ON = 1
_PARENT_CHECK_S = 1.0


@dataclass(frozen=True)
class Settings:
    """Stdin's first line: ``context`` is in tokens a slot, ``port`` 0 means any free one."""

    api_key: str = field(repr=False)
    model_path: str
    context: int
    slots: int
    threads: int
    port: int


def main() -> int:
    """Serve until stdin ends; returns the exit status."""
    ready = _own_stdout()
    try:
        settings = Settings(**json.loads(sys.stdin.readline()))
        server = _serve(settings)
    except (ValueError, TypeError) as error:
        return _refuse(ready, f"the first line of stdin is not as expected: {error}")
    except (RuntimeError, ImportError) as error:
        return _refuse(ready, f"the model could not be loaded: {error}")
    if not _answers_health(server.listening_address):
        return _refuse(ready, "the model was loaded, but its server does not answer")
    _say(ready, url=server.listening_address, model=MODEL_NAME)
    _wait_for_the_end()
    # ~Server waits for answers in flight (30 s were seen); nobody is left to read them.
    os._exit(0)


def _own_stdout() -> TextIO:
    """Keep stdout for the ready line; what llama.cpp prints there goes where stderr goes."""
    ready = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return ready


def _say(ready: TextIO, **fields: str) -> None:
    print(json.dumps(fields), file=ready, flush=True)


def _refuse(ready: TextIO, sentence: str) -> int:
    _say(ready, error=sentence)
    return 1


def _serve(settings: Settings) -> xllamacpp.Server:
    """The running server; on any free port when the wanted one is taken.

    Errors: RuntimeError, or ImportError on a machine without libgomp, which the wheel expects.
    """
    import xllamacpp  # noqa: PLC0415 - so that its failure is said like any other

    params = xllamacpp.CommonParams()
    _set_up(params, settings)
    try:
        return xllamacpp.Server(params)
    except RuntimeError:
        if not settings.port:
            raise
        params.port = 0
        return xllamacpp.Server(params)


def _set_up(params: xllamacpp.CommonParams, settings: Settings) -> None:
    """Fill in llama.cpp's parameters: for little memory and for answers that repeat (measured)."""
    params.model.path = settings.model_path
    params.model_alias = {MODEL_NAME}
    params.api_keys = [settings.api_key]
    params.hostnames = [_LOOPBACK]
    params.port = settings.port
    params.cors_origins = ""
    params.ui = False
    params.endpoint_slots = False
    params.verbosity = 2  # warnings; neither the key nor a prompt is written even at 3
    params.n_parallel = settings.slots
    params.n_ctx = settings.context * settings.slots
    params.n_predict = ANSWER_LIMIT_TOKENS
    params.sampling.temp = 0.0
    params.cpuparams.n_threads = settings.threads
    params.n_threads_http = 4  # grows by itself when more connections are open
    params.warmup = False
    # Keys and values of 8 bits: 200 MB resident instead of 242. It needs flash attention, with
    # which an answer is the same whether its prompt was cached or not (else 10 of 24 differed).
    params.cache_type_k = params.cache_type_v = _GGML_TYPE_Q8_0
    params.flash_attn_type = _FLASH_ATTENTION_ON
    params.n_batch = params.n_ubatch = 256
    params.cache_ram_mib = 0  # no copies of idle prompts; each slot still remembers its last one


def _answers_health(url: str) -> bool:
    """Whether GET /health is answered with 200; importing http.client would cost 30 ms."""
    port = int(url.rpartition(":")[2])
    try:
        with socket.create_connection((_LOOPBACK, port), timeout=5) as connection:
            connection.sendall(f"GET /health HTTP/1.0\r\nHost: {_LOOPBACK}:{port}\r\n\r\n".encode())
            status_line = connection.makefile("rb").readline()
    except OSError:
        return False
    return status_line.split()[1:2] == [b"200"]


def _wait_for_the_end() -> None:
    """Return when stdin ends or the parent is gone.

    The second matters when the notebook forked (multiprocessing): its forks hold the pipe open too.
    """
    parent = os.getppid()
    while os.getppid() == parent:
        readable, _, _ = select.select([sys.stdin], [], [], _PARENT_CHECK_S)
        if readable and not os.read(sys.stdin.fileno(), 4096):
            return


if __name__ == "__main__":
    sys.exit(main())
