"""Resources → conditions, attached routes, destinations."""

from __future__ import annotations

import pytest

from labgateway.decisions.reconcile import reconcile
from labgateway.shapes.resource import Key
from tests.decisions.resources import (
    BACKEND,
    GATEWAY,
    HTTP,
    NAMESPACE,
    ROUTE,
    Json,
    admitted,
    backend,
    gateway,
    gateway_class,
    in_force,
    route,
    secret,
)
from tests.decisions.statuses import PARENT, attached, condition, error_for, parent_condition

CLASS = Key("gateway.networking.k8s.io", "GatewayClass", "", "agentgateway")


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


def test_a_snapshot_does_not_see_later_changes() -> None:
    """A request keeps the one it began with (F42)."""
    resources = {
        one.key: one for one in map(admitted, [gateway_class(), gateway(), route(), backend()])
    }
    snapshot = reconcile(dict(resources))
    del resources[BACKEND]
    assert parent_condition(snapshot, "ResolvedRefs").status == "True"
    assert parent_condition(reconcile(resources), "ResolvedRefs").status == "False"
