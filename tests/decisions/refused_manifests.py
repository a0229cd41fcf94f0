"""Manifests that the API server refuses, and what it says."""

from __future__ import annotations

from typing import Any

from tests.decisions.resources import (
    HTTP,
    Json,
    backend,
    gateway,
    gateway_class,
    matching,
    prefix,
    route,
)


def with_provider(provider: Any) -> Json:
    """A backend with this provider."""
    return backend({"ai": {"provider": provider}})


def named(name: str) -> Json:
    """A backend with this name."""
    return {**backend(), "metadata": {"name": name, "namespace": "default"}}


REFUSED = [
    (
        with_provider({"openai": {"model": ""}}),
        (
            'spec.ai.provider.openai.model: Invalid value: "": spec.ai.provider.openai.model in'
            " body should be at least 1 chars long"
        ),
    ),
    (
        with_provider({"openai": None}),
        (
            'spec.ai.provider: Invalid value: "object": exactly one of the fields in [openai'
            " azureopenai azure anthropic gemini vertexai bedrock custom] must be set"
        ),
    ),
    (
        with_provider({"openai": {}, "host": "mock"}),
        'spec.ai.provider: Invalid value: "object": both host and port must be set together',
    ),
    (
        with_provider({"openai": {}, "host": "mock", "port": 99999}),
        (
            "spec.ai.provider.port: Invalid value: 99999: spec.ai.provider.port in body should be"
            " less than or equal to 65535"
        ),
    ),
    (
        backend({}),
        (
            'spec: Invalid value: "object": exactly one of the fields in [ai static'
            " dynamicForwardProxy mcp aws a2a] must be set"
        ),
    ),
    (
        route({"timeouts": {"request": "120"}}),
        (
            'spec.rules[0].timeouts.request: Invalid value: "120": spec.rules[0].timeouts.request'
            " in body should match '^([0-9]{1,5}(h|m|s|ms)){1,4}$'"
        ),
    ),
    (
        route({"timeouts": {"request": "1s", "backendRequest": "2s"}}),
        (
            'spec.rules[0].timeouts: Invalid value: "object": backendRequest timeout cannot be'
            " longer than request timeout"
        ),
    ),
    (
        route(matching(prefix("openai"))),
        (
            'spec.rules[0].matches[0].path: Invalid value: "object": value must be an absolute path'
            " and start with '/' when type one of ['Exact', 'PathPrefix']"
        ),
    ),
    (
        route({"backendRefs": [{"name": "openai-all-models"}]}),
        (
            'spec.rules[0].backendRefs[0]: Invalid value: "object": Must have port for Service'
            " reference"
        ),
    ),
    (
        route({"backendRefs": [{"name": "a", "port": 80, "weight": -1}]}),
        (
            "spec.rules[0].backendRefs[0].weight: Invalid value: -1: spec.rules[0].backendRefs[0]"
            ".weight in body should be greater than or equal to 0"
        ),
    ),
    (
        route(matching({"headers": [{"name": "model", "value": v} for v in "ab"]})),
        'spec.rules[0].matches[0].headers[1]: Duplicate value: {"name":"model"}',
    ),
    (
        route(matching({"queryParams": [{"name": n, "value": "a"} for n in "xyx"]})),
        'spec.rules[0].matches[0].queryParams[2]: Duplicate value: {"name":"x"}',
    ),
    (
        route(hostnames=["Example.com"]),
        (
            'spec.hostnames[0]: Invalid value: "Example.com": spec.hostnames[0] in body should'
            " match '^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'"
        ),
    ),
    (
        {**gateway(), "spec": {"gatewayClassName": "a", "listeners": []}},
        "spec.listeners: Invalid value: 0: spec.listeners in body should have at least 1 items",
    ),
    (
        named("OpenAI"),
        'metadata.name: Invalid value: "OpenAI": a lowercase RFC 1123 subdomain must consist of',
    ),
    (named(""), "metadata.name: Required value: name or generateName is required"),
    (named("a" * 254), "must be no more than 253 characters"),
]


# Errors after which the API server checks no rules (CEL) any more, and says so.
REFUSED_EARLY = [
    (
        with_provider({"openai": {"model": "m" * 257}}),
        "spec.ai.provider.openai.model: Too long: may not be more than 256 bytes",
    ),
    (
        with_provider("openai"),
        (
            'spec.ai.provider: Invalid value: "string": spec.ai.provider in body must be of type'
            ' object: "string"'
        ),
    ),
    (
        route(matching({"path": {"type": "Prefix", "value": "/openai"}})),
        (
            'spec.rules[0].matches[0].path.type: Unsupported value: "Prefix": supported values:'
            ' "Exact", "PathPrefix", "RegularExpression"'
        ),
    ),
    (
        route(matching({"method": "post"})),
        (
            'spec.rules[0].matches[0].method: Unsupported value: "post": supported values: "GET",'
            ' "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"'
        ),
    ),
    (
        route(parents=[{"namespace": "agentgateway-system"}]),
        "spec.parentRefs[0].name: Required value",
    ),
    (
        route({"matches": {"path": "/openai"}}),
        (
            'spec.rules[0].matches: Invalid value: "object": spec.rules[0].matches in body must be'
            ' of type array: "object"'
        ),
    ),
    (
        route({"backendRefs": [{"name": "a", "port": "80"}]}),
        (
            'spec.rules[0].backendRefs[0].port: Invalid value: "string":'
            ' spec.rules[0].backendRefs[0].port in body must be of type integer: "string"'
        ),
    ),
    (
        route(hostnames=["a.b"] * 17),
        "spec.hostnames: Too many: 17: must have at most 16 items",
    ),
    (
        {**gateway(), "spec": {"listeners": [HTTP]}},
        "spec.gatewayClassName: Required value",
    ),
    (
        {**gateway_class(), "spec": {"controllerName": 5}},
        (
            'spec.controllerName: Invalid value: "integer": spec.controllerName in body must be of'
            ' type string: "integer"'
        ),
    ),
]


UNKNOWN = [
    (with_provider({"openai": {}, "model": "gpt-4o"}), "spec.ai.provider.model"),
    (with_provider({"openAI": {}}), "spec.ai.provider.openAI"),
    (with_provider({"openai": {}, "policies": {}}), "spec.ai.provider.policies"),
    (route({"backendRef": {"name": "a"}}), "spec.rules[0].backendRef"),
    (route(matching({"path": {"typ": "Exact"}})), "spec.rules[0].matches[0].path.typ"),
    ({**route(), "sepc": {}}, "sepc"),
    ({**gateway(), "metadata": {"name": "a", "nmespace": "b"}}, "metadata.nmespace"),
]
