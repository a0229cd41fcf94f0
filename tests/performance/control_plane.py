"""The control plane: time to apply 1,000 routes through the API, and to match among many.

.venv/bin/python tests/performance/control_plane.py
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from labgateway.decisions.environment import BIND
from labgateway.decisions.reconcile import reconcile
from labgateway.decisions.route_table import RouteTable
from labgateway.decisions.routes import RequestHead
from labgateway.shapes.gateway_api import Gateway, GatewayClass, HTTPRoute
from labgateway.shapes.resource import Resource
from tests.conftest import gateway_in

Json = dict[str, Any]

ROUTES = 1_000
MATCHES = 10
REQUESTS = 20_000
LIMIT_S, LIMIT_US = 10.0, 50.0
GATEWAY_API = "gateway.networking.k8s.io/v1"
PATH = f"/apis/{GATEWAY_API}/namespaces/agentgateway-system/httproutes"


def route(number: int, matches: list[Json]) -> Json:
    """A route to a backend that needs not be there."""
    ref = {"name": "openai", "group": "agentgateway.dev", "kind": "AgentgatewayBackend"}
    return {
        "apiVersion": GATEWAY_API,
        "kind": "HTTPRoute",
        "metadata": {"name": f"route-{number}", "namespace": "agentgateway-system"},
        "spec": {
            "parentRefs": [{"name": "agentgateway"}],
            "rules": [{"matches": matches, "backendRefs": [ref]}],
        },
    }


def paths(number: int) -> list[Json]:
    """Ten paths of a route's own, half of them with a header, a method or a query parameter."""
    extras: list[Json] = [
        {"headers": [{"name": "x-team", "value": "a"}]},
        {"method": "POST"},
        {"queryParams": [{"name": "model", "value": "small"}]},
        {},
        {},
    ]
    return [
        {"path": {"type": "PathPrefix", "value": f"/api/{number}/{index}"}, **extras[index % 5]}
        for index in range(MATCHES)
    ]


def one_path(number: int) -> list[Json]:
    """Ten matches of one path that all routes share; they differ in a header."""
    return [
        {
            "path": {"type": "PathPrefix", "value": "/openai"},
            "headers": [{"name": "x-user", "value": f"{number}-{index}"}],
        }
        for index in range(MATCHES)
    ]


def applied(matches: int) -> tuple[float, float]:
    """Seconds in which one client creates 1,000 routes over HTTP, one after the other.

    Shape: (on the clock, of processor time, the client's included).
    """
    with tempfile.TemporaryDirectory() as home, gateway_in(Path(home) / "home") as lab:
        running = lab.gateway.running
        url = f"http://127.0.0.1:{running.admin_port}/{running.secret}"
        query = {"fieldValidation": "Strict", "fieldManager": "kubectl-client-side-apply"}
        with httpx.Client(base_url=url, params=query, trust_env=False, timeout=60) as client:
            began, began_cpu = time.perf_counter(), time.process_time()
            for number in range(ROUTES):
                answer = client.post(PATH, json=route(number, paths(number)[:matches]))
                assert answer.status_code == 201, answer.text
            took_s = time.perf_counter() - began, time.process_time() - began_cpu
            gateway = client.get(PATH.replace("httproutes", "gateways/agentgateway")).json()
        assert gateway["status"]["listeners"][0]["attachedRoutes"] == ROUTES
    return took_s


def table_of(manifests: list[Json]) -> RouteTable:
    """The route table of the lab's Gateway with these routes."""
    metadata = {"name": "agentgateway"}
    controller = {"controllerName": "agentgateway.dev/agentgateway"}
    listener = {"name": "http", "port": 8080, "protocol": "HTTP"}
    spec = {"gatewayClassName": "agentgateway", "listeners": [listener]}
    head = {"apiVersion": GATEWAY_API, "metadata": metadata}
    home = {**metadata, "namespace": "agentgateway-system"}
    resources: list[Resource] = [
        GatewayClass.model_validate({**head, "kind": "GatewayClass", "spec": controller}),
        Gateway.model_validate({**head, "kind": "Gateway", "metadata": home, "spec": spec}),
        *map(HTTPRoute.model_validate, manifests),
    ]
    return reconcile({one.key: one for one in resources}).tables[BIND]


def matched(table: RouteTable, heads: list[RequestHead]) -> Iterator[float]:
    """Microseconds of each request's selection."""
    for number in range(REQUESTS):
        head = heads[number % len(heads)]
        began = time.perf_counter_ns()
        table.match(head)
        yield (time.perf_counter_ns() - began) / 1_000


def request(path: str, user: str = "") -> RequestHead:
    """A request that every kind of match above can take."""
    headers = {"x-team": "a", "x-user": user}
    return RequestHead("POST", "localhost", path, {"model": "small"}, headers)


def main() -> int:
    """Measure, print, and say whether the limits are kept."""
    good = True
    for matches in (1, MATCHES):
        took_s, cpu_s = applied(matches)
        good = good and took_s < LIMIT_S
        print(
            f"apply {ROUTES:,} routes, {matches} matches each: {took_s:.1f} s (< {LIMIT_S:.0f} s),"
            f" {cpu_s:.1f} s of processor time with the client's"
        )
    for count in (10, 100, ROUTES):
        table = table_of([route(number, paths(number)) for number in range(count)])
        heads = [request(f"/api/{number}/{number % MATCHES}/chat") for number in range(count)]
        table.match(heads[0])  # makes the index of paths
        times = sorted(matched(table, heads))
        median = statistics.median(times)
        good = good and median < LIMIT_US
        print(
            f"match among {count:>5,} routes, paths of their own: median {median:.1f} us"
            f" (< {LIMIT_US:.0f} us), p99 {times[len(times) * 99 // 100]:.1f} us"
        )
    for count in (10, 100, ROUTES):
        table = table_of([route(number, one_path(number)) for number in range(count)])
        heads = [request("/openai", f"{number}-{number % 10}") for number in range(count)]
        median = statistics.median(matched(table, heads))
        print(f"match among {count:>5,} routes, one path, by header: median {median:.1f} us")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
