"""The gateway port, over real sockets, with a provider that remembers what it received."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from labgateway.edges.downstream import BODY_LIMIT_BYTES
from tests.conftest import BACKEND, ROUTE, Running

PINNED = BACKEND.replace("openai: {}", "openai: {model: gpt-4o}")


def received(routed: Running) -> dict[str, object]:
    """The last body that the provider received."""
    payload: dict[str, object] = json.loads(routed.simulator.requests[-1].body)
    return payload


def test_without_a_model_the_clients_model_is_sent(routed: Running) -> None:
    """`openai: {}` lets gpt-4o-mini through, and the provider answers with its dated name."""
    answer = routed.ask()

    assert answer.status_code == 200
    assert received(routed)["model"] == "gpt-4o-mini"
    assert answer.json()["model"] == "gpt-4o-mini-2024-07-18"


def test_the_backends_model_replaces_the_clients(routed: Running) -> None:
    """`openai: {model: gpt-4o}` sends gpt-4o whatever the client asked for."""
    routed.apply(PINNED)

    answer = routed.ask()

    assert received(routed)["model"] == "gpt-4o"
    assert answer.json()["model"] == "gpt-4o-2024-08-06"
    last = routed.exchanges[-1]
    assert (last.original_model, last.request_model, last.response_model) == (
        "gpt-4o-mini",
        "gpt-4o",
        "gpt-4o-2024-08-06",
    )


@pytest.mark.parametrize(
    "path", ["/openai", "/openai/", "/openai/v1/chat/completions", "/openai/x?a=b"]
)
def test_the_provider_sets_the_path(routed: Running, path: str) -> None:
    """Whatever comes after the prefix, the provider gets /v1/chat/completions, with the query."""
    routed.ask(path)

    query = path.partition("?")[2]
    assert routed.simulator.requests[-1].path.partition("?")[0] == "/v1/chat/completions"
    assert (routed.simulator.requests[-1].path.partition("?")[2] or "") in {query, ""}


def test_the_clients_credentials_stay_behind(routed: Running) -> None:
    """The provider sees the Secret's key and none of the client's own credentials or addresses."""
    secrets = {
        "authorization": "Bearer sk-client-own-key",
        "x-api-key": "client-1",
        "api-key": "client-2",
        "x-goog-api-key": "client-3",
        "cookie": "session=client-4",
        "proxy-authorization": "client-5",
        "x-forwarded-for": "10.1.2.3",
    }

    httpx.post(
        f"{routed.url}/openai",
        json={"model": "m", "messages": [{"role": "user", "content": "hi"}]},
        headers=secrets,
        trust_env=False,
    )

    sent = dict(routed.simulator.requests[-1].headers)
    assert sent[b"authorization"].startswith(b"Bearer sk-lab-")
    everything = b" ".join(name + b"=" + value for name, value in sent.items())
    for value in secrets.values():
        assert value.encode() not in everything
    assert routed.exchanges[-1].credential == "secret"
    assert routed.exchanges[-1].client_authorization


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/", 404, "route not found"),
        ("/openaix", 404, "route not found"),
        ("/v1/chat/completions", 404, "route not found"),
    ],
)
def test_no_route_is_404(routed: Running, path: str, status: int, body: str) -> None:
    """A path that no rule holds is refused in plain text; a prefix ends at a path element."""
    answer = routed.ask(path)

    assert (answer.status_code, answer.text) == (status, body)
    assert answer.headers["content-type"] == "text/plain"


def test_a_route_without_its_backend_is_500(running: Running) -> None:
    """The half-applied manifest of the exercise: the route matches, its backend is not there."""
    running.apply(ROUTE)

    answer = running.ask()

    assert (answer.status_code, answer.text) == (500, "service not found")
    assert running.exchanges[-1].reason == "NotFound"


def test_a_missing_secret_is_500_and_names_it(routed: Running) -> None:
    """The request is answered with the controller's sentence, not sent without a key."""
    routed.apply(BACKEND.replace("openai-secret", "openai-secrets"))

    answer = routed.ask()

    assert answer.status_code == 500
    assert "secret agentgateway-system/openai-secrets not found" in answer.text
    assert not routed.simulator.requests


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "the body is empty"),
        (b"{", "the body is not JSON"),
        (b"[1]", "not a JSON object"),
        (b'{"model": "m", "message": []}', "missing field `messages`"),
        (b'{"messages": []}', "model not specified"),
    ],
)
def test_an_unreadable_body_is_400_and_says_why(routed: Running, body: bytes, message: str) -> None:
    """The client learns what is wrong; the provider is not asked."""
    answer = httpx.post(
        f"{routed.url}/openai",
        content=body,
        headers={"content-type": "application/json"},
        trust_env=False,
    )

    assert answer.status_code == 400
    assert message in answer.text
    assert not routed.simulator.requests


