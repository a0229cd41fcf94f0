"""Requests that go as they are, through the gateway port to a server on loopback."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import httpx
import pytest

from labgateway.decisions.access_log import log_record
from labgateway.decisions.exchange import Exchange
from labgateway.decisions.spans import spans_of
from tests.conftest import Running, gateway_in
from tests.edges.agreement import in_attributes, line_on_disk, remembered
from tests.edges.plain_servers import DEADLINE_S, Server, route, service, serving, static
from tests.edges.waiting import eventually

TO_PLAIN = "backendRefs: [{name: plain, port: 80}]"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway for all; each test applies what it needs."""
    with gateway_in(tmp_path_factory.mktemp("plain") / "home") as running:
        yield running


@pytest.fixture
def server(shared: Running) -> Iterator[Server]:
    """A fresh server behind the Service ``plain``, and a route that sends everything there."""
    one = Server()
    with serving(one) as port:
        shared.apply(f"{service(port)}---{route()}")
        yield one


def ask(running: Running, path: str, method: str = "GET", **options: object) -> httpx.Response:
    """A request through the gateway."""
    url = f"{running.url}{path}"
    return httpx.request(method, url, timeout=DEADLINE_S, trust_env=False, **options)  # type: ignore[arg-type]


def last(running: Running) -> Exchange:
    """What is remembered of the last request."""
    return running.exchanges[-1]


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_any_method_and_any_body_go_as_they_are(shared: Running, method: str) -> None:
    """No content type is asked for and nothing is parsed."""
    body = "" if method in {"GET", "OPTIONS"} else "not json {"
    headers = {"content-type": "text/plain", "authorization": "Bearer mine", "x-twice": "a"}

    answer = ask(shared, "/echo/a%20b?q=1&q=%2F", method, content=body, headers=headers)

    seen = answer.json()
    assert (answer.status_code, seen["method"], seen["body"]) == (201, method, body)
    assert seen["target"] == "/echo/a%20b?q=1&q=%2F"
    given = dict(seen["headers"])
    assert headers.items() <= given.items()
    assert given["host"] == shared.url.removeprefix("http://")
    assert given["traceparent"].split("-")[1] == answer.headers["x-trace-id"]


@pytest.mark.usefixtures("server")
def test_headers_of_the_connection_stay_on_it(shared: Running) -> None:
    """Both ways; what the server says of itself reaches the client."""
    headers = {"connection": "x-hop", "x-hop": "1", "te": "trailers", "proxy-authorization": "x"}

    answer = ask(shared, "/echo", headers=headers)

    seen = {name for name, _ in answer.json()["headers"]}
    assert not seen & {"x-hop", "te", "proxy-authorization"}
    assert "x-mine" not in answer.headers
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert (answer.headers["location"], answer.headers["server"]) == ("/there", "plain")
    assert len(answer.headers.get_list("date")) == 1


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/bare/204"), ("GET", "/bare/304"), ("HEAD", "/echo")]
)
def test_answers_without_a_body(shared: Running, method: str, path: str) -> None:
    """The connection goes on after them."""
    with httpx.Client(base_url=shared.url, trust_env=False, timeout=DEADLINE_S) as client:
        first, second = client.request(method, path), client.get("/echo")

    assert (first.content, second.status_code) == (b"", 201)
    assert (first.headers.get("content-length", "0") != "0") is (method == "HEAD")


def test_an_answer_comes_as_it_is_sent(shared: Running, server: Server) -> None:
    """Its first part is here before the server has sent its last one."""
    with httpx.stream("GET", f"{shared.url}/held", trust_env=False, timeout=DEADLINE_S) as answer:
        parts = answer.iter_raw()
        assert next(parts) == b"first,"
        server.go.set()
        assert b"".join(parts) == b"last"

    assert last(shared).response_bytes == len("first,last")


