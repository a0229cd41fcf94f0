"""The console through a real Jupyter server, under a hub's prefix."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from labgateway.edges.serving import Loop, bind, port_of, served
from labgateway.memory.home import Home, Running
from tests.conftest import gateway_in
from tests.jupyter_server import JupyterServer, jupyter_server

pytestmark = pytest.mark.slow

SECRET = "s3cret-of-the-admin-port"
BASE = "/user/ada-1x2y/"
DEADLINE_S = 10.0


@dataclass
class AdminPort:
    """Stands at the admin port and remembers what arrives there; ``gone``: a reader has left."""

    seen: list[dict[str, Any]] = field(default_factory=list)
    more: threading.Event = field(default_factory=threading.Event)
    gone: threading.Event = field(default_factory=threading.Event)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Redirects, streams in two parts, or answers with what it was sent."""
        body = (await receive())["body"]
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        path = scope["raw_path"].decode()
        self.seen.append({"method": scope["method"], "path": path, "headers": headers})
        status, more = 200, []
        if path.endswith("/moved"):
            status, more = 307, [(b"location", f"http://127.0.0.1/{SECRET}/ui/here?x=1".encode())]
        more += [(b"content-type", b"text/plain"), (b"set-cookie", b"a=b"), (b"x-own", b"1")]
        await send({"type": "http.response.start", "status": status, "headers": more})
        await send({"type": "http.response.body", "body": body or b"first", "more_body": True})
        if path.endswith("/events"):
            left = asyncio.ensure_future(receive())
            while not self.more.is_set() and not left.done():
                await asyncio.wait({left}, timeout=0.05)
            if left.done():
                self.gone.set()
        await send({"type": "http.response.body", "body": b" last", "more_body": False})


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the Jupyter server and the gateway keep what they keep."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def jupyter(state: Path) -> Iterator[JupyterServer]:
    """One Jupyter server for all of these."""
    with jupyter_server(state, state, BASE) as server:
        yield server


@pytest.fixture
def browser(jupyter: JupyterServer) -> Iterator[httpx.Client]:
    """Somebody who is logged in."""
    with httpx.Client(
        base_url=jupyter.url, trust_env=False, headers={"Authorization": f"token {jupyter.token}"}
    ) as client:
        yield client


@pytest.fixture
def admin(state: Path) -> Iterator[AdminPort]:
    """Something that answers where gateway.json says that the gateway is."""
    app, listener, loop = AdminPort(), bind(0, strict=True), Loop("admin")

    @contextlib.asynccontextmanager
    async def block() -> AsyncIterator[None]:
        async with served((app, listener)):
            yield

    loop.start(block)
    home = Home(state / "home")
    home.publish(Running(1, 1, 1, port_of(listener), SECRET, "simulator", 0.0, "a test"))
    yield app
    app.more.set()
    loop.stop()
    home.gateway_json.unlink()


def test_the_console_needs_jupyters_login(jupyter: JupyterServer, admin: AdminPort) -> None:
    """Without it a page leads to the login, a change is refused, and the gateway hears nothing."""
    with httpx.Client(base_url=jupyter.url, trust_env=False) as stranger:
        page = stranger.get("labgateway/ui/")
        change = stranger.post("labgateway/ui/try", headers={"Sec-Fetch-Site": "same-origin"})
        asked = stranger.get("labgateway/running")

    assert page.status_code == asked.status_code == 302
    assert page.headers["location"].startswith(f"{BASE}login?")
    assert change.status_code == 403
    assert not admin.seen


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "same-site"}],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_other_origins_are_refused(
    browser: httpx.Client, admin: AdminPort, method: str, headers: dict[str, str]
) -> None:
    """Although logged in: another page must not use the learner's console."""
    answer = browser.request(method, "labgateway/ui/", headers=headers)

    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers
    assert not admin.seen


def test_the_gateway_sees_what_it_needs_and_the_browser_no_secret(
    browser: httpx.Client, admin: AdminPort
) -> None:
    """Loopback Host; no Origin, cookie, token or forwarding header; no secret comes back."""
    host = browser.base_url.netloc.decode()
    headers = {
        "Origin": f"http://{host}",
        "Cookie": "_xsrf=1",
        "X-Forwarded-Host": "hub.example",
        "Content-Type": "application/json",
    }

    answer = browser.post("labgateway/ui/try?route=a%2Fb", json={"a": 1}, headers=headers)

    seen = admin.seen[0]
    assert (seen["method"], seen["path"]) == ("POST", f"/{SECRET}/ui/try")
    assert seen["headers"]["host"].startswith("127.0.0.1:")
    assert not {"origin", "cookie", "authorization", "x-forwarded-host"} & set(seen["headers"])
    assert answer.text == '{"a":1} last'
    assert answer.headers["x-own"] == "1"
    assert "a=b" not in answer.headers.get("set-cookie", "")  # Jupyter's own is there
    assert answer.headers["content-security-policy"].endswith("frame-ancestors 'self'")
    assert SECRET not in str(answer.headers)


