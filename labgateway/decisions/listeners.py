"""Listeners of a Gateway: which are served, on which ports, and what their status says.

Conditions and reasons: Gateway API v1.4 (apis/v1, gateway_types.go).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from labgateway.decisions.attachments import SPOKEN
from labgateway.decisions.certificates import Certificate, Fault, Keyring
from labgateway.decisions.conditions import Status
from labgateway.shapes.gateway_api import GATEWAY_GROUP, Gateway
from labgateway.shapes.listeners import Listener
from labgateway.shapes.resource import Condition, Key

Bind = tuple[Key, int]  # a Gateway and one of its ports, which has a socket of its own
Ports = Mapping[Bind, int]  # where each one listens on this machine

_ROUTES = (GATEWAY_GROUP, "HTTPRoute")


# By hostname of its listeners, "" for any; none for a port that speaks HTTP.
Certificates = Mapping[str, tuple[Certificate, ...]]


def faults(gateway: Gateway, keyring: Keyring) -> dict[str, Fault]:
    """What keeps listeners from being served, by the listener's name."""
    listeners = gateway.spec.listeners
    found: dict[str, Fault] = {}
    for one in listeners:
        others = {other.protocol for other in listeners if other.port == one.port}
        if one.protocol not in SPOKEN:
            why = f"protocol {one.protocol} is not spoken here"
            found[one.name] = Fault("Accepted", "UnsupportedProtocol", why)
        elif len(others) > 1:
            why = f"port {one.port} has listeners of several protocols: {', '.join(sorted(others))}"
            found[one.name] = Fault("Conflicted", "ProtocolConflict", why)
        elif one.protocol == "HTTPS":
            certificates = keyring.certificates(gateway, one)
            if isinstance(certificates, Fault):
                found[one.name] = certificates
    return found


def binds_of(gateway: Gateway, keyring: Keyring) -> dict[Bind, Certificates]:
    """The ports of a Gateway that have a listener to serve, with what they need for TLS."""
    unserved = faults(gateway, keyring)
    found: dict[Bind, dict[str, tuple[Certificate, ...]]] = {}
    for one in gateway.spec.listeners:
        if one.name in unserved:
            continue
        bind = found.setdefault((gateway.key, one.port), {})
        if one.protocol == "HTTPS":
            certificates = keyring.certificates(gateway, one)
            assert not isinstance(certificates, Fault)
            bind[one.hostname or ""] = certificates
    return dict(found)


def gateway_status(
    gateway: Gateway, keyring: Keyring, ports: Ports, attached: Callable[[str], int]
) -> Status:
    """A Gateway of ours; ``attached`` gives the number of routes on a listener, by its name."""
    unserved = faults(gateway, keyring)
    for one in gateway.spec.listeners:
        if one.name not in unserved and (gateway.key, one.port) not in ports:
            why = f"nothing can listen for port {one.port}: no free port, or a key of another chain"
            unserved[one.name] = Fault("Accepted", "PortUnavailable", why)
    listeners = gateway.spec.listeners
    return {
        "addresses": [{"type": "IPAddress", "value": "127.0.0.1"}],
        "conditions": _conditions(len(listeners) - len(unserved), len(unserved)),
        "listeners": [
            _listener_status(
                one, unserved.get(one.name), ports.get((gateway.key, one.port)), attached(one.name)
            )
            for one in listeners
        ],
    }


def _conditions(served: int, unserved: int) -> list[Condition]:
    accepted = Condition("Accepted", "True", "Accepted", "Gateway is accepted")
    if unserved:
        why = "Some listeners are not served; their conditions say why"
        accepted = Condition("Accepted", str(served > 0), "ListenersNotValid", why)
    programmed = Condition("Programmed", "True", "Programmed", "Gateway is programmed")
    if not served:
        programmed = Condition("Programmed", "False", "Invalid", "No listener can be programmed")
    return [accepted, programmed]


def _listener_status(
    listener: Listener, fault: Fault | None, port: int | None, attached: int
) -> Status:
    kinds = listener.allowed_routes.kinds
    foreign = [one.kind for one in kinds or () if (one.group, one.kind) != _ROUTES]
    resolved = Condition("ResolvedRefs", "True", "ResolvedRefs", "All references are resolved")
    if foreign:
        unknown = f"route kinds that are not served here: {', '.join(foreign)}"
        resolved = Condition("ResolvedRefs", "False", "InvalidRouteKinds", unknown)
    taken = listener.protocol in SPOKEN and (kinds is None or len(foreign) < len(kinds))
    conditions = [
        Condition("Accepted", "True", "Accepted", "Listener is accepted"),
        Condition("Conflicted", "False", "NoConflicts", "No conflicts found"),
        resolved,
        Condition("Programmed", "True", "Programmed", f"Listens on 127.0.0.1:{port}"),
    ]
    return {
        "name": listener.name,
        "attachedRoutes": attached,
        "supportedKinds": [{"group": GATEWAY_GROUP, "kind": "HTTPRoute"}] if taken else [],
        "conditions": conditions if fault is None else [_said(one, fault) for one in conditions],
    }


def _said(condition: Condition, fault: Fault) -> Condition:
    """The condition of a listener that has a fault."""
    kind, reason, message = fault.type, fault.reason, fault.message
    if condition.type == "Programmed":
        return Condition("Programmed", "False", "Invalid", message)
    if condition.type == "Accepted" and kind == "Conflicted":
        # Of listeners in conflict none is accepted (Gateway.spec.listeners).
        return Condition("Accepted", "False", reason, message)
    if condition.type != kind:
        return condition
    return Condition(kind, str(kind == "Conflicted"), reason, message)
