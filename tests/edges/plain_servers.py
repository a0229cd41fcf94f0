"""A server that gets requests as they are, and the manifests that lead there."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

from labgateway.edges.serving import Loop, bind, port_of, served

DEADLINE_S = 20.0


class Server:
    """Answers by the path: ``/echo``; ``/held``, whose end waits for ``go``; and so on."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.left = threading.Event()
        self.parts: list[bytes] = []
        self.heard = threading.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI."""
        how = scope["path"].split("/")[1]
        await getattr(self, f"_{how}")(scope, receive, send)

    async def _echo(self, scope: Any, receive: Any, send: Any) -> None:
        body = await _read(receive)
        seen = {
            "method": scope["method"],
            "target": f"{scope['raw_path'].decode()}?{scope['query_string'].decode()}",
            "headers": [[name.decode(), value.decode()] for name, value in scope["headers"]],
            "body": body.decode(),
        }
        answer = json.dumps(seen).encode()
        headers = [
            (b"content-length", b"%d" % len(answer)),
            (b"set-cookie", b"a=1"),
            (b"set-cookie", b"b=2"),
            (b"location", b"/there"),
            (b"server", b"plain"),
            (b"connection", b"x-mine"),
            (b"x-mine", b"1"),
        ]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _bare(self, scope: Any, receive: Any, send: Any) -> None:
        await _read(receive)
        status = int(scope["path"].rpartition("/")[2])
        headers = [(b"etag", b"x")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def _held(self, _scope: Any, receive: Any, send: Any) -> None:
        await _read(receive)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first,", "more_body": True})
        assert await asyncio.to_thread(self.go.wait, DEADLINE_S)
        await send({"type": "http.response.body", "body": b"last"})

    async def _upload(self, _scope: Any, receive: Any, send: Any) -> None:
        more = True
        while more:
            message = await receive()
            self.parts.append(message.get("body", b""))
            self.heard.set()
            more = message.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"%d" % len(b"".join(self.parts))})

    async def _deaf(self, _scope: Any, receive: Any, send: Any) -> None:
        """Reads nothing until it is told to."""
        assert await asyncio.to_thread(self.go.wait, DEADLINE_S)
        await self._upload(_scope, receive, send)

    async def _forever(self, _scope: Any, receive: Any, _send: Any) -> None:
        self.heard.set()
        while (await receive())["type"] != "http.disconnect":
            pass
        self.left.set()

    async def _broken(self, _scope: Any, receive: Any, send: Any) -> None:
        await _read(receive)
        headers = [(b"content-length", b"100")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"only this", "more_body": True})
        raise RuntimeError("breaks off, as it is told to")


async def _read(receive: Any) -> bytes:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


@contextlib.contextmanager
def serving(server: Server) -> Iterator[int]:
    """Serve on loopback; gives the port."""
    listener = bind(0, strict=True)
    port = port_of(listener)

    @contextlib.asynccontextmanager
    async def block() -> AsyncIterator[None]:
        async with served((server, listener)):
            yield

    loop = Loop("plain-server")
    loop.start(block)
    try:
        yield port
    finally:
        server.go.set()
        loop.stop()


def service(port: int, *, ready: bool = True, name: str = "plain") -> str:
    """A Service on port 80 whose one endpoint is a port of this machine."""
    return f"""
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: agentgateway-system}}
spec: {{ports: [{{port: 80}}]}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: {name}-1
  namespace: agentgateway-system
  labels: {{kubernetes.io/service-name: {name}}}
addressType: IPv4
endpoints: [{{addresses: [127.0.0.1], conditions: {{ready: {str(ready).lower()}}}}}]
ports: [{{port: {port}}}]
"""


def static(port: int, host: str = "127.0.0.1") -> str:
    """An AgentgatewayBackend that is a server by host and port, with a key."""
    return f"""
apiVersion: agentgateway.dev/v1alpha1
kind: AgentgatewayBackend
metadata: {{name: plain, namespace: agentgateway-system}}
spec:
  static: {{host: {host}, port: {port}}}
  policies: {{auth: {{secretRef: {{name: openai-secret}}}}}}
"""


def route(*rules: str, name: str = "plain", gateway: str = "agentgateway") -> str:
    """A route with rules in YAML's flow style; the first that matches goes to ``plain``."""
    listed = "".join(
        f"\n  - {one}" for one in rules or ("{backendRefs: [{name: plain, port: 80}]}",)
    )
    return f"""
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: {name}, namespace: agentgateway-system}}
spec:
  parentRefs: [{{name: {gateway}}}]
  rules:{listed}
"""
