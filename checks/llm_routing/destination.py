"""Whether the rule that takes /openai leads to a backend."""

from __future__ import annotations

from checks.llm_routing.learner_text import line_of
from checks.llm_routing.names import BACKEND, listed, nearest, short
from checks.verdict import NotRight, Unpassed
from labgateway.memory.observation import Observation
from labgateway.shapes.gateway_api import BackendRef, HTTPRoute
from labgateway.shapes.resource import Key


def lost(seen: Observation, route: HTTPRoute, refs: list[BackendRef]) -> Unpassed | None:
    """The first backendRef that leads nowhere; None when all lead to an AgentgatewayBackend."""
    if not refs:
        return NotRight(
            f"The rule of {short(route.key)} that takes `/openai` has no `backendRefs`",
            "",
            "The gateway would know when, and not where: it answers 500 `no valid backends`.",
            "Refer to your backend from the same list item that holds `matches`",
        )
    weighted = [ref for ref in refs if ref.weight]
    if not weighted:
        return NotRight(
            "Every backendRef of the rule has `weight: 0`",
            line_of(seen, route.key, "weight"),
            "A weight is a share of the requests, and 0 of 0 is none.",
            "Leave `weight` out: one backend takes everything",
        )
    troubles = [_ref_trouble(seen, route, ref) for ref in weighted]
    return next((one for one in troubles if one is not None), None)


def key_of(route: HTTPRoute, ref: BackendRef) -> Key:
    """The key of the AgentgatewayBackend that a reference means."""
    return Key(BACKEND.group, BACKEND.kind, ref.namespace or route.namespace, ref.name)


def _ref_trouble(seen: Observation, route: HTTPRoute, ref: BackendRef) -> Unpassed | None:
    if (ref.group, ref.kind) != (BACKEND.group, BACKEND.kind):
        return _wrong_kind(seen, route, ref)
    namespace = ref.namespace or route.namespace
    if namespace != route.namespace:
        return NotRight(
            f"{short(route.key)} is in `{route.namespace}`, its backendRef points into"
            f" `{namespace}`",
            line_of(seen, route.key, "namespace", namespace),
            "Across namespaces a reference needs the other side's permission, a ReferenceGrant.",
            "Put route and backend into one namespace, the one of the Secret:"
            f" `{BACKEND.namespace}`",
        )
    if key_of(route, ref) not in seen.resources:
        return _missing(seen, route, ref)
    return None


def _wrong_kind(seen: Observation, route: HTTPRoute, ref: BackendRef) -> NotRight:
    if ref.kind == BACKEND.kind and not ref.group:
        return NotRight(
            f"The backendRef says `kind: {ref.kind}` and no `group`",
            line_of(seen, route.key, "kind", ref.kind),
            "Without a group the kind is looked for in Kubernetes' core API, which has no such"
            " kind.",
            "Add `group`: the part before the slash in your backend's `apiVersion`",
        )
    if ref.kind == BACKEND.kind:
        return NotRight(
            f"The backendRef says `group: {ref.group}`, which has no {BACKEND.kind}",
            line_of(seen, route.key, "group", ref.group),
            "",
            "Compare it with the part before the slash in your backend's `apiVersion`",
        )
    what = "a Service, the kind it means when none is given" if ref.kind == "Service" else ref.kind
    return NotRight(
        f"The backendRef `{ref.name}` points to {what}, not to an {BACKEND.kind}",
        line_of(seen, route.key, "name", ref.name),
        "The request would find no model behind it.",
        "Give the reference the `kind` and the `group` of your backend",
    )


def _missing(seen: Observation, route: HTTPRoute, ref: BackendRef) -> NotRight:
    backends = seen.of_kind(BACKEND.kind)
    elsewhere = next((one for one in backends if one.name == ref.name), None)
    if elsewhere is not None:
        default = "A manifest without a namespace goes to `default`."
        return NotRight(
            f"{short(elsewhere.key)} is in `{elsewhere.namespace}`, and {short(route.key)} looks"
            f" for it in `{route.namespace}`",
            line_of(seen, elsewhere.key, "namespace", elsewhere.namespace),
            default if "default" in {elsewhere.namespace, route.namespace} else "",
            f"Put both where the Gateway and its Secret are: `{BACKEND.namespace}`",
        )
    names = {one.name for one in backends if one.namespace == route.namespace}
    own = {name for name in names if not name.startswith("local")} or names
    close = nearest(ref.name, own)
    side = f"the backend is called `{close}`" if close else f"backends here: {listed(own)}"
    return NotRight(
        f"The backendRef names `{ref.name}`, and {side}",
        line_of(seen, route.key, "name", ref.name),
        "The route matches and then finds nothing: the gateway answers 500 `service not found`.",
        "Make the two names the same",
    )
