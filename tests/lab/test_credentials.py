"""A provider key is in no file, log, response, repr or traceback."""

from __future__ import annotations

import base64
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from labgateway.edges.serving import Loop, bind, port_of, served
from labgateway.edges.simulator import Simulator
from labgateway.lab.settings import BadSetting, from_environment
from tests.conftest import BACKEND, ROUTE
from tests.lab.processes import LabProcess, ask

pytestmark = pytest.mark.slow  # real processes

KEY = "sk-canary-0123456789abcdefABCDEF"
FORMS = (
    KEY.encode(),
    base64.b64encode(KEY.encode()),
    base64.b64encode(f"Bearer {KEY}".encode()),
    base64.b64encode(f"{KEY}\r".encode()),
)


def holds_key(data: bytes) -> bool:
    """Whether the key is there, plain or base64."""
    return any(form.rstrip(b"=")[:-2] in data for form in FORMS)


@pytest.fixture
def openai() -> Iterator[str]:
    """A provider that wants the canary key; yields its base URL."""
    listener = bind(0, strict=True)

    @contextlib.asynccontextmanager
    async def block() -> AsyncIterator[None]:
        async with served((Simulator(KEY), listener)):
            yield

    loop = Loop("openai")
    loop.start(block)
    yield f"http://127.0.0.1:{port_of(listener)}/v1"
    loop.stop()


@pytest.mark.parametrize("given", [KEY, f"{KEY}\r", f" {KEY}\r\n"])
def test_the_key_is_used_and_never_shown(tmp_path: Path, openai: str, given: str) -> None:
    """Good answers and every kind of error later, nothing that anybody can read holds it."""
    environment = {
        "OPENAI_API_KEY": given,
        "OPENAI_BASE_URL": openai,
        "LABGATEWAY_PROVIDER": "openai",
    }
    shown = b""
    with LabProcess(tmp_path, **environment) as kernel:
        kernel.client.apply(f"{ROUTE}---{BACKEND}")
        good = ask(kernel.url)
        assert good.status_code == 200
        answers = [good, ask(kernel.url, **{"x-simulate": "status=401"})]
        for broken in ("host: 127.0.0.1, port: 1, path: /x", "host: 'no such host', port: 80"):
            kernel.client.apply(BACKEND.replace("openai: {}", f"openai: {{}}, {broken}"))
            answers.append(ask(kernel.url))
        for command in ("get secret -A -o yaml", "get secret -A -o json", "describe secret -A"):
            outcome = kernel.client.kubectl(command)
            shown += (outcome.stdout + outcome.stderr).encode()
        for answer in answers:
            shown += answer.content + str(answer.headers).encode()
        for path in ("/observation", "/config_dump", "/api/v1/secrets"):
            shown += kernel.client.http.get(path).content
        for expression in (
            "repr(lab)",
            "lab._repr_mimebundle_()",
            "repr(vars(lab))",
            "repr(lab._gateway.settings)",
            "repr(vars(lab._gateway))",
            "repr(lab._gateway.store.snapshot())",
            "lab.logs().to_json()",
        ):
            shown += repr(kernel.evaluate(expression)).encode()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]

    assert files
    assert not holds_key(shown)
    assert not [path.name for path in files if holds_key(path.read_bytes())]


def test_a_key_typed_into_a_backend_is_not_stored(tmp_path: Path) -> None:
    """An inline key is taken out at the door, and out of kubectl's copy in the annotation."""
    manifest = BACKEND.replace("secretRef: {name: openai-secret}", f"key: {KEY}")
    with LabProcess(tmp_path) as kernel:
        said = kernel.client.apply(manifest)
        seen = str(kernel.client.observation())

    assert "secretRef" in said
    assert not holds_key(seen.encode())
    assert not any(holds_key(path.read_bytes()) for path in tmp_path.rglob("*") if path.is_file())


def test_a_traceback_does_not_hold_the_key(tmp_path: Path) -> None:
    """A key that cannot be a header is refused without being repeated."""
    bad = {"OPENAI_API_KEY": f"{KEY}\nX: y", "LABGATEWAY_HOME": str(tmp_path)}
    with pytest.raises(BadSetting) as caught:
        from_environment(bad)
    process = subprocess.run(
        [sys.executable, "-c", "import labgateway; labgateway.start()"],
        capture_output=True,
        env={**os.environ, **bad},
        check=False,
    )

    assert not holds_key(str(caught.value).encode())
    assert process.returncode == 1
    assert not holds_key(process.stdout + process.stderr)


def test_a_401_of_the_provider_reaches_the_learner(tmp_path: Path, openai: str) -> None:
    """A wrong key is the provider's to refuse; its answer comes through as it is."""
    environment = {
        "OPENAI_API_KEY": "sk-wrong-key-000",
        "OPENAI_BASE_URL": openai,
        "LABGATEWAY_PROVIDER": "openai",
    }
    with LabProcess(tmp_path, **environment) as kernel:
        kernel.client.apply(f"{ROUTE}---{BACKEND}")
        answer: httpx.Response = ask(kernel.url)

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "invalid_api_key"
