"""Manifests that break one rule each which random mutations seldom reach, and the cause."""

from __future__ import annotations

from typing import Any

from tests.decisions.resources import TO_OPENAI, Json, backend, gateway, route

_LABELS = "spec.infrastructure.labels"
_ANNOTATIONS = "spec.infrastructure.annotations"
_GUARD = "spec.policies.ai.promptGuard.request[0]"
_KEY_FORM = (
    "keys must be in the form of an optional DNS subdomain prefix followed by a required name"
    " segment of up to 63 characters."
)
_SERVER = {"name": "a", "port": 80}


def guarded(**guard: Any) -> Json:
    """A backend with one guard of requests."""
    ai = {"promptGuard": {"request": [guard]}}
    return backend({"ai": {"provider": {"openai": {}}}, "policies": {"ai": ai}})


def with_policies(**policies: Any) -> Json:
    """A backend with these policies."""
    return backend({"ai": {"provider": {"openai": {}}}, "policies": policies})


def tools(**methods: str) -> Json:
    """A backend of MCP servers whose calls a guard sees."""
    processor = {"methods": methods, "remote": {"backendRef": _SERVER}}
    target = {"name": "a", "static": {"host": "a", "port": 80}}
    policies = {"mcp": {"guardrails": {"processors": [processor]}}}
    return backend({"mcp": {"targets": [target]}, "policies": policies})


def filtered(kind: str, **parts: Any) -> Json:
    """A route with one filter and no backend."""
    return route({"backendRefs": [], "filters": [{"type": kind, **parts}]})


def with_targets(*targets: Json) -> Json:
    """A backend of MCP servers."""
    return backend({"mcp": {"targets": list(targets)}})


_FORWARDED = "spec.policies.extAuth.forwardBody.maxSize"

