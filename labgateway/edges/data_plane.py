"""The gateway port: raw ASGI from a client's request to the provider's answer and back.

Decisions are made by pure functions; this module does the I/O, in the order of agentgateway
v1.4.1: select, read, translate, call, pass back, remember.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from urllib.parse import parse_qsl

from labgateway.decisions.filters import location
from labgateway.decisions.listeners import Bind
from labgateway.decisions.origin import is_loopback, one_host, refuse_foreign_origin
from labgateway.decisions.reconcile import Snapshot
from labgateway.decisions.references import choose
from labgateway.decisions.routes import RequestHead, Selected, plain_path
from labgateway.edges.downstream import ClientGone, Headers, Receive, Send
from labgateway.edges.http_call import call_server
from labgateway.edges.llm_call import call_model
from labgateway.edges.passage import Passage, asked
from labgateway.edges.transit import Recording, Scope, Transit
from labgateway.edges.upstream import Upstream
from labgateway.words.errors import BindNotFound, GatewayError, RouteNotFound

HTTP_OK = 200
CLIENT_CLOSED = 499  # nginx's status for a client that went away; only ever in the log


class DataPlane:
    """The ASGI application of one Gateway's port.

    ``snapshot`` gives what is in force, ``recording`` remembers an exchange before the client has
    its last byte, ``ports`` are the loopback ports whose pages may call (the lab's own).
    """

    def __init__(
        self,
        bind: Bind,
        snapshot: Callable[[], Snapshot],
        upstream: Upstream,
        recording: Recording,
        ports: Callable[[], frozenset[int]],
    ) -> None:
        key, port = bind
        self._bind = bind
        self._bind_name = f"{port}/{key.namespace}/{key.name}"
        self._snapshot = snapshot
        self._upstream = upstream
        self._recording = recording
        self._record = recording.record
        self._ports = ports

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; whatever happens is recorded once."""
        transit = Transit(scope, self._bind_name, self._recording)
        try:
            await self._serve(scope, transit, receive, send)
        except GatewayError as error:
            await self._refuse(transit, error, send)
        except ClientGone as gone:
            if not transit.finished:
                self._record(transit.finish(CLIENT_CLOSED, "Internal", str(gone)))
        except Exception:  # the one place that answers for a bug of ours
            if not transit.finished:
                await self._refuse(transit, GatewayError(), send)
            raise

    async def _serve(self, scope: Scope, transit: Transit, receive: Receive, send: Send) -> None:
        snapshot = self._snapshot()  # a request keeps the one it began with
        head, selected = self._select(scope, transit, snapshot)
        redirect = selected.rule.redirect
        if redirect is None:
            destination = choose(selected.rule.destinations, random.random())  # noqa: S311 - a share of traffic, no secret
            transit.facts["backend"] = destination.name
            redirect = destination.redirect
        if redirect is not None:
            # Another host is meant as on a cluster; this one is reached where its socket is.
            port = self._bind[1] if redirect.hostname else snapshot.ports[self._bind]
            there = location(redirect, asked(scope, head, selected, port))
            await self._redirect(redirect.status_code, there, transit, send)
            return
        passage = Passage(scope, receive, send, transit, head, selected, destination, self._record)
        if destination.http is not None:
            await call_server(passage, destination.http, self._upstream)
        else:
            await call_model(passage, self._upstream)

    def _select(
        self, scope: Scope, transit: Transit, snapshot: Snapshot
    ) -> tuple[RequestHead, Selected]:
        headers: Headers = scope["headers"]
        host = one_host(headers)
        transit.facts["host"] = host
        refuse_foreign_origin(headers, self._ports())
        table = snapshot.tables.get(self._bind)
        if table is None or table.scheme != scope["scheme"]:
            raise BindNotFound
        head = RequestHead(
            scope["method"],
            host,
            plain_path(scope["raw_path"].decode("latin-1")),
            dict(
                reversed(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
            ),
            {n.decode("latin-1"): v.decode("latin-1") for n, v in reversed(headers)},
        )
        if not head.path.startswith("/"):
            raise RouteNotFound
        selected = table.match(head, named_only=not is_loopback(host))
        transit.selected(head, selected, f"{table.gateway.namespace}/{table.gateway.name}")
        return head, selected

    async def _redirect(self, status: int, location: str, transit: Transit, send: Send) -> None:
        self._record(transit.finish(status, "DirectResponse"))
        headers = [(b"location", location.encode("latin-1")), (b"content-length", b"0")]
        await _answer(transit, send, status, headers)

    async def _refuse(self, transit: Transit, error: GatewayError, send: Send) -> None:
        if transit.answered:
            # Headers are out: the client must see a broken transfer, not a short success.
            if not transit.finished:
                self._record(transit.finish(HTTP_OK, error.reason, str(error)))
            raise error
        self._record(transit.finish(error.status, error.reason, str(error)))
        body = str(error).encode()
        headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body))]
        await _answer(transit, send, error.status, headers, body)


async def _answer(
    transit: Transit, send: Send, status: int, headers: Headers, body: bytes = b""
) -> None:
    """An answer of the gateway's own."""
    headers = [*headers, (b"x-trace-id", transit.trace.trace_id.encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
