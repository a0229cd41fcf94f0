"""Status of the kinds that are not routes.

Conditions and reasons: Gateway API v1.4 (apis/v1), agentgateway v1.4.1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labgateway.decisions.backends import Backend
from labgateway.shapes.gateway_api import GATEWAY_GROUP, Gateway, GatewayClass
from labgateway.shapes.listeners import Listener
from labgateway.shapes.resource import Condition

CONTROLLER = "agentgateway.dev/agentgateway"
WAITING = "Waiting for controller"

Status = dict[str, Any]


def class_status(gateway_class: GatewayClass) -> Status:
    """Accepted, when the class names this controller."""
    if gateway_class.spec.controller_name != CONTROLLER:
        return {"conditions": [Condition("Accepted", "Unknown", "Waiting", WAITING)]}
    return {"conditions": [Condition("Accepted", "True", "Accepted", "GatewayClass is accepted")]}


def backend_status(backend: Backend) -> Status:
    """Accepted, unless the backend could not be translated."""
    if backend.problem:
        return {"conditions": [Condition("Accepted", "False", "TranslationError", backend.problem)]}
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


def gateway_status(gateway: Gateway, attached: Callable[[str], int]) -> Status:
    """A Gateway of ours; ``attached`` gives the number of routes on a listener, by its name."""
    spoken = [one.protocol == "HTTP" for one in gateway.spec.listeners]
    accepted = Condition("Accepted", "True", "Accepted", "Gateway is accepted")
    if not all(spoken):
        why = "Some listeners have a protocol that is not spoken here"
        accepted = Condition("Accepted", str(any(spoken)), "ListenersNotValid", why)
    programmed = Condition("Programmed", "True", "Programmed", "Gateway is programmed")
    if not any(spoken):
        programmed = Condition("Programmed", "False", "Invalid", "No listener can be programmed")
    return {
        "addresses": [{"type": "IPAddress", "value": "127.0.0.1"}],
        "conditions": [accepted, programmed],
        "listeners": [_listener_status(one, attached(one.name)) for one in gateway.spec.listeners],
    }


def _listener_status(listener: Listener, attached: int) -> Status:
    spoken = listener.protocol == "HTTP"
    why = "" if spoken else f"protocol {listener.protocol} is not spoken here"
    kinds = listener.allowed_routes.kinds
    foreign = [one.kind for one in kinds or () if (one.group, one.kind) != _ROUTES]
    resolved = Condition("ResolvedRefs", "True", "ResolvedRefs", "All references are resolved")
    if foreign:
        unknown = f"route kinds that are not served here: {', '.join(foreign)}"
        resolved = Condition("ResolvedRefs", "False", "InvalidRouteKinds", unknown)
    taken = spoken and (kinds is None or len(foreign) < len(kinds))
    return {
        "name": listener.name,
        "attachedRoutes": attached,
        "supportedKinds": [{"group": GATEWAY_GROUP, "kind": "HTTPRoute"}] if taken else [],
        "conditions": [
            Condition("Accepted", "True", "Accepted", "Listener is accepted")
            if spoken
            else Condition("Accepted", "False", "UnsupportedProtocol", why),
            Condition("Conflicted", "False", "NoConflicts", "No conflicts found"),
            resolved,
            Condition("Programmed", str(spoken), "Programmed" if spoken else "Invalid", why),
        ],
    }


_ROUTES = (GATEWAY_GROUP, "HTTPRoute")
