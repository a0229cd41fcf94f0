"""What ``kubectl auth can-i`` is told."""

from __future__ import annotations

import pytest

from labgateway.decisions.access import access_review, rules_review
from tests.decisions.resources import Json

GATEWAY_API = "gateway.networking.k8s.io"


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"resourceAttributes": {"verb": "get", "resource": "secrets"}}, None),
        (
            {"resourceAttributes": {"verb": "patch", "group": GATEWAY_API, "resource": "gateways"}},
            None,
        ),
        (
            {"resourceAttributes": {"verb": "get", "resource": "pods", "subresource": "log"}},
            None,
        ),
        ({"nonResourceAttributes": {"verb": "get", "path": "/version"}}, None),
        (
            {"resourceAttributes": {"verb": "delete", "resource": "pods"}},
            "pods can be used here with get, list, watch only",
        ),
        (
            {"resourceAttributes": {"verb": "get", "resource": "gateways"}},
            "gateways is not served here",
        ),
        ({"resourceAttributes": 1}, " is not served here"),
        ({"resourceAttributes": {"group": [], "resource": {}}}, " is not served here"),
    ],
)
def test_what_is_served_may_be_done(asked: Json, reason: str | None) -> None:
    """A no has a reason; a resource is found by its group, and odd questions get an answer."""
    status = access_review({"spec": asked})["status"]
    assert (status["allowed"], status.get("reason")) == (reason is None, reason)


def test_the_list_names_every_resource_once() -> None:
    """Whatever the question says."""
    rules = rules_review({"spec": 3})["status"]["resourceRules"]
    named = [(*one["apiGroups"], *one["resources"]) for one in rules]
    assert ("", "pods/log") in named
    assert len(set(named)) == len(named)