SELDOM_BROKEN = [
    (
        gateway(infrastructure={"labels": {"a b": "c"}}),
        f"{_LABELS}: Label {_KEY_FORM}",
    ),
    (
        gateway(infrastructure={"annotations": {"-/a": "c"}}),
        f"{_ANNOTATIONS}: Annotation {_KEY_FORM}",
    ),
    (
        gateway(infrastructure={"labels": {f"{'a.' * 126}ab/b": "c"}}),
        (
            f"{_LABELS}: If specified, the label key's prefix must be a DNS subdomain not longer"
            " than 253 characters in total."
        ),
    ),
    (
        gateway(infrastructure={"labels": {str(n): "" for n in range(9)}}),
        f"{_LABELS}: Too many: 9: must have at most 8 items",
    ),
    (
        gateway(addresses=[{"type": "Hostname", "value": "a.b"}] * 2),
        "spec.addresses: Hostname values must be unique",
    ),
    (
        gateway(addresses=[{"value": "10.0.0.1"}] * 2),
        "spec.addresses: IPAddress values must be unique",
    ),
    (
        gateway(addresses=[{"type": "Hostname", "value": "A"}]),
        (
            "spec.addresses[0]: Hostname value must be empty or contain only valid characters"
            r" (matching ^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$)"
        ),
    ),
    (
        gateway(
            tls={"frontend": {"default": {}, "perPort": [{"port": 443, "tls": {}}] * 2}},
        ),
        "spec.tls.frontend.perPort: Port for TLS configuration must be unique within the Gateway",
    ),
    (
        route({"matches": [{}] * 64}, {"matches": [{}] * 64}, {"matches": [{}]}),
        (
            "spec.rules: While 16 rules and 64 matches per rule are allowed, the total number of"
            " matches across all rules in a route must be less than 128"
        ),
    ),
    (
        route(parents=[{"name": "a"}, {"name": "a", "sectionName": "b"}]),
        (
            "spec.parentRefs: sectionName or port must be specified when parentRefs includes 2 or"
            " more references to the same parent"
        ),
    ),
    (
        route({"backendRefs": [{**TO_OPENAI, "filters": [{"type": "URLRewrite"}]}]}),
        (
            "spec.rules[0].backendRefs[0].filters[0]: filter.urlRewrite must be specified for"
            " URLRewrite filter.type"
        ),
    ),
    (
        filtered("CORS", cors={}, extensionRef={"group": "", "kind": "A", "name": "a"}),
        (
            "spec.rules[0].filters[0]: filter.extensionRef must be nil if the filter.type is not"
            " ExtensionRef"
        ),
    ),
    (
        filtered("CORS", cors={}, requestMirror={"backendRef": _SERVER}),
        (
            "spec.rules[0].filters[0]: filter.requestMirror must be nil if the filter.type is not"
            " RequestMirror"
        ),
    ),
    (
        filtered(
            "ExternalAuth", externalAuth={"protocol": "GRPC", "backendRef": _SERVER, "http": {}}
        ),
        (
            "spec.rules[0].filters[0].externalAuth: grpc must be specified when protocol is set to"
            " 'GRPC'"
        ),
    ),
    (
        route(
            {
                "sessionPersistence": {"cookieConfig": {"lifetimeType": "Permanent"}},
                "retry": {"codes": [500]},
            }
        ),
        (
            "spec.rules[0].sessionPersistence: AbsoluteTimeout must be specified when cookie"
            " lifetimeType is Permanent"
        ),
    ),
    (
        guarded(regex={}, response={}, openAIModeration={"policies": {"auth": {}}}),
        (
            f"{_GUARD}: exactly one of the fields in [regex webhook openAIModeration"
            " bedrockGuardrails googleModelArmor] must be set"
        ),
    ),
    (
        guarded(openAIModeration={"policies": {"auth": {}}}),
        (
            f"{_GUARD}.openAIModeration.policies.auth: exactly one of the fields in [key secretRef]"
            " must be set"
        ),
    ),
    (
        guarded(googleModelArmor={"projectId": "a", "templateId": "b", "policies": {"auth": {}}}),
        f"{_GUARD}.googleModelArmor.policies.auth: exactly one of the fields in [gcp] must be set",
    ),
    (
        with_policies(tcp={"connectTimeout": "50ms"}),
        "spec.policies.tcp.connectTimeout: connectTimeout must be at least 100ms",
    ),
    (
        with_policies(health={"eviction": {"duration": "1.5s"}}),
        "spec.policies.health.eviction.duration: invalid duration value",
    ),
    (
        with_policies(transformation={"request": {"remove": [":nope"]}}),
        (
            "spec.policies.transformation.request.remove[0]: pseudo-headers must be one of"
            " :authority, :method, :path, :scheme, or :status"
        ),
    ),
    (
        with_policies(extAuth={"forwardBody": {"maxSize": 0}}),
        f"{_FORWARDED}: value must be at least 1 byte and fit within uint32",
    ),
    (
        with_policies(extAuth={"forwardBody": {"maxSize": True}}),
        f'{_FORWARDED}: {_FORWARDED} in body must be of type integer,string: "boolean"',
    ),
    (
        with_policies(extAuth={"forwardBody": {"maxSize": 1}, "http": {"body": "x"}}),
        "spec.policies.extAuth: forwardBody cannot be used with http.body",
    ),
    (
        tools(**{"a*b*": "Off"}),
        (
            "spec.policies.mcp.guardrails.processors[0].methods: method wildcards must be '*', a"
            " prefix like 'tools/*', or a suffix like '*/list'"
        ),
    ),
    (
        with_targets(*[{"name": "a", "static": {"host": "a", "port": 80}}] * 2),
        "spec.mcp.targets: target names must be unique",
    ),
    (
        with_targets({"name": "a", "selector": {}}),
        (
            "spec.mcp.targets[0].selector: at least one of the fields in [namespaces services] must"
            " be set"
        ),
    ),
]
