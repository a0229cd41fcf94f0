"""One conformance test against a cluster: its conditions and its requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx

from tests.conformance.cluster import Cluster, Json
from tests.conformance.facts import INFRA, manifests

DEFAULT_PORTS = {"http": 80, "https": 443}


def problems(cluster: Cluster, test: Json) -> list[str]:
    """What a test of the suite finds wrong; nothing when it passes."""
    with cluster.test():
        given = list(manifests(test))
        for one in given:
            cluster.create(one)
        return [*_conditions(cluster, test, given), *_requests(cluster, test)]


def refusal_or_warning(cluster: Cluster, test: Json) -> str:
    """How the gateway says that it does not do what a test outside needs; "" when it does not."""
    with cluster.test():
        try:
            warnings = [text for one in manifests(test) for text in cluster.create(one)]
        except httpx.HTTPStatusError as error:
            return str(error.response.json()["message"])
        routes = [cluster.get(one) for one in manifests(test) if one["kind"] == "HTTPRoute"]
        said = [
            one["message"]
            for route in routes
            for one in _of_parents(route, None)
            if one["status"] == "False"
        ]
        return "; ".join(warnings + said)


def _conditions(cluster: Cluster, test: Json, given: list[Json]) -> Iterator[str]:
    routes = [cluster.get(one) for one in given if one["kind"] == "HTTPRoute"]
    wanted = [(one, "Accepted", "True", "") for one in test.get("routesMustBeAccepted", [])]
    wanted += [
        (one, "ResolvedRefs", "True", "") for one in test.get("routesMustHaveResolvedRefsTrue", [])
    ]
    wanted += [
        (one, one["type"], one["status"], one["reason"]) for one in test.get("conditions", [])
    ]
    for one, type_, status, reason in wanted:
        name = one["route"].rpartition("/")[2]
        # One test of the file names its only route otherwise than its manifest does.
        (route,) = [r for r in routes if len(routes) == 1 or r["metadata"]["name"] == name]
        found = [c for c in _of_parents(route, one["gateway"]) if c["type"] == type_]
        if {(c["status"], c["reason"] if reason else "") for c in found} != {(status, reason)}:
            yield f"{name} of {one['gateway']}: {type_} is {found}, expected {status} {reason}"
    for route in routes:
        generation = route["metadata"]["generation"]
        if any(c["observedGeneration"] != generation for c in _of_parents(route, None)):
            yield f"{route['metadata']['name']}: a condition is of another generation"
        accepted = [c["status"] for c in _of_parents(route, None) if c["type"] == "Accepted"]
        if test.get("noAcceptedParents") and "True" in accepted:
            yield f"{route['metadata']['name']}: a parent accepted it"
    yield from _attached(cluster, test)


def _attached(cluster: Cluster, test: Json) -> Iterator[str]:
    for name in {one["gateway"].rpartition("/")[2] for one in test.get("conditions", [])}:
        metadata = {"name": name, "namespace": INFRA}
        kind = {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway"}
        listeners = cluster.get({**kind, "metadata": metadata})["status"]["listeners"]
        count = sum(one["attachedRoutes"] for one in listeners)
        if count != test.get("gatewayAttachedRoutes", count):
            yield f"{name}: {count} attached routes, expected {test['gatewayAttachedRoutes']}"


def _of_parents(route: Json, gateway: str | None) -> Iterator[Json]:
    """The conditions that a Gateway's controller gave a route; of all Gateways for None."""
    name = gateway and gateway.rpartition("/")[2]
    for parent in route["status"]["parents"]:
        if name in {None, parent["parentRef"]["name"]}:
            yield from parent["conditions"]


def _requests(cluster: Cluster, test: Json) -> Iterator[str]:
    for number, case in enumerate(test["cases"]):
        if "precondition" in case:
            for path in [one for one in cluster.applied if "/referencegrants/" in one]:
                cluster.delete(path)
        ports = cluster.port(case["gateway"], case.get("gatewayPort"))
        for problem in _answer_problems(case, _ask(cluster, case, ports[1]), *ports):
            yield f"request {number} {case['request']}: {problem}"
    if "distribution" in test:
        yield from _distribution(cluster, test["distribution"])
    if test["test"] == "HTTPRouteRequestHeaderModifierBackendWeights":
        yield from _own_headers(cluster, test["cases"][0])


