"""A manifest with wrong values is read as far as it goes."""

from __future__ import annotations

from labgateway.decisions.as_given import as_given
from labgateway.shapes.agentgateway import AgentgatewayBackend
from labgateway.shapes.gateway_api import HTTPRoute
from tests.decisions.resources import backend, matching, prefix, route


def test_values_out_of_bounds_stay_and_defaults_are_added() -> None:
    """In lists and optional objects too."""
    refs = {"backendRefs": [{"name": "a", "port": 99_999}]}
    read = as_given(HTTPRoute, route({**matching(prefix("/a" * 1_000)), **refs}))
    (rule,) = read.spec.rules
    assert len(rule.matches[0].path.value) == 2_000
    assert (rule.backend_refs[0].port, rule.backend_refs[0].kind) == (99_999, "Service")
    assert rule.backend_refs[0].weight == 1


def test_unread_parts_get_their_defaults() -> None:
    """They stay JSON."""
    ai = {"promptGuard": {"request": [{"regex": {"matches": [""]}}]}}
    read = as_given(AgentgatewayBackend, backend({"ai": {"provider": {}}, "policies": {"ai": ai}}))
    (guard,) = read.spec.policies.ai["promptGuard"]["request"]
    assert guard == {"regex": {"action": "Mask", "matches": [""]}}


def test_what_has_a_wrong_type_stays_as_it_is() -> None:
    """Wherever it stands."""
    assert as_given(HTTPRoute, {"spec": 5}).spec == 5
    assert as_given(HTTPRoute, {"spec": {"rules": {"a": 1}}}).spec.rules == {"a": 1}
    assert as_given(HTTPRoute, {"spec": {"rules": ["a"]}}).spec.rules == ["a"]