def test_a_body_goes_as_it_comes(shared: Running, server: Server) -> None:
    """The server has its first part before the client has sent its last one."""

    def parts() -> Iterator[bytes]:
        yield b"first"
        assert server.heard.wait(DEADLINE_S)
        assert b"".join(server.parts) == b"first"
        yield b"last"

    answer = ask(shared, "/upload", "POST", content=parts())

    assert answer.text == str(len("firstlast"))
    assert last(shared).request_bytes == len("firstlast")


def taken(client: socket.socket, size: int, within_s: float) -> int:
    """How many of so many bytes are taken until one part is not within a time."""
    client.settimeout(within_s)
    sent = 0
    with contextlib.suppress(TimeoutError):
        while sent < size:
            sent += client.send(b"x" * min(65536, size - sent))
    return sent


def test_a_server_that_does_not_read_holds_the_client_up(shared: Running, server: Server) -> None:
    """Of 200 MB no more is on its way than buffers take, and nothing of it is lost."""
    port, size = int(shared.url.rpartition(":")[2]), 200_000_000
    head = f"POST /deaf HTTP/1.1\r\nhost: localhost\r\ncontent-length: {size}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), DEADLINE_S) as client:
        client.sendall(head.encode())
        sent = taken(client, size, within_s=1)
        assert sent < size / 4
        server.go.set()
        sent += taken(client, size - sent, within_s=DEADLINE_S)
        assert sent == size
        assert client.recv(4096).startswith(b"HTTP/1.1 200")
    assert sum(map(len, server.parts)) == size


def test_a_client_that_leaves_ends_the_call(shared: Running, server: Server) -> None:
    """The server sees it go, and the log has 499."""
    port, before = int(shared.url.rpartition(":")[2]), len(shared.exchanges)
    with socket.create_connection(("127.0.0.1", port), DEADLINE_S) as client:
        client.sendall(b"POST /forever HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\nab")
        assert server.heard.wait(DEADLINE_S)

    assert server.left.wait(DEADLINE_S)
    assert eventually(lambda: len(shared.exchanges) > before)
    assert (last(shared).status, last(shared).error) == (499, "client went away")


@pytest.mark.usefixtures("server")
def test_an_answer_that_breaks_off_is_seen_to(shared: Running) -> None:
    """The client's transfer is cut as the server's was, and the log says so."""
    with pytest.raises(httpx.RemoteProtocolError):
        ask(shared, "/broken")

    assert last(shared).error is not None
    assert last(shared).reason == "UpstreamFailure"


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    ("timeouts", "body"),
    [
        ("request: 200ms", "request timeout"),
        ("request: 10s, backendRequest: 200ms", "upstream call timeout"),
    ],
)
def test_timeouts_are_504(shared: Running, timeouts: str, body: str) -> None:
    """The rule's, until the answer begins; `0s` is no limit."""
    shared.apply(route(f"{{{TO_PLAIN}, timeouts: {{{timeouts}}}}}"))

    answer = ask(shared, "/forever")

    assert (answer.status_code, answer.text) == (504, body)


@pytest.mark.parametrize(
    ("manifest", "status", "body"),
    [
        (service(1), 503, "upstream call failed: 127.0.0.1:1"),
        (service(1, ready=False), 503, "no healthy backends"),
    ],
)
def test_servers_that_are_not_there_are_503(
    shared: Running, manifest: str, status: int, body: str
) -> None:
    """One that refuses, and one that is not ready."""
    shared.apply(f"{manifest}---{route()}")

    answer = ask(shared, "/echo", "POST", content=b"x")

    assert (answer.status_code, answer.text[: len(body)]) == (status, body)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_static_backend_gets_its_key_and_its_host(
    shared: Running, server: Server, host: str
) -> None:
    """One with a host name is asked for by that name, and the client's credential is replaced."""
    with serving(server) as port:
        ref = "{name: plain, group: agentgateway.dev, kind: AgentgatewayBackend}"
        shared.apply(f"{static(port, host)}---{route(f'{{backendRefs: [{ref}]}}')}")

        seen = dict(
            ask(shared, "/echo", headers={"authorization": "Bearer mine"}).json()["headers"]
        )

    assert seen["authorization"].startswith("Bearer sk-lab-")
    named = host == "localhost"
    assert seen["host"] == (f"{host}:{port}" if named else shared.url.removeprefix("http://"))
    assert last(shared).credential == "secret"


