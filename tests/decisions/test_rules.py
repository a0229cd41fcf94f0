"""Broken rules, entries that stand twice, values that may not change."""

from __future__ import annotations

import pytest

from labgateway.decisions.admission import CAUSES_LIMIT, refuse_changes
from labgateway.decisions.as_given import as_given
from labgateway.decisions.rules import changed_causes, entry_causes, places_of
from labgateway.shapes.gateway_api import HTTPRoute
from labgateway.shapes.kinds import kind_of
from labgateway.words.errors import Invalid
from tests.decisions.resources import admitted, gateway_class, refusal, route


def test_repeated_entries_are_found_beside_wrong_ones() -> None:
    """An entry that is no object is known by nothing."""
    headers = [{"name": "a", "value": 1}, 5, {"name": "a"}, {"value": "x"}]
    read = as_given(HTTPRoute, route({"matches": [{"headers": headers}]}))
    found = [str(one) for one in entry_causes(places_of(read))]
    assert found == [
        'spec.rules[0].matches[0].headers[2]: Duplicate value: {"name":"a"}',
        "spec.rules[0].matches[0].headers[3]: Duplicate value: {}",
    ]


def test_too_many_entries_are_counted_and_each_is_looked_at() -> None:
    """As the API server does; rules are not looked at then."""
    error = refusal(route(hostnames=["a.b"] * 16 + ["A"]))
    assert [str(one).partition(": Invalid")[0] for one in error.causes] == [
        "spec.hostnames[16]",
        "spec.hostnames: Too many: 17: must have at most 16 items",
        "<nil>",
    ]


def test_a_refusal_does_not_grow_with_the_manifest() -> None:
    """Ten thousand wrong entries: the first of them, and how many more."""
    causes = refusal(route(hostnames=["A"] * 10_000)).causes
    assert len(causes) == CAUSES_LIMIT + 1
    assert causes[0].field == "spec.hostnames[0]"
    assert str(causes[-1]) == f"<nil>: and {10_002 - CAUSES_LIMIT} more"


def test_the_controller_of_a_class_does_not_change() -> None:
    """Every other field may."""
    before = admitted(gateway_class())
    assert list(changed_causes(before, before)) == []
    after = admitted(gateway_class(controller="example.com/other"))
    kind = kind_of(after.api_version, after.kind)
    assert kind is not None
    with pytest.raises(Invalid) as refused:
        refuse_changes(kind, before, after)
    assert str(refused.value) == (
        'GatewayClass.gateway.networking.k8s.io "agentgateway" is invalid: spec.controllerName:'
        ' Invalid value: "string": Value is immutable'
    )
