"""Which headers cross the gateway, and where a request goes.

Sources: RFC 9110 §7.6.1 (connection headers); agentgateway v1.4.1 §llm (paths); the classes of
leaks that other gateways had (client credentials upstream, provider infrastructure downstream).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from labgateway.decisions.backends import Address, Backend, Credential, HTTPBackend
from labgateway.decisions.filters import STRAIGHT, Course, edited

Headers = list[tuple[bytes, bytes]]

CHAT_COMPLETIONS = "/chat/completions"

_HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
_TRACE = frozenset({b"traceparent", b"tracestate"})
_OURS = frozenset({b"accept-encoding", b"host", *_TRACE})
# The client's credentials, and what would tell the provider about the learner's browser.
_NOT_SENT = _HOP_BY_HOP | {
    b"accept-encoding",
    b"api-key",
    b"authorization",
    b"content-length",
    b"cookie",
    b"expect",
    b"forwarded",
    b"host",
    b"origin",
    b"ocp-apim-subscription-key",
    b"referer",
    b"traceparent",
    b"tracestate",
    b"x-api-key",
    b"x-goog-api-key",
    b"x-real-ip",
}
_NOT_SENT_PREFIXES = (b"x-forwarded-", b"sec-", b"cf-")
_NOT_SENT_SUFFIXES = (b"api-key", b"apikey", b"-token", b"-secret", b"client-ip")
_NOT_RETURNED = _HOP_BY_HOP | {
    b"alt-svc",
    b"content-length",
    b"content-location",
    b"date",
    b"location",
    b"nel",
    b"refresh",
    b"report-to",
    b"server",
    b"set-cookie",
    b"set-cookie2",
    b"strict-transport-security",
    b"via",
    b"x-powered-by",
}
_NOT_RETURNED_PREFIXES = (b"cf-", b"access-control-", b"x-amz-", b"x-envoy-")


@dataclass(frozen=True)
class UpstreamCall:
    """A request as it goes out. Headers hold the key; ``body`` None is one that follows.

    ``address`` None is the provider's own base URL, to which ``path`` is relative, unless
    ``whole_path`` says that it replaces the base URL's path too.
    """

    address: Address | None
    path: str
    whole_path: bool
    headers: Headers = field(repr=False)
    body: bytes | None = field(repr=False)
    method: str = "POST"


def upstream_path(backend: Backend, client_target: str) -> str:
    """Path and query of the provider call.

    At the provider's own base URL (OpenAI's ends in ``/v1``): ``/chat/completions`` with the
    client's query, whatever the client's path. With ``host``: the client's path unchanged, unless
    ``path`` or ``pathPrefix`` says else.
    """
    query = client_target.partition("?")[2]
    suffix = f"?{query}" if query else ""
    if backend.path is not None:
        return _absolute(backend.path)
    if backend.path_prefix is not None:
        return f"{_absolute(backend.path_prefix).rstrip('/')}{CHAT_COMPLETIONS}{suffix}"
    if backend.address is not None:
        return client_target
    return f"{CHAT_COMPLETIONS}{suffix}"


def request_headers(
    client: Headers, backend: Backend, trace: Headers, course: Course = STRAIGHT
) -> Headers:
    """Headers for the provider: the client's, less credentials and connection, plus the key.

    ``trace`` are the headers of the trace as it goes on. What filters add to the client's goes
    too, but for what the gateway itself says.
    """
    named = _connection_names(client)
    sent = [
        (name, value)
        for name, value in client
        if name not in _NOT_SENT
        and name not in named
        and not name.startswith(_NOT_SENT_PREFIXES)
        and not name.endswith(_NOT_SENT_SUFFIXES)
    ]
    if backend.credential is None:
        # No credential configured, or passthrough: the client's own goes as it is.
        sent += [(name, value) for name, value in client if name == b"authorization"]
    if course.request:
        sent = [pair for pair in edited(sent, course.request) if pair[0] not in _OURS]
    if backend.credential is not None:
        sent = _with_key(sent, backend.credential)
    # Compressed answers would hide usage from the gateway.
    return [*sent, (b"accept-encoding", b"identity"), *trace]


def passed_headers(
    client: Headers, backend: HTTPBackend, trace: Headers, course: Course
) -> Headers:
    """Headers for a backend that gets requests as they are: all but those of the connection.

    The Host is a rewrite's, else that of a backend with a host name, else the client's.
    """
    named = _connection_names(client)
    dropped = _HOP_BY_HOP | _TRACE | {b"expect"} | named - {b"host"}
    sent = edited([pair for pair in client if pair[0] not in dropped], course.request)
    hosts = [value for name, value in (*client, *sent) if name == b"host"]
    host = course.hostname or (backend.host.encode() if backend.host else hosts[-1])
    sent = [(b"host", host), *(pair for pair in sent if pair[0] != b"host")]
    if backend.credential is not None:
        sent = _with_key(sent, backend.credential)
    return [*sent, *trace]


def _with_key(headers: Headers, credential: Credential) -> Headers:
    kept = [pair for pair in headers if pair[0] != b"authorization"]
    return [*kept, (b"authorization", b"Bearer " + credential.token.encode())]


def returned_headers(upstream: Headers) -> Headers:
    """Headers for the client from such a backend: all but those of the connection.

    The Date is the gateway's own, which it sends with every response.
    """
    dropped = _HOP_BY_HOP | _connection_names(upstream) | {b"date", b"x-trace-id"}
    return [(name.lower(), value) for name, value in upstream if name.lower() not in dropped]


def response_headers(upstream: Headers) -> Headers:
    """Headers for the client: the provider's, less connection, cookies and infrastructure."""
    named = _connection_names(upstream)
    return [
        (name.lower(), value)
        for name, value in upstream
        if name.lower() not in _NOT_RETURNED
        and name.lower() not in named
        and not name.lower().startswith(_NOT_RETURNED_PREFIXES)
    ]


def _absolute(path: str) -> str:
    """A path that cannot run into the host and port before it."""
    return path if path.startswith("/") else f"/{path}"


def _connection_names(headers: Headers) -> set[bytes]:
    """Header names that a Connection header declares to be for this hop only."""
    return {
        token.strip().lower()
        for name, value in headers
        if name.lower() == b"connection"
        for token in value.split(b",")
    }
