"""Which listeners a route is attached to, and what ``Accepted`` says of it."""

from __future__ import annotations

import pytest

from tests.decisions.resources import (
    GATEWAY,
    HTTP,
    NAMESPACE,
    ROUTE,
    Json,
    backend,
    gateway,
    in_force,
    matching,
    prefix,
    regular,
    route,
)
from tests.decisions.statuses import PARENT, attached, error_for, parent_condition


@pytest.mark.parametrize(
    "parent",
    [
        {"name": "typo", "namespace": NAMESPACE},
        {"name": "agentgateway", "namespace": "other"},
        {**PARENT, "kind": "Service", "group": ""},
    ],
)
def test_an_unknown_parent_gets_no_status(parent: Json) -> None:
    """No controller feels spoken to; requests meet 404 ``route not found``."""
    snapshot = in_force(route(parents=[parent]), backend())
    assert snapshot.statuses[ROUTE] == {"parents": []}
    assert error_for(snapshot) == (404, "route not found")


def test_a_parent_without_namespace_is_in_the_routes_own() -> None:
    """Thus a route in another namespace does not find it."""
    assert attached(in_force(route(parents=[{"name": "agentgateway"}]))) == 1
    assert attached(in_force(route(parents=[{"name": "agentgateway"}], namespace="other"))) == 0


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({"matchLabels": {"team": "a"}}, 1),
        ({"matchLabels": {"team": "b"}}, 0),
        ({"matchLabels": {"kubernetes.io/metadata.name": "other"}}, 1),
        ({}, 1),
        ({"matchExpressions": [{"key": "team", "operator": "In", "values": ["a", "b"]}]}, 1),
        ({"matchExpressions": [{"key": "team", "operator": "NotIn", "values": ["a"]}]}, 0),
        ({"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["a"]}]}, 1),
        ({"matchExpressions": [{"key": "team", "operator": "Exists"}]}, 1),
        ({"matchExpressions": [{"key": "team", "operator": "DoesNotExist"}]}, 0),
        (
            {
                "matchLabels": {"team": "a"},
                "matchExpressions": [{"key": "x", "operator": "Exists"}],
            },
            0,
        ),
    ],
)
def test_a_selector_chooses_namespaces_by_label(selector: Json, expected: int) -> None:
    """An empty one takes all of them."""
    namespace = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "other", "labels": {"team": "a"}},
    }
    allowed = {"namespaces": {"from": "Selector", "selector": selector}}
    listener = {**HTTP, "allowedRoutes": allowed}
    snapshot = in_force(gateway(listener), namespace, route(parents=[PARENT], namespace="other"))
    assert attached(snapshot) == expected


@pytest.mark.parametrize(
    ("parent", "listeners", "namespace", "reason"),
    [
        ({"sectionName": "htp"}, [HTTP], NAMESPACE, "NoMatchingParent"),
        ({"port": 80}, [HTTP], NAMESPACE, "NoMatchingParent"),
        ({"sectionName": "http", "port": 81}, [HTTP], NAMESPACE, "NoMatchingParent"),
        (
            {},
            [{**HTTP, "allowedRoutes": {"namespaces": {"from": "Same"}}}],
            "other",
            "NotAllowedByListeners",
        ),
        (
            {},
            [{**HTTP, "allowedRoutes": {"namespaces": {"from": "Selector"}}}],
            NAMESPACE,
            "NotAllowedByListeners",
        ),
        ({}, [{**HTTP, "protocol": "TCP"}], NAMESPACE, "NotAllowedByListeners"),
        (
            {},
            [{**HTTP, "allowedRoutes": {"kinds": [{"kind": "GRPCRoute"}]}}],
            NAMESPACE,
            "NotAllowedByListeners",
        ),
        ({}, [{**HTTP, "hostname": "api.example.com"}], NAMESPACE, "NoMatchingListenerHostname"),
    ],
)
def test_a_route_that_no_listener_takes_is_not_accepted(
    parent: Json, listeners: list[Json], namespace: str, reason: str
) -> None:
    """The reason says at which gate it stopped."""
    refused = route(
        parents=[{**PARENT, **parent}], namespace=namespace, hostnames=["www.example.com"]
    )
    snapshot = in_force(gateway(*listeners), refused)
    key = ROUTE._replace(namespace=namespace)
    found = parent_condition(snapshot, "Accepted", key)
    assert (found.status, found.reason) == ("False", reason)
    assert attached(snapshot) == 0


@pytest.mark.parametrize(
    "match",
    [
        regular("("),
        regular("(?=a)"),
        prefix("/", headers=[{"name": "a", "value": "[", "type": "RegularExpression"}]),
        prefix("/", queryParams=[{"name": "a", "value": "*", "type": "RegularExpression"}]),
    ],
)
def test_a_regular_expression_that_does_not_compile_is_an_unsupported_value(match: Json) -> None:
    """The route is stored and not attached; every other route works on."""
    broken = route(matching(prefix("/ok")), matching(match), name="broken")
    snapshot = in_force(broken, route(name="good"))
    found = parent_condition(snapshot, "Accepted", ROUTE._replace(name="broken"))
    assert (found.status, found.reason) == ("False", "UnsupportedValue")
    assert found.message.startswith("spec.rules[1].matches[0]: invalid regular expression")
    assert attached(snapshot) == 1


@pytest.mark.parametrize(
    ("listener", "hostnames", "reached"),
    [
        (None, None, [""]),
        (None, ["a.io"], ["a.io"]),
        ("a.io", None, ["a.io"]),
        ("a.io", ["a.io", "b.io"], ["a.io"]),
        ("*.io", ["a.io", "x.b.io", "a.com"], ["a.io", "x.b.io"]),
        ("a.b.io", ["*.io", "*.b.io"], ["a.b.io"]),
        ("*.b.io", ["*.io"], ["*.b.io"]),
        ("*.io", ["*.b.io"], ["*.b.io"]),
    ],
)
def test_hostnames_are_what_listener_and_route_share(
    listener: str | None, hostnames: list[str] | None, reached: list[str]
) -> None:
    """The more specific of two that meet."""
    spec = {**HTTP, **({"hostname": listener} if listener else {})}
    snapshot = in_force(gateway(spec), route(hostnames=hostnames))
    (found,) = snapshot.tables[(GATEWAY, 8080)].listeners
    assert sorted(found.routes) == sorted(reached)


def test_a_route_counts_once_on_a_listener() -> None:
    """However many of its parentRefs lead there."""
    parents: list[Json] = [PARENT, {"name": PARENT["name"]}]
    snapshot = in_force(route(parents=parents))
    assert attached(snapshot) == 1
    assert len(snapshot.statuses[ROUTE]["parents"]) == 2


def test_a_route_reaches_every_listener_of_a_parent_without_section_name() -> None:
    """Each listener counts it, and each port has a table."""
    other = {**HTTP, "name": "other", "port": 8081}
    snapshot = in_force(
        gateway(HTTP, other), route(), route(name="two", parents=[{**PARENT, "port": 8081}])
    )
    assert (attached(snapshot), attached(snapshot, "other")) == (1, 2)
    assert sorted(port for _gateway, port in snapshot.tables) == [8080, 8081]
