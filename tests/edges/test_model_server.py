"""What the local model answers: a real child with the real model."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from labgateway.edges.model_process import ModelEndpoint, ModelProcess
from labgateway.edges.serving import Loop
from tests.edges.models import KEY, NAME, ask, needs_model, serves


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