@pytest.mark.usefixtures("server")
def test_filters_edit_headers_and_rewrite_the_url(shared: Running) -> None:
    """The rule's first, then the backendRef's own."""
    rule = """{
      matches: [{path: {type: PathPrefix, value: /old}}],
      filters: [
        {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: X-A, value: rule}]}},
        {type: ResponseHeaderModifier, responseHeaderModifier: {remove: [Server]}},
        {type: URLRewrite, urlRewrite: {hostname: new.example,
          path: {type: ReplacePrefixMatch, replacePrefixMatch: /echo}}}],
      backendRefs: [{name: plain, port: 80, filters: [
        {type: RequestHeaderModifier, requestHeaderModifier: {add: [{name: X-A, value: ref}]}},
        {type: ResponseHeaderModifier, responseHeaderModifier: {set: [{name: X-B, value: b}]}}
      ]}]}"""
    shared.apply(route(rule))

    answer = ask(shared, "/old/x?y=1", headers={"x-a": "client"})

    seen = answer.json()
    assert seen["target"] == "/echo/x?y=1"
    assert [value for name, value in seen["headers"] if name == "x-a"] == ["rule", "ref"]
    assert dict(seen["headers"])["host"] == "new.example"
    assert "server" not in answer.headers
    assert answer.headers["x-b"] == "b"


@pytest.mark.usefixtures("server")
def test_a_redirect_is_the_gateways_own_answer(shared: Running) -> None:
    """To where the client came from, at the port that it reached."""
    path = "{type: ReplaceFullPath, replaceFullPath: /there}"
    redirect = f"{{type: RequestRedirect, requestRedirect: {{path: {path}, statusCode: 301}}}}"
    shared.apply(route(f"{{filters: [{redirect}]}}"))

    answer = ask(shared, "/here?a=b", "POST", content=b"x" * 100_000)

    port = shared.url.rpartition(":")[2]
    assert answer.status_code == 301
    assert answer.headers["location"] == f"http://127.0.0.1:{port}/there?a=b"
    assert (last(shared).reason, last(shared).backend) == ("DirectResponse", None)


@pytest.mark.usefixtures("server")
def test_the_log_and_the_spans_have_no_model(shared: Running) -> None:
    """agentgateway's fields for traffic that is not a model's; the call is a client span."""
    ask(shared, "/echo", "POST", content=b"x")

    exchange = last(shared)
    line = log_record(exchange)
    assert (line["protocol"], line["http.status"]) == ("http", 201)
    assert not [name for name in line if name.startswith(("gen_ai", "agw.ai"))]
    root, routed, call, response = spans_of(exchange)
    assert (root.name, routed.name, response.name) == ("POST /*", "route", "response")
    assert (call.name, call.kind) == (f"POST {exchange.endpoint}", "CLIENT")
    assert call.span_id == exchange.client_span_id
    assert call.attributes["url.full"] == f"http://{exchange.endpoint}/echo"


@pytest.mark.usefixtures("server")
def test_every_view_says_the_same_as_soon_as_it_is_answered(shared: Running) -> None:
    """Memory, the line on disk and the metrics; no tokens anywhere."""
    metrics = shared.gateway.metrics
    for path, status in (("/echo", 201), ("/bare/204", 204), ("/bare/503", 503)):
        moves = metrics.moves

        answer = ask(shared, path, "PUT", content=b"x")

        (exchange,) = remembered(shared, answer.headers["x-trace-id"])
        line = line_on_disk(shared, exchange.trace_id)
        families = {one.family for one in metrics.moved(exchange)}
        assert (answer.status_code, exchange.status, line["http.status"]) == (status,) * 3
        assert (line["protocol"], in_attributes(line)) == ("http", {})
        assert metrics.moves == moves + 1
        assert not [one for one in families if "gen_ai" in one]
        assert exchange.response_bytes == len(answer.content)
