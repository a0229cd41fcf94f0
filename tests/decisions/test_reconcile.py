"""Resources → conditions, attached routes, destinations."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labgateway.decisions.backends import Backend
from labgateway.decisions.conditions import CONTROLLER
from labgateway.decisions.reconcile import Snapshot, reconcile
from labgateway.decisions.references import choose
from labgateway.decisions.routes import Destination, RequestHead
from labgateway.shapes.resource import Condition, Key
from labgateway.words.errors import NoValidBackends, RouteNotFound
from tests.decisions.resources import (
    BACKEND,
    GATEWAY,
    HTTP,
    NAMESPACE,
    ROUTE,
    TO_OPENAI,
    Json,
    admitted,
    backend,
    gateway,
    gateway_class,
    in_force,
    matching,
    prefix,
    regular,
    route,
    secret,
)

CLASS = Key("gateway.networking.k8s.io", "GatewayClass", "", "agentgateway")
PARENT = {"name": "agentgateway", "namespace": NAMESPACE}


def condition(conditions: list[Condition], type_: str) -> Condition:
    """The one condition of a type."""
    (found,) = [one for one in conditions if one.type == type_]
    return found


def parent_condition(snapshot: Snapshot, type_: str, key: Key = ROUTE) -> Condition:
    """A condition of a route that has one parent."""
    (parent,) = snapshot.statuses[key]["parents"]
    assert parent["controllerName"] == CONTROLLER
    return condition(parent["conditions"], type_)


def attached(snapshot: Snapshot, listener: str = "http") -> int:
    """``attachedRoutes`` of a listener."""
    listeners: list[Json] = snapshot.statuses[GATEWAY]["listeners"]
    (found,) = [one["attachedRoutes"] for one in listeners if one["name"] == listener]
    return int(found)


def error_for(snapshot: Snapshot, path: str = "/") -> tuple[int, str]:
    """(status, body) of what a request meets instead of a backend."""
    try:
        selected = snapshot.tables[(GATEWAY, 8080)].match(RequestHead("POST", "localhost", path))
        destination = choose(selected.rule.destinations, 0.5)
    except (RouteNotFound, NoValidBackends) as error:
        return error.status, str(error)
    assert destination.error is not None
    return destination.error.status, str(destination.error)


def test_a_complete_pair_is_accepted_and_resolved() -> None:
    """Route, backend, Gateway and class all say so, and one route is attached."""
    snapshot = in_force(route(), backend())
    assert parent_condition(snapshot, "Accepted") == (
        "Accepted",
        "True",
        "Accepted",
        "Route is accepted",
    )
    assert parent_condition(snapshot, "ResolvedRefs")[1:3] == ("True", "ResolvedRefs")
    assert snapshot.statuses[ROUTE]["parents"][0]["parentRef"] == {
        "group": "gateway.networking.k8s.io",
        "kind": "Gateway",
        **PARENT,
    }
    assert condition(snapshot.statuses[BACKEND]["conditions"], "Accepted").status == "True"
    assert condition(snapshot.statuses[GATEWAY]["conditions"], "Programmed").status == "True"
    assert condition(snapshot.statuses[CLASS]["conditions"], "Accepted").status == "True"
    assert attached(snapshot) == 1


@pytest.mark.parametrize(
    ("ref", "reason", "message"),
    [
        (TO_OPENAI, "BackendNotFound", f"Backend not found: {NAMESPACE}/openai-all-models"),
        (
            {**TO_OPENAI, "group": ""},
            "InvalidKind",
            f"referencing unsupported kind core/AgentgatewayBackend {NAMESPACE}/openai-all-models",
        ),
        (
            {**TO_OPENAI, "namespace": "other"},
            "RefNotPermitted",
            (
                f"backendRef other/openai-all-models not accessible to a HTTPRoute in namespace"
                f' "{NAMESPACE}" (missing a ReferenceGrant?)'
            ),
        ),
        (
            {"name": "openai", "port": 80},
            "BackendNotFound",
            f"Backend not found: core/Service {NAMESPACE}/openai",
        ),
        (
            {"name": "openai", "port": 80, "namespace": "other"},
            "RefNotPermitted",
            "backendRef other",
        ),
    ],
)
def test_a_broken_reference_is_accepted_but_not_resolved(
    ref: Json, reason: str, message: str
) -> None:
    """The route stays attached, and requests meet 500 ``service not found``."""
    snapshot = in_force(route({"backendRefs": [ref]}))
    assert parent_condition(snapshot, "Accepted").status == "True"
    found = parent_condition(snapshot, "ResolvedRefs")
    assert (found.status, found.reason) == ("False", reason)
    assert found.message.startswith(message)
    assert attached(snapshot) == 1
    assert error_for(snapshot) == (500, "service not found")


def test_a_reference_across_namespaces_is_not_permitted_even_if_it_exists() -> None:
    """There is no ReferenceGrant here."""
    rule = {"backendRefs": [{**TO_OPENAI, "namespace": "other"}]}
    snapshot = in_force(route(rule), backend(namespace="other"))
    assert parent_condition(snapshot, "ResolvedRefs").reason == "RefNotPermitted"


def test_the_first_broken_reference_is_reported() -> None:
    """And a good one beside it keeps its share."""
    rule = {"backendRefs": [TO_OPENAI, {**TO_OPENAI, "name": "typo"}, {"name": "x", "port": 1}]}
    snapshot = in_force(route(rule), backend())
    assert (
        parent_condition(snapshot, "ResolvedRefs").message == f"Backend not found: {NAMESPACE}/typo"
    )
    selected = snapshot.tables[(GATEWAY, 8080)].match(RequestHead("POST", "localhost", "/"))
    assert [one.error is None for one in selected.rule.destinations] == [True, False, False]


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
        ({}, [{**HTTP, "protocol": "HTTPS"}], NAMESPACE, "NotAllowedByListeners"),
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
    parents: list[Json] = [{**PARENT, "sectionName": "http"}, {**PARENT, "port": 8080}]
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


@pytest.mark.parametrize("spec", [{"gatewayClassName": "nginx"}, {}])
def test_a_gateway_of_another_controller_is_left_alone(spec: Json) -> None:
    """It waits, has no table, and its routes get no status from here."""
    others = [gateway(**spec), route()]
    classes = [gateway_class("example.com/nginx", "nginx"), gateway_class("example.com/other")]
    snapshot = in_force(*others, *classes)
    conditions = snapshot.statuses[GATEWAY]["conditions"]
    assert [(one.type, one.status, one.reason) for one in conditions] == [
        ("Accepted", "Unknown", "Pending"),
        ("Programmed", "Unknown", "Pending"),
    ]
    assert snapshot.tables == {}
    assert snapshot.statuses[ROUTE] == {"parents": []}
    assert condition(snapshot.statuses[CLASS]["conditions"], "Accepted").reason == "Waiting"


@pytest.mark.parametrize(
    ("protocols", "accepted", "programmed"),
    [
        (["HTTP"], ("True", "Accepted"), ("True", "Programmed")),
        (["HTTP", "HTTPS"], ("True", "ListenersNotValid"), ("True", "Programmed")),
        (["HTTPS"], ("False", "ListenersNotValid"), ("False", "Invalid")),
    ],
)
def test_a_gateway_says_which_listeners_it_does_not_speak(
    protocols: list[str], accepted: tuple[str, str], programmed: tuple[str, str]
) -> None:
    """HTTPS needs a certificate, and this gateway has none."""
    listeners = [
        {**HTTP, "name": protocol.lower(), "port": 8080 + number, "protocol": protocol}
        for number, protocol in enumerate(protocols)
    ]
    status = in_force(gateway(*listeners)).statuses[GATEWAY]
    assert condition(status["conditions"], "Accepted")[1:3] == accepted
    assert condition(status["conditions"], "Programmed")[1:3] == programmed
    for listener, protocol in zip(status["listeners"], protocols, strict=True):
        spoken = str(protocol == "HTTP")
        assert condition(listener["conditions"], "Programmed").status == spoken


def test_a_listener_names_route_kinds_that_are_not_served() -> None:
    """ResolvedRefs False, and only what is served is supported."""
    kinds = [{"kind": "HTTPRoute"}, {"kind": "GRPCRoute"}]
    spec = {**HTTP, "allowedRoutes": {"namespaces": {"from": "All"}, "kinds": kinds}}
    (listener,) = in_force(gateway(spec)).statuses[GATEWAY]["listeners"]
    assert condition(listener["conditions"], "ResolvedRefs").reason == "InvalidRouteKinds"
    assert [one["kind"] for one in listener["supportedKinds"]] == ["HTTPRoute"]


def test_a_backend_without_its_secret_is_not_accepted() -> None:
    """Nor is a request to it answered; when the Secret comes, both are."""
    spec = {
        "ai": {"provider": {"openai": {}}},
        "policies": {"auth": {"secretRef": {"name": "openai-secret"}}},
    }
    without = in_force(route(), backend(spec))
    found = condition(without.statuses[BACKEND]["conditions"], "Accepted")
    assert (found.status, found.reason) == ("False", "TranslationError")
    why = f"failed to translate backend: secret {NAMESPACE}/openai-secret not found"
    assert found.message == why
    assert parent_condition(without, "ResolvedRefs").status == "True"
    assert error_for(without) == (500, why)
    with_secret = in_force(route(), backend(spec), secret({"Authorization": "Bearer sk-1"}))
    assert condition(with_secret.statuses[BACKEND]["conditions"], "Accepted").status == "True"


def test_timeouts_are_in_seconds_and_none_without_limit() -> None:
    """``0s`` is no limit."""
    rules = [
        {"timeouts": {"request": "1m30s", "backendRequest": "500ms"}},
        {"timeouts": {"request": "0s"}},
        {},
    ]
    limits = []
    for rule in rules:
        selected = (
            in_force(route(rule))
            .tables[(GATEWAY, 8080)]
            .match(RequestHead("POST", "localhost", "/"))
        )
        limits.append((selected.rule.timeout_s, selected.rule.backend_timeout_s))
    assert limits == [(90.0, 0.5), (None, None), (None, None)]


def test_a_snapshot_does_not_see_later_changes() -> None:
    """A request keeps the one it began with (F42)."""
    resources = {
        one.key: one for one in map(admitted, [gateway_class(), gateway(), route(), backend()])
    }
    snapshot = reconcile(dict(resources))
    del resources[BACKEND]
    assert parent_condition(snapshot, "ResolvedRefs").status == "True"
    assert parent_condition(reconcile(resources), "ResolvedRefs").status == "False"


def destination(name: str, weight: int) -> Destination:
    """A destination that works."""
    return Destination(name, weight, Backend(BACKEND))


@pytest.mark.parametrize(("draw", "name"), [(0.0, "a"), (0.699, "a"), (0.7, "c"), (0.999999, "c")])
def test_destinations_share_by_weight(draw: float, name: str) -> None:
    """70 : 0 : 30, and weight 0 is never drawn."""
    shares = [destination("a", 70), destination("b", 0), destination("c", 30)]
    assert choose(shares, draw).name == name


@pytest.mark.parametrize("weights", [[], [0], [0, 0]])
def test_no_weight_at_all_is_no_valid_backend(weights: list[int]) -> None:
    """500 ``no valid backends``."""
    with pytest.raises(NoValidBackends, match="no valid backends"):
        choose([destination("a", one) for one in weights], 0.5)


@given(
    weights=st.lists(st.integers(0, 1_000_000), min_size=1, max_size=16).filter(any),
    draw=st.floats(0, 1, exclude_max=True),
)
def test_every_draw_finds_a_destination_with_a_weight(weights: list[int], draw: float) -> None:
    """Rounding never falls off the end."""
    shares: list[Any] = [destination(str(index), one) for index, one in enumerate(weights)]
    assert choose(shares, draw).weight > 0
