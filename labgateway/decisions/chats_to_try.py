"""Where a chat can be tried: the ways into the gateway that its routes open, and one such request.

Only what an attached HTTPRoute matches can be asked for, so whoever may use this cannot reach
anything else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from labgateway.decisions.compiling import Compiled
from labgateway.decisions.reconcile import Snapshot
from labgateway.shapes.gateway_api import Gateway, RouteMatch
from labgateway.shapes.resource import Key


@dataclass(frozen=True)
class Way:
    """A request that one match of a route takes, at a loopback port; ``id`` tells it from others.

    ``host`` is "" when any will do.
    """

    id: str
    route: Key
    port: int
    target: str
    host: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def label(self) -> str:
        """As a list shows it."""
        headers = "".join(f", {name}: {value}" for name, value in self.headers)
        where = f"{self.host or 'localhost'}:{self.port}{self.target}"
        return f"{self.route.name}: POST {where}{headers}"


def ways_in(snapshot: Snapshot) -> list[Way]:
    """The ways of attached routes by namespace and name; a match that no chat can meet has none."""
    return [way for key in sorted(snapshot.routes) for way in _of_route(snapshot, key)]


def chat_body(prompt: str, model: str, *, stream: bool) -> bytes:
    """A chat completion request; a stream asks for its usage, an empty model is left out."""
    body: dict[str, Any] = {"messages": [{"role": "user", "content": prompt}]}
    if model:
        body["model"] = model
    if stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return json.dumps(body).encode()


def _of_route(snapshot: Snapshot, key: Key) -> Iterator[Way]:
    one = snapshot.routes[key]
    places = dict.fromkeys(_places(snapshot, one))
    for i, rule in enumerate(one.route.spec.rules):
        for j, match in enumerate(rule.matches or [RouteMatch()]):
            target = _target(match)
            if target is None:
                continue
            headers = tuple((each.name, each.value) for each in match.headers)
            for port, host in places:
                name = f"{key.namespace}/{key.name}/{i}/{j}/{port}/{host}"
                yield Way(name, key, port, target, host, headers)


def _places(snapshot: Snapshot, one: Compiled) -> Iterator[tuple[int, str]]:
    """(port, host) where the route can be met."""
    for key, listener, hostname in one.places:
        gateway = snapshot.resources[key]
        assert isinstance(gateway, Gateway)
        port = next(each.port for each in gateway.spec.listeners if each.name == listener)
        if (key, port) in snapshot.ports:
            # A wildcard stands for one label or more.
            yield snapshot.ports[key, port], hostname.replace("*.", "any.", 1)


def _target(match: RouteMatch) -> str | None:
    """Path and query; None when no chat is met, or a pattern would have to be guessed from."""
    types = {match.path.type, *(one.type for one in match.headers)}
    types |= {one.type for one in match.query_params}
    sendable = all(one.value.isascii() and one.value.isprintable() for one in match.headers)
    if "RegularExpression" in types or not sendable or match.method not in {None, "POST"}:
        return None
    asked = urlencode([(one.name, one.value) for one in match.query_params])
    return f"{match.path.value}?{asked}" if asked else match.path.value
