"""Where a chat can be tried: the ways into the gateway that its routes open, and one such request.

Only what an attached HTTPRoute matches can be asked for, so whoever may use this cannot reach
anything else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from labgateway.decisions.mentions import key_of
from labgateway.shapes.resource import Key

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Way:
    """A request that one match of a route takes; ``id`` tells it from the others."""

    id: str
    route: Key
    target: str
    host: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def label(self) -> str:
        """As a list shows it."""
        host = f" at {self.host}" if self.host else ""
        headers = "".join(f", {name}: {value}" for name, value in self.headers)
        return f"{self.route.name}: POST {self.target}{host}{headers}"


def ways_in(routes: Iterable[Json], attached: Iterable[Key]) -> list[Way]:
    """The ways of attached routes, in their order; a match that no chat can meet has none."""
    taken = set(attached)
    return [way for one in routes if key_of(one) in taken for way in _of_route(one)]


def chat_body(prompt: str, model: str, *, stream: bool) -> bytes:
    """A chat completion request; a stream asks for its usage, an empty model is left out."""
    body: dict[str, Any] = {"messages": [{"role": "user", "content": prompt}]}
    if model:
        body["model"] = model
    if stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return json.dumps(body).encode()


def _of_route(manifest: Json) -> Iterator[Way]:
    key = key_of(manifest)
    hosts = manifest["spec"].get("hostnames") or [""]
    for i, rule in enumerate(manifest["spec"].get("rules") or [{}]):
        for j, match in enumerate(rule.get("matches") or [{}]):
            target = _target(match)
            headers = tuple((one["name"], one["value"]) for one in match.get("headers") or ())
            sendable = all(value.isascii() and value.isprintable() for _name, value in headers)
            if target is None or not sendable or match.get("method", "POST") != "POST":
                continue
            for k, host in enumerate(hosts):
                # A wildcard stands for one label or more.
                name = host.replace("*.", "any.", 1)
                yield Way(f"{key.namespace}/{key.name}/{i}/{j}/{k}", key, target, name, headers)


def _target(match: Json) -> str | None:
    """Path and query; None when a pattern would have to be turned into a text that it takes."""
    parts = [match.get("path") or {}, *(match.get("headers") or ())]
    query = match.get("queryParams") or ()
    if any(one.get("type") == "RegularExpression" for one in (*parts, *query)):
        return None
    path = str(parts[0].get("value", "/"))
    asked = urlencode([(one["name"], one["value"]) for one in query])
    return f"{path}?{asked}" if asked else path
