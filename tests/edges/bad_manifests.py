"""Manifests that the API server refuses, by what is wrong with them, and its words.

The words stand in ``tests/data/refusals.txt``: a line ``## WHAT`` and what kubectl prints.
"""

from __future__ import annotations

from tests.kubernetes_api import BACKEND, DATA, ROUTE, changed

_TIMEOUTS = "      timeouts:"


def _route(rule: str) -> str:
    """The route with more in its rule."""
    return changed(ROUTE, _TIMEOUTS, f"      {rule}\n{_TIMEOUTS}")


def _gateway(spec: str) -> str:
    return (
        "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: edge}\n"
        f"spec: {{gatewayClassName: agentgateway, {spec}}}\n"
    )


def _backend(spec: str) -> str:
    return (
        "apiVersion: agentgateway.dev/v1alpha1\nkind: AgentgatewayBackend\nmetadata: {name: b}\n"
        f"spec: {spec}\n"
    )


_HTTP = "{name: http, port: 80, protocol: HTTP}"
_OPENAI = "ai: {provider: {openai: {}}}"

BAD_MANIFESTS = {
    "an empty model": changed(BACKEND, "gpt-4o", '""'),
    "a long model": changed(BACKEND, "gpt-4o", "m" * 257),
    "two providers": changed(BACKEND, "      openai:", "      anthropic: {}\n      openai:"),
    "a host without a port": changed(BACKEND, "      openai:", "      host: a\n      openai:"),
    "an empty spec": _backend("{}"),
    "static without a port": _backend("{static: {host: a}}"),
    "a guard of two kinds": _backend(
        f"{{{_OPENAI}, policies: {{ai: {{promptGuard: {{request:"
        " [{regex: {}, webhook: {backendRef: {name: a}}}]}}}}"
    ),
    "a timeout that is too short": _backend(
        f"{{{_OPENAI}, policies: {{tcp: {{connectTimeout: 50ms}}}}}}"
    ),
    "two providers of one name": _backend(
        "{ai: {groups: [{providers: [{name: a, openai: {}}, {name: a, openai: {}}]}]}}"
    ),
    "an unknown format": _backend(
        "{ai: {provider: {custom: {formats: [{type: Detect}]}, host: a, port: 80}}}"
    ),
    "MCP policies of a model": _backend(
        f"{{{_OPENAI}, policies: {{mcp: {{authorization: {{policy: {{matchExpressions:"
        " ['true']}}}}}"
    ),
    "two mistakes in a path": changed(ROUTE, "value: /openai", "value: /a//b#c"),
    "a filter of another type": _route("filters: [{type: CORS, urlRewrite: {hostname: a.b}}]"),
    "a redirect with a backend": _route(
        "filters: [{type: RequestRedirect, requestRedirect: {statusCode: 301}}]"
    ),
    "a redirect of another kind": _route(
        "filters: [{type: RequestRedirect, requestRedirect: {statusCode: 307}}]"
    ),
    "a header twice": _route(
        "filters: [{type: RequestHeaderModifier, requestHeaderModifier:"
        " {set: [{name: a, value: b}, {name: a, value: c}]}}]"
    ),
    "retries of success": _route("retry: {codes: [200], attempts: many}"),
    "a listener twice": _gateway(f"listeners: [{_HTTP}, {_HTTP}]"),
    "TLS for plain HTTP": _gateway(
        "listeners: [{name: http, port: 80, protocol: HTTP, tls: {mode: Terminate}}]"
    ),
    "a class without a domain": (
        "apiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {name: c}\n"
        "spec: {controllerName: agentgateway}\n"
    ),
    "a grant to nobody": (
        "apiVersion: gateway.networking.k8s.io/v1beta1\nkind: ReferenceGrant\n"
        "metadata: {name: g}\nspec: {from: [], to: [{group: '', kind: Service, names: a}]}\n"
    ),
}

REFUSALS = {
    case: words
    for case, _newline, words in (
        part.partition("\n")
        for part in (DATA / "refusals.txt").read_text(encoding="utf-8").split("## ")[1:]
    )
}
