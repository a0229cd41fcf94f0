"""The route table: which rule takes a request.

Precedence (Gateway API v1, HTTPRouteRule.matches): most specific hostname; Exact path; longest
PathPrefix; method; most headers; most query parameters; then the older route, then
``namespace/name``, then the first rule. Regular expressions come after prefixes
(implementation-specific), longest first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labgateway.decisions.path_index import PathIndex
from labgateway.decisions.routes import RequestHead, Selected
from labgateway.shapes.resource import Key
from labgateway.words.errors import RouteNotFound


@dataclass(frozen=True)
class Listener:
    """A listener in force and the routes attached to it, by route hostname ("" for any)."""

    name: str
    hostname: str
    routes: Mapping[str, PathIndex]


@dataclass(frozen=True)
class RouteTable:
    """All listeners of one Gateway's port, most specific hostname first."""

    gateway: Key
    port: int
    listeners: tuple[Listener, ...]
    scheme: str = "http"

    def match(self, head: RequestHead, *, named_only: bool = False) -> Selected:
        """The rule for a request.

        ``named_only``: only what a listener or route names by hostname counts, which is all that a
        request with a foreign Host may reach. Errors: ``RouteNotFound``.
        """
        for listener in self.listeners:
            if not hostname_holds(listener.hostname, head.host):
                continue
            for hostname in hosts_by_specificity(listener.routes, head.host):
                if named_only and not (hostname or listener.hostname):
                    continue
                found = listener.routes[hostname].find(head)
                if found is not None:
                    return Selected(found.rule, found.match, listener.name)
            if listener.hostname:
                # The most specific listener owns its host (Gateway API, Listener isolation).
                break
        raise RouteNotFound


def hostname_holds(pattern: str, host: str) -> bool:
    """Whether a hostname ("" for any, ``*.`` for one or more labels) holds a host."""
    if not pattern:
        return True
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and len(host) > len(pattern) - 1
    return pattern == host


def hosts_by_specificity(hostnames: Mapping[str, object], host: str) -> list[str]:
    """Those of the hostnames that hold the host: exact, then the longest wildcard, then any."""
    held = [one for one in hostnames if hostname_holds(one, host)]
    return sorted(held, key=specificity)


def specificity(hostname: str) -> tuple[bool, bool, int]:
    """Sort key of a hostname, most specific first."""
    return (hostname == "", hostname.startswith("*."), -len(hostname))
