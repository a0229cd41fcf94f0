"""Which headers cross the gateway, and which path the provider sees."""

from __future__ import annotations

import pytest

from labgateway.decisions.backends import Address, Backend, Credential
from labgateway.decisions.forwarding import (
    UpstreamCall,
    request_headers,
    response_headers,
    upstream_path,
)
from tests.decisions.resources import BACKEND

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE_ID}-00f067aa0ba902b7-01"
WITH_KEY = Backend(BACKEND, credential=Credential("sk-own"))
WITHOUT = Backend(BACKEND)
ADDED = {b"accept-encoding": b"identity", b"traceparent": TRACEPARENT.encode()}


def sent(*headers: tuple[bytes, bytes], backend: Backend = WITH_KEY) -> dict[bytes, bytes]:
    """The provider's view of a client's headers; no name comes twice."""
    found = request_headers(list(headers), backend, [(b"traceparent", TRACEPARENT.encode())])
    names = [name for name, _value in found]
    assert len(names) == len(set(names))
    return dict(found)


@pytest.mark.parametrize(
    "name",
    [
        b"authorization",
        b"api-key",
        b"x-api-key",
        b"x-goog-api-key",
        b"anthropic-api-key",
        b"ocp-apim-subscription-key",
        b"x-amz-security-token",
        b"x-auth-token",
        b"x-csrf-token",
        b"cookie",
        b"proxy-authorization",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-proto",
        b"x-real-ip",
        b"true-client-ip",
        b"forwarded",
        b"cf-connecting-ip",
        b"origin",
        b"referer",
        b"sec-fetch-site",
        b"sec-ch-ua",
    ],
)
def test_credentials_and_traces_of_the_client_stay_here(name: bytes) -> None:
    """The provider gets the backend's key and no other (F24)."""
    assert sent((name, b"canary")) == {b"authorization": b"Bearer sk-own", **ADDED}


@pytest.mark.parametrize(
    "name",
    [
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"content-length",
        b"expect",
        b"host",
    ],
)
def test_connection_and_framing_headers_are_this_hops_own(name: bytes) -> None:
    """The HTTP client of the next hop writes its own (F34)."""
    assert sent((name, b"100-continue")) == {b"authorization": b"Bearer sk-own", **ADDED}


def test_headers_that_connection_names_stay_here() -> None:
    """In any case, several in a line or in several lines."""
    headers = [(b"connection", b"X-One, close"), (b"connection", b"x-two"), (b"x-one", b"1")]
    trace = [(b"traceparent", TRACEPARENT.encode())]
    found = request_headers([*headers, (b"x-two", b"2"), (b"x-three", b"3")], WITHOUT, trace)
    assert dict(found) == {b"x-three": b"3", **ADDED}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"user-agent", b"OpenAI/Python 2.0"),
        (b"accept", b"text/event-stream"),
        (b"idempotency-key", b"stainless-1"),
        (b"openai-beta", b"assistants=v2"),
        (b"x-stainless-retry-count", b"0"),
        (b"x-request-id", b"7"),
        (b"baggage", b"userId=alice"),
        (b"x-odd", b"\xe4\xf6"),
    ],
)
def test_other_headers_pass_unchanged(name: bytes, value: bytes) -> None:
    """Idempotency-Key is no key of that kind."""
    assert sent((name, value))[name] == value


def test_compressed_answers_are_never_asked_for() -> None:
    """Usage could not be read from them (F35)."""
    assert sent((b"accept-encoding", b"gzip, br, zstd"))[b"accept-encoding"] == b"identity"


def test_without_a_credential_the_clients_own_goes_through() -> None:
    """No auth configured, or passthrough; agentgateway does the same."""
    authorization = (b"authorization", b"Bearer client")
    assert sent(authorization, backend=WITHOUT)[b"authorization"] == b"Bearer client"
    passthrough = Backend(BACKEND, passthrough=True)
    assert sent(authorization, backend=passthrough)[b"authorization"] == b"Bearer client"
    assert b"authorization" not in sent(backend=WITHOUT)


