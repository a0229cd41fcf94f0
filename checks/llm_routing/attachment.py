"""Which HTTPRoute is meant for step 1, and whether the Gateway takes it."""

from __future__ import annotations

from difflib import SequenceMatcher

from checks.llm_routing.learner_text import line_of
from checks.llm_routing.names import GATEWAY, LOCAL_PATH, PATH, ROUTE, listed, nearest, short
from checks.verdict import NotRight, Unpassed
from labgateway.memory.observation import Observation
from labgateway.shapes.gateway_api import Gateway, HTTPRoute, ParentReference


def own_routes(seen: Observation) -> list[HTTPRoute]:
    """The routes that are not the worked example's, the one most like step 1's first."""
    routes = [one for one in seen.of_kind("HTTPRoute") if isinstance(one, HTTPRoute)]
    own = [one for one in routes if not _is_worked_example(one)]
    return sorted(own, key=_likeness, reverse=True)


def paths_of(route: HTTPRoute) -> list[str]:
    """The path values of all its matches."""
    return [match.path.value for rule in route.spec.rules for match in rule.matches]


def _is_worked_example(route: HTTPRoute) -> bool:
    paths = paths_of(route)
    return (
        route.name != ROUTE.name
        and bool(paths)
        and all(f"{path}/".startswith(f"{LOCAL_PATH}/") for path in paths)
    )


def _likeness(route: HTTPRoute) -> float:
    like_path = max((_alike(path, PATH) for path in paths_of(route)), default=0.0)
    return like_path + _alike(route.name, ROUTE.name)


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one.casefold(), other.casefold()).ratio()


def unattached(seen: Observation, route: HTTPRoute) -> Unpassed | None:
    """Why no Gateway takes the route; None when the lab's Gateway does."""
    if not route.spec.parent_refs:
        return NotRight(
            f"{short(route.key)} has no `parentRefs`",
            "",
            "A route that names no Gateway receives no traffic.",
            "Say under `spec` which Gateway it belongs to",
        )
    troubles = [_ref_trouble(seen, route, ref) for ref in route.spec.parent_refs]
    if None in troubles:
        return None
    return troubles[0]


def _ref_trouble(seen: Observation, route: HTTPRoute, ref: ParentReference) -> Unpassed | None:
    if ref.kind != GATEWAY.kind or ref.group != GATEWAY.group:
        return NotRight(
            f"The parentRef of {short(route.key)} names a `{ref.kind}` of group"
            f" `{ref.group or 'core'}`",
            line_of(seen, route.key, "kind", ref.kind),
            "Traffic comes in through a Gateway, and that is what a route attaches to.",
            "Leave `kind` and `group` out there: their defaults mean a Gateway",
        )
    namespace = ref.namespace or route.namespace
    gateways = [one for one in seen.of_kind("Gateway") if isinstance(one, Gateway)]
    gateway = next((one for one in gateways if one.key[2:] == (namespace, ref.name)), None)
    if gateway is None:
        return _no_gateway(seen, route, ref, gateways)
    if gateway.key != GATEWAY:
        return NotRight(
            f"{short(route.key)} attaches to Gateway `{namespace}/{ref.name}`",
            line_of(seen, route.key, "name", ref.name),
            "Nothing listens there.",
            f"The lab's own Gateway is `{GATEWAY.name}` in `{GATEWAY.namespace}`: name that one",
        )
    return _listener_trouble(seen, route, ref, gateway)


def _no_gateway(
    seen: Observation, route: HTTPRoute, ref: ParentReference, gateways: list[Gateway]
) -> NotRight:
    namespace = ref.namespace or route.namespace
    elsewhere = next((one for one in gateways if one.name == ref.name), None)
    if elsewhere is not None and ref.namespace is None:
        return NotRight(
            f"{short(route.key)} is in `{route.namespace}` and its parentRef names no namespace",
            line_of(seen, route.key, "name", ref.name),
            f"So Gateway `{ref.name}` is looked for in `{namespace}`; it is in"
            f" `{elsewhere.namespace}`.",
            "Add the Gateway's namespace to the parentRef, or put the route where its Gateway is",
        )
    if elsewhere is not None:
        return NotRight(
            f"The parentRef looks for Gateway `{ref.name}` in namespace `{namespace}`",
            line_of(seen, route.key, "namespace", namespace),
            f"Gateway `{ref.name}` is in `{elsewhere.namespace}`; an unattached route gets no"
            " traffic.",
            "Make the two agree",
        )
    names = listed({one.name for one in gateways})
    close = nearest(ref.name, [one.name for one in gateways])
    return NotRight(
        f"The parentRef names a Gateway `{ref.name}`, and there is none; Gateways here: {names}",
        line_of(seen, route.key, "name", ref.name),
        "A route that no Gateway takes receives no traffic.",
        "Compare the two names letter by letter" if close else "Name the Gateway that is there",
    )


def _listener_trouble(
    seen: Observation, route: HTTPRoute, ref: ParentReference, gateway: Gateway
) -> Unpassed | None:
    listeners = gateway.spec.listeners
    if ref.section_name not in {None, *(one.name for one in listeners)}:
        return NotRight(
            f"`sectionName: {ref.section_name}` names no listener of Gateway `{gateway.name}`",
            line_of(seen, route.key, "sectionName"),
            f"It has {listed(one.name for one in listeners)}.",
            "Correct it, or leave it out to attach to every listener",
        )
    if ref.port not in {None, *(one.port for one in listeners)}:
        return NotRight(
            f"The parentRef asks for port {ref.port}, on which Gateway `{gateway.name}` does not"
            " listen",
            line_of(seen, route.key, "port"),
            "",
            "Leave `port` out to attach to every listener",
        )
    accepted = seen.condition(route.key, "Accepted")
    if accepted is not None and accepted["reason"] == "NotAllowedByListeners":
        return NotRight(
            f"Gateway `{gateway.name}` takes no routes from namespace `{route.namespace}`",
            line_of(seen, route.key, "namespace", route.namespace),
            "Its listener allows routes of its own namespace only.",
            "Put the route into the Gateway's namespace",
        )
    if accepted is not None and accepted["reason"] == "NoMatchingListenerHostname":
        return NotRight(
            f"No hostname of {short(route.key)} is one that Gateway `{gateway.name}` listens for",
            line_of(seen, route.key, "hostnames"),
            "",
            "Leave `hostnames` out: step 1 asks for none",
        )
    return None
