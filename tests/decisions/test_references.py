"""backendRefs: what each resolves to, and how requests are shared among them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labgateway.decisions.backends import Backend
from labgateway.decisions.references import choose
from labgateway.decisions.routes import Destination, RequestHead
from labgateway.words.errors import NoValidBackends
from tests.decisions.resources import (
    BACKEND,
    GATEWAY,
    NAMESPACE,
    TO_OPENAI,
    Json,
    backend,
    in_force,
    route,
)
from tests.decisions.statuses import attached, error_for, parent_condition


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
