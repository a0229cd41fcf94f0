"""When a condition took the status that it has."""

from __future__ import annotations

from typing import Any

from labgateway.decisions.transitions import dated
from labgateway.shapes.resource import Condition

EARLY, LATE = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"


def status(accepted: str, message: str = "", parent: str = "agentgateway") -> dict[str, Any]:
    """A route's status with one parent and one condition."""
    condition = Condition("Accepted", accepted, "Reason", message)
    return {"parents": [{"parentRef": {"name": parent}, "conditions": [condition]}]}


def time_of(found: Any) -> str:
    """When the condition took its status."""
    time: str = found["parents"][-1]["conditions"][0]["lastTransitionTime"]
    return time


def test_a_condition_is_dated_when_it_appears() -> None:
    """In the shape of metav1.Condition."""
    assert dated(status("True", "fine"), None, 3, EARLY) == {
        "parents": [
            {
                "parentRef": {"name": "agentgateway"},
                "conditions": [
                    {
                        "type": "Accepted",
                        "status": "True",
                        "reason": "Reason",
                        "message": "fine",
                        "observedGeneration": 3,
                        "lastTransitionTime": EARLY,
                    }
                ],
            }
        ]
    }


def test_the_time_stays_while_the_status_stays() -> None:
    """A new message or generation is no transition."""
    before = dated(status("True"), None, 1, EARLY)
    assert time_of(dated(status("True", "more"), before, 2, LATE)) == EARLY
    assert time_of(dated(status("False"), before, 2, LATE)) == LATE


def test_each_parent_has_its_own_time() -> None:
    """Also when another one comes before it."""
    before = dated(status("True"), None, 1, EARLY)
    both = {"parents": [*status("True", parent="other")["parents"], *status("True")["parents"]]}
    after = dated(both, before, 1, LATE)
    assert [one["conditions"][0]["lastTransitionTime"] for one in after["parents"]] == [LATE, EARLY]