def _own_headers(cluster: Cluster, case: Json) -> Iterator[str]:
    """Each of a hundred requests has the header that its own backendRef sets."""
    _, place = cluster.port(case["gateway"], None)
    for _ in range(100):
        seen = _ask(cluster, case, place).json()
        if seen["headers"]["backend"] != seen["backend"]:
            yield f"{seen['backend']} saw the header of {seen['headers']['backend']}"


def _ask(cluster: Cluster, case: Json, place: int) -> httpx.Response:
    """The answer to a case's request, where its listener listens."""
    asked, tls = case["request"], case.get("tls")
    headers = {"Host": asked["host"]} if "host" in asked else {}
    return (cluster.afresh if tls else cluster.asking).request(
        asked["method"],
        f"{'https' if tls else 'http'}://127.0.0.1:{place}{asked['path']}",
        headers={**headers, **asked.get("headers", {})},
        extensions={"sni_hostname": tls["sni"]} if tls else {},
    )


def _answer_problems(case: Json, answer: httpx.Response, port: int, place: int) -> Iterator[str]:
    asked, expected = case["request"], case["expect"]
    if answer.status_code not in expected["status"]:
        yield f"status {answer.status_code} {answer.text[:200]}, expected {expected['status']}"
        return
    if "redirect" in expected:
        yield from _redirect_problems(asked, expected["redirect"], answer, port, place)
    if answer.status_code == 200:
        yield from _seen_problems(asked, expected, answer.json())
    for name, value in expected.get("responseHeaders", {}).items():
        if answer.headers.get(name) != value:
            yield f"response header {name} is {answer.headers.get(name)}, expected {value}"
    for name in expected.get("absentResponseHeaders", []):
        if name in answer.headers:
            yield f"response header {name} is there"


def _seen_problems(asked: Json, expected: Json, seen: Json) -> Iterator[str]:
    """Who answered, and the request as it came there."""
    wanted = expected.get("requestSeenByBackend", {})
    pairs = {
        "backend": expected.get("backend", seen["backend"]),
        "namespace": expected.get("backendNamespace", seen["namespace"]),
        "method": asked["method"],
        "path": wanted.get("path", asked["path"]),
        "host": wanted.get("host", asked.get("host", seen["host"])),
    }
    yield from (
        f"{key} was {seen[key]}, expected {v}" for key, v in pairs.items() if seen[key] != v
    )
    for name, value in wanted.get("headers", {} if wanted else asked.get("headers", {})).items():
        if seen["headers"].get(name.lower()) != value:
            yield f"header {name} was {seen['headers'].get(name.lower())}, expected {value}"
    for name in wanted.get("absentHeaders", []):
        if name.lower() in seen["headers"]:
            yield f"header {name} was there"


def _redirect_problems(
    asked: Json, wanted: Json, answer: httpx.Response, port: int, place: int
) -> Iterator[str]:
    """The Location; where a listener's own port is meant, it is the one where it listens."""
    there = urlsplit(answer.headers["location"])
    default = DEFAULT_PORTS[there.scheme]
    got = port if there.port == place else there.port or default
    pairs = {
        "scheme": (there.scheme, wanted.get("scheme", "http")),
        "host": (there.hostname, wanted.get("host", there.hostname)),
        "path": (there.path, wanted.get("path", asked["path"].partition("?")[0])),
        "port": (str(got), wanted.get("port") or str(default)),
    }
    for name, (found, expected) in pairs.items():
        if found != expected:
            yield f"redirect to {answer.headers['location']}: {name} {found}, expected {expected}"


def _distribution(cluster: Cluster, wanted: Json) -> Iterator[str]:
    """Shares of so many requests, asked again as often as the suite allows."""
    _, place = cluster.port(wanted["gateway"], None)
    expected, total = wanted["expectedShare"], wanted["requests"]
    for _ in range(wanted["maxRetriesOfTheWholeCheck"]):
        answers = Counter(_ask(cluster, wanted, place).json()["backend"] for _ in range(total))
        shares = {name: count / total for name, count in answers.items()}
        if all(
            abs(shares.get(name, 0) - share) <= wanted["absoluteTolerance"] * (share > 0)
            for name, share in expected.items()
        ):
            return
    yield f"shares {shares}, expected {expected}"
