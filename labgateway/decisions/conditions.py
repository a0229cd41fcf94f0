"""Status of GatewayClasses and backends, and of Gateways that are nobody's here.

Conditions and reasons: Gateway API v1.4 (apis/v1), agentgateway v1.4.1.
"""

from __future__ import annotations

from typing import Any

from labgateway.shapes.gateway_api import GatewayClass
from labgateway.shapes.resource import Condition

CONTROLLER = "agentgateway.dev/agentgateway"
WAITING = "Waiting for controller"

Status = dict[str, Any]


def class_status(gateway_class: GatewayClass) -> Status:
    """Accepted, when the class names this controller."""
    if gateway_class.spec.controller_name != CONTROLLER:
        return {"conditions": [Condition("Accepted", "Unknown", "Waiting", WAITING)]}
    return {"conditions": [Condition("Accepted", "True", "Accepted", "GatewayClass is accepted")]}


def backend_status(problem: str | None) -> Status:
    """Accepted, unless there is a problem with translating the backend."""
    if problem:
        return {"conditions": [Condition("Accepted", "False", "TranslationError", problem)]}
    accepted = Condition("Accepted", "True", "Accepted", "Backend successfully accepted")
    return {"conditions": [accepted]}


def waiting_status() -> Status:
    """A Gateway whose class is not this controller's, or is not there."""
    return {
        "conditions": [
            Condition("Accepted", "Unknown", "Pending", WAITING),
            Condition("Programmed", "Unknown", "Pending", WAITING),
        ]
    }