def test_a_body_of_20_mb_passes(routed: Running) -> None:
    """An image in base64 is nothing unusual."""
    answer = routed.ask(messages=[{"role": "user", "content": "x" * 20_000_000}])

    assert answer.status_code == 200


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_40_mb_is_413(routed: Running, *, chunked: bool) -> None:
    """The limit holds for a declared length and a chunked body, and the client can read it."""
    body = b'{"messages": "' + b"x" * 40_000_000 + b'"}'

    def parts() -> Iterator[bytes]:
        for start in range(0, len(body), 1_000_000):
            yield body[start : start + 1_000_000]

    answer = httpx.post(
        f"{routed.url}/openai",
        content=parts() if chunked else body,
        headers={"content-type": "application/json"},
        timeout=30,
        trust_env=False,
    )

    assert answer.status_code == 413
    assert str(BODY_LIMIT_BYTES) in answer.text
    assert not routed.simulator.requests


def test_a_request_timeout_is_504(routed: Running) -> None:
    """`timeouts.request` ends the wait, and the call to the provider with it."""
    routed.apply(ROUTE.replace("120s", "200ms"))

    answer = httpx.post(
        f"{routed.url}/openai",
        json={"model": "m", "messages": [{"role": "user", "content": "hi"}]},
        headers={"x-simulate": "delay=10s"},
        trust_env=False,
    )

    assert (answer.status_code, answer.text) == (504, "request timeout")


def test_a_provider_that_is_down_is_503(routed: Running) -> None:
    """The error names where the call went, and no more."""
    routed.apply(BACKEND.replace("openai: {}", "openai: {}, host: 127.0.0.1, port: 1, path: /v1"))

    answer = routed.ask()

    assert answer.status_code == 503
    assert answer.text.startswith("upstream call failed: 127.0.0.1:1")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("status", [400, 401, 429, 500, 503])
def test_the_providers_errors_pass_through_with_body(
    routed: Running, status: int, *, stream: bool
) -> None:
    """Status, body and Retry-After reach the client, also when it asked for a stream."""
    answer = httpx.post(
        f"{routed.url}/openai",
        json={"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": stream},
        headers={"x-simulate": f"status={status},retry-after=7"},
        trust_env=False,
    )

    assert answer.status_code == status
    assert "error" in answer.json()
    assert answer.headers["retry-after"] == "7"
    last = routed.exchanges[-1]
    assert (last.status, last.reason, last.usage.input_tokens) == (status, "Upstream", None)


def test_an_answer_that_is_not_json_is_502(running: Running) -> None:
    """A 2xx that breaks the provider's own promise is not passed on as a success."""
    stats = running.gateway.running.stats_port
    running.apply(ROUTE)
    running.apply(
        BACKEND.replace(
            "openai: {}",
            f"openai: {{}}, host: 127.0.0.1, port: {stats}, path: /metrics",
        )
    )

    answer = running.ask()

    assert answer.status_code in {405, 502}


def test_the_record_is_there_when_the_answer_is(routed: Running) -> None:
    """Whoever has an answer finds its line, its tokens and its ids at once."""
    for _ in range(20):
        answer = routed.ask()
        last = routed.exchanges[-1]
        assert last.trace_id == answer.headers["x-trace-id"]
        assert last.response_id == answer.json()["id"]
        assert last.usage.input_tokens == answer.json()["usage"]["prompt_tokens"]
        assert last.usage.output_tokens == answer.json()["usage"]["completion_tokens"]


def test_a_clients_trace_is_continued(routed: Running) -> None:
    """The provider's parent is the gateway's own span within the client's trace."""
    trace, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"

    httpx.post(
        f"{routed.url}/openai",
        json={"model": "m", "messages": [{"role": "user", "content": "hi"}]},
        headers={"traceparent": f"00-{trace}-{parent}-01"},
        trust_env=False,
    )

    sent = dict(routed.simulator.requests[-1].headers)[b"traceparent"].decode()
    last = routed.exchanges[-1]
    assert (last.trace_id, last.parent_id) == (trace, parent)
    assert sent == f"00-{trace}-{last.client_span_id}-01"


def test_a_change_of_route_leaves_requests_alone(routed: Running) -> None:
    """Applying again and again while requests flow fails none of them."""
    statuses = []
    for number in range(20):
        routed.apply(PINNED if number % 2 else BACKEND)
        statuses.append(routed.ask().status_code)

    assert statuses == [200] * 20
