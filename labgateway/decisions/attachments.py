"""Which listeners a route is attached to, under which hostnames, and what ``Accepted`` says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from labgateway.decisions.patterns import Pattern
from labgateway.decisions.route_table import hostname_holds
from labgateway.decisions.selectors import chosen
from labgateway.shapes.gateway_api import GATEWAY_GROUP, Gateway, HTTPRoute, ParentReference
from labgateway.shapes.listeners import Listener
from labgateway.shapes.resource import Condition, Key

SPOKEN = ("HTTP", "HTTPS")  # protocols of listeners that are served

Labels = Mapping[str, Mapping[str, str]]  # namespace → its labels


@dataclass(frozen=True)
class Attachment:
    """A parentRef of a route, with the listeners it reached and the condition it earns."""

    ref: ParentReference
    gateway: Gateway
    listeners: tuple[Listener, ...]
    accepted: Condition


def attachments(
    route: HTTPRoute, gateways: Mapping[Key, Gateway], labels: Labels
) -> Iterator[Attachment]:
    """One entry for each parentRef that names one of these Gateways; others get no status.

    ``labels`` are those of each namespace.
    """
    unsupported = _unsupported_pattern(route)
    for ref in route.spec.parent_refs:
        key = Key(ref.group, ref.kind, ref.namespace or route.namespace, ref.name)
        gateway = gateways.get(key)
        if gateway is None:
            continue
        named = [
            one
            for one in gateway.spec.listeners
            if ref.section_name in {None, one.name} and ref.port in {None, one.port}
        ]
        allowed = [one for one in named if _allows(one, gateway, route, labels)]
        held = [one for one in allowed if shared_hostnames(one, route)]
        if held and unsupported:
            refused = Condition("Accepted", "False", "UnsupportedValue", unsupported)
            yield Attachment(ref, gateway, (), refused)
        else:
            yield Attachment(ref, gateway, tuple(held), _accepted(named, allowed, held))


def shared_hostnames(listener: Listener, route: HTTPRoute) -> list[str]:
    """Hostnames under which a route is reached on a listener; [""] when neither names any."""
    own = listener.hostname or ""
    if not route.spec.hostnames:
        return [own]
    shared = []
    for hostname in route.spec.hostnames:
        if hostname_holds(own, hostname):
            shared.append(hostname)
        elif hostname.startswith("*.") and hostname_holds(hostname, own.removeprefix("*.")):
            shared.append(own)
    return list(dict.fromkeys(shared))


def _accepted(
    named: Sequence[Listener], allowed: Sequence[Listener], held: Sequence[Listener]
) -> Condition:
    if not named:
        reason, why = "NoMatchingParent", "No listener of the Gateway has this name or port"
    elif not allowed:
        reason, why = "NotAllowedByListeners", "No listener allows HTTPRoutes from this namespace"
    elif not held:
        reason = "NoMatchingListenerHostname"
        why = "No hostname of the route is one of the listener's"
    else:
        return Condition("Accepted", "True", "Accepted", "Route is accepted")
    return Condition("Accepted", "False", reason, why)


def _allows(listener: Listener, gateway: Gateway, route: HTTPRoute, labels: Labels) -> bool:
    allowed = listener.allowed_routes
    kinds = [(one.group, one.kind) for one in allowed.kinds or ()]
    if listener.protocol not in SPOKEN or (kinds and (GATEWAY_GROUP, "HTTPRoute") not in kinds):
        return False
    origin, selector = allowed.namespaces.from_, allowed.namespaces.selector
    if origin == "Selector":
        return selector is not None and chosen(selector, labels.get(route.namespace, {}))
    return origin == "All" or gateway.namespace == route.namespace


def _unsupported_pattern(route: HTTPRoute) -> str | None:
    """What is wrong with the first regular expression that does not compile."""
    for index, rule in enumerate(route.spec.rules):
        for number, match in enumerate(rule.matches):
            given = [(match.path.type, match.path.value)]
            given += [(one.type, one.value) for one in match.headers]
            given += [(one.type, one.value) for one in match.query_params]
            for kind, value in given:
                try:
                    if kind == "RegularExpression":
                        Pattern(value)
                except ValueError as error:
                    return f"spec.rules[{index}].matches[{number}]: {error}"
    return None