def test_the_trace_goes_on_in_the_gateway_s_own_headers() -> None:
    """The client's are not passed on beside them (F17)."""
    client = [(b"traceparent", b"00-the-client-s"), (b"tracestate", b"vendor=1")]
    assert sent(*client) == {b"authorization": b"Bearer sk-own", **ADDED}
    going_on = [(b"traceparent", TRACEPARENT.encode()), (b"tracestate", b"vendor=1")]
    assert request_headers(client, WITHOUT, going_on)[-2:] == going_on


@pytest.mark.parametrize(
    "name",
    [
        b"Set-Cookie",
        b"set-cookie2",
        b"CF-Ray",
        b"cf-cache-status",
        b"Alt-Svc",
        b"Server",
        b"via",
        b"X-Powered-By",
        b"Location",
        b"content-location",
        b"refresh",
        b"strict-transport-security",
        b"access-control-allow-origin",
        b"access-control-expose-headers",
        b"x-envoy-upstream-service-time",
        b"x-amz-cf-id",
        b"report-to",
        b"nel",
        b"date",
        b"Content-Length",
        b"Transfer-Encoding",
        b"Connection",
        b"Keep-Alive",
        b"proxy-authenticate",
        b"Trailer",
        b"Upgrade",
    ],
)
def test_infrastructure_of_the_provider_stays_there(name: bytes) -> None:
    """No cookie, no internal host, no framing of the other hop (F26, F34)."""
    assert response_headers([(name, b"http://internal:8080/")]) == []


@pytest.mark.parametrize(
    "name",
    [
        b"content-type",
        b"content-encoding",
        b"retry-after",
        b"x-request-id",
        b"x-ratelimit-remaining-tokens",
        b"openai-processing-ms",
        b"openai-version",
        b"www-authenticate",
        b"cache-control",
    ],
)
def test_what_a_client_acts_on_comes_back(name: bytes) -> None:
    """Names lower case, values unchanged, repeated headers all."""
    upstream = [(name.title(), b"1"), (name, b"2")]
    assert response_headers(upstream) == [(name, b"1"), (name, b"2")]


def test_response_headers_that_connection_names_stay_there() -> None:
    """``Connection: X-Internal``."""
    upstream = [(b"Connection", b"X-Internal"), (b"X-internal", b"1"), (b"x-other", b"2")]
    assert response_headers(upstream) == [(b"x-other", b"2")]


OVERRIDE = Address("mock", 8000)


@pytest.mark.parametrize(
    ("backend", "target", "path"),
    [
        (WITHOUT, "/openai", "/chat/completions"),
        (WITHOUT, "/openai/v1/models", "/chat/completions"),
        (WITHOUT, "/openai?api-version=1&x=?", "/chat/completions?api-version=1&x=?"),
        (WITHOUT, "//evil.example/", "/chat/completions"),
        (Backend(BACKEND, address=OVERRIDE), "/openai/v1?x=1", "/openai/v1?x=1"),
        (Backend(BACKEND, address=OVERRIDE), "//evil.example/", "//evil.example/"),
        (
            Backend(BACKEND, address=OVERRIDE, path="/v1/chat/completions"),
            "/openai?x=1",
            "/v1/chat/completions",
        ),
        (Backend(BACKEND, address=OVERRIDE, path="v1/chat"), "/openai", "/v1/chat"),
        (Backend(BACKEND, address=OVERRIDE, path="@evil.example/"), "/openai", "/@evil.example/"),
        (Backend(BACKEND, path=":99/"), "/openai", "/:99/"),
        (
            Backend(BACKEND, address=OVERRIDE, path_prefix="/api/"),
            "/openai?x=1",
            "/api/chat/completions?x=1",
        ),
        (
            Backend(BACKEND, address=OVERRIDE, path_prefix="api"),
            "/openai",
            "/api/chat/completions",
        ),
    ],
)
def test_the_provider_sees_its_own_path(backend: Backend, target: str, path: str) -> None:
    """And always one that begins with a slash, so that it cannot become a host (F29)."""
    assert upstream_path(backend, target) == path


def test_a_call_does_not_show_its_headers_or_body() -> None:
    """The key and the prompt are in them."""
    headers = request_headers([], WITH_KEY, list(ADDED.items()))
    call = UpstreamCall(
        address=None, path="/chat/completions", whole_path=False, headers=headers, body=b"canary"
    )
    shown = repr(call)
    assert "sk-own" not in shown
    assert "canary" not in shown
