"""Who may call which tool: ``policies.mcp``, which this gateway does not act on (1.4.1)."""

from __future__ import annotations

from labgateway.shapes.marks import Distinct
from labgateway.shapes.part_references import (
    ANY_TEXT,
    BACKEND,
    EXPRESSION,
    EXPRESSIONS,
    FAILURE_MODE,
    SECRET_KEY,
    SHORT,
)
from labgateway.shapes.part_rules import Rule, at_least_one, exactly_one
from labgateway.shapes.part_values import choice, duration, text
from labgateway.shapes.parts import List, Map, Part, fields
from labgateway.shapes.transport_parts import ANY_HEADER_NAME

_JWKS = fields(
    {
        "backendRef*": BACKEND,
        "cacheDuration": duration("5m", "cacheDuration must be at least 5m.", default="5m"),
        "jwksPath*": text(2000),
    }
)
_AUTHENTICATION = fields(
    {
        "audiences": List(of=ANY_TEXT, least=1, most=64),
        "clientId": ANY_TEXT,
        "clientSecretRef": SECRET_KEY,
        "issuer": SHORT,
        "jwks*": _JWKS,
        "mode": choice("Optional", "Permissive", "Strict", default="Strict"),
        "provider": choice("Auth0", "Authentik", "Descope", "Entra", "Keycloak", "Okta"),
        "resourceMetadata": Map(of=Part()),
    }
)
_AUTHORIZATION = fields(
    {
        "action": choice("Allow", "Deny", "Require", default="Allow"),
        "policy*": fields({"matchExpressions*": List(of=EXPRESSION, least=1, most=256)}),
    }
)

_HEADER_NAMES = List(of=ANY_HEADER_NAME, most=64, distinct=Distinct())
_REMOTE = fields(
    {
        "allowedRequestHeaders": _HEADER_NAMES,
        "backendRef*": BACKEND,
        "disallowedRequestHeaders": _HEADER_NAMES,
        "failureMode": FAILURE_MODE,
        "metadata": EXPRESSIONS,
    }
)


def _one_wildcard_at_an_end(methods: dict[str, str]) -> bool:
    return all("*" not in name[1:-1] and name.count("*") <= 1 for name in methods)


_METHODS = Map(
    of=choice("Full", "Off", "Request", "Response"),
    least=1,
    most=64,
    rules=(
        Rule(
            "method wildcards must be '*', a prefix like 'tools/*', or a suffix like '*/list'",
            _one_wildcard_at_an_end,
        ),
    ),
)
_PROCESSOR = fields({"methods*": _METHODS, "remote": _REMOTE}, exactly_one("remote"))

MCP_POLICIES = fields(
    {
        "authentication": _AUTHENTICATION,
        "authorization": _AUTHORIZATION,
        "guardrails": fields({"processors*": List(of=_PROCESSOR, least=1, most=16)}),
    },
    at_least_one("authentication authorization guardrails"),
)