def test_a_redirect_leads_back_through_jupyter(browser: httpx.Client, admin: AdminPort) -> None:
    """Neither the secret nor the admin port is in it."""
    answer = browser.get("labgateway/ui/moved")

    assert admin.seen
    assert answer.status_code == 307
    assert answer.headers["location"] == f"{BASE}labgateway/ui/here?x=1"


@pytest.mark.parametrize("path", ["labgateway/ui/%2e%2e/observation", "labgateway/observation"])
def test_nothing_else_of_the_admin_port_is_there(
    browser: httpx.Client, admin: AdminPort, path: str
) -> None:
    """Only what is below /ui/."""
    assert browser.get(path).status_code == 404
    assert not admin.seen


def test_a_stream_passes_as_it_comes(browser: httpx.Client, admin: AdminPort) -> None:
    """The first part is here before the last is sent."""
    with browser.stream("GET", "labgateway/ui/events") as answer:
        parts = answer.iter_raw()
        assert next(parts) == b"first"
        admin.more.set()
        assert b"".join(parts) == b" last"


def test_a_reader_who_leaves_ends_the_stream(browser: httpx.Client, admin: AdminPort) -> None:
    """The gateway learns that nobody reads any more, although nothing was to be sent."""
    with browser.stream("GET", "labgateway/ui/events") as answer:
        assert next(answer.iter_raw()) == b"first"

    assert admin.gone.wait(DEADLINE_S)


def test_without_a_gateway_there_is_a_page_that_says_what_to_do(browser: httpx.Client) -> None:
    """503: a page for people, a sentence for programs; `running` says so too."""
    page = browser.get("labgateway/ui/traces", headers={"Accept": "text/html"})
    sentence = browser.get("labgateway/ui/events", headers={"Accept": "text/event-stream"})

    assert (page.status_code, sentence.status_code) == (503, 503)
    assert "labgateway.start()" in page.text
    assert f"{BASE}labgateway/running" in page.text
    assert sentence.text.startswith("no gateway is running; run the first cell")
    assert browser.get("labgateway/running").json() == {"running": False}


def test_progress_is_a_download_for_its_learner_only(
    browser: httpx.Client, jupyter: JupyterServer
) -> None:
    """With or without a gateway; not for other pages, nor without login."""
    file = browser.get("labgateway/progress")
    other = browser.get("labgateway/progress", headers={"Sec-Fetch-Site": "cross-site"})
    stranger = httpx.get(f"{jupyter.url}labgateway/progress", trust_env=False)

    assert "labgateway-progress.json" in file.headers["content-disposition"]
    assert file.json()["labgateway_progress"] == 1
    assert (other.status_code, stranger.status_code) == (403, 302)


def test_a_gateway_that_died_counts_as_none(browser: httpx.Client, state: Path) -> None:
    """gateway.json is still there, and nobody listens."""
    with bind(0, strict=True) as listener:
        port = port_of(listener)
    home = Home(state / "home")
    home.publish(Running(1, 1, 1, port, SECRET, "simulator", 0.0, "a test"))

    page = browser.get("labgateway/ui/", headers={"Accept": "text/html"})

    assert page.status_code == 503
    assert SECRET not in page.text
    assert browser.get("labgateway/running").json() == {"running": False}
    home.gateway_json.unlink()


def test_the_real_console_is_there_once_a_gateway_runs(
    browser: httpx.Client, jupyter: JupyterServer, state: Path
) -> None:
    """What the waiting page waits for: the gateway is found without the server's restart."""
    with gateway_in(state / "home"):
        assert browser.get("labgateway/running").json() == {"running": True}
        answer = browser.get("labgateway/ui/", headers={"Accept": "text/html"})

    assert answer.status_code == 200
    assert "text/html" in answer.headers["content-type"]
    assert " 503 GET" not in (state / "jupyter.log").read_text()
    assert jupyter.token not in answer.text
