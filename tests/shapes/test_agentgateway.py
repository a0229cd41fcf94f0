"""AgentgatewayBackend of agentgateway v1.4.1."""

from __future__ import annotations

from typing import Any

import pytest

from labgateway.shapes.agentgateway import AgentgatewayBackendSpec
from tests.shapes.refusals import refusals

OPENAI: dict[str, Any] = {"openai": {}}
MCP = {"authorization": {"policy": {"matchExpressions": ["true"]}}}


def ai(**provider: Any) -> dict[str, Any]:
    """A spec with one provider, openai unless another is given."""
    return {"ai": {"provider": {**OPENAI, **provider}}}


def auth(**fields: Any) -> dict[str, Any]:
    """A spec with openai and these ``policies.auth``."""
    return {**ai(), "policies": {"auth": fields}}


@pytest.mark.parametrize(
    "spec",
    [
        ai(),
        ai(openai={"model": "gpt-4o"}),
        ai(openai={"model": "m" * 256}),
        ai(host="mock", port=80),
        ai(host="mock", port=80, path="/v1/chat/completions"),
        ai(host="mock", port=80, pathPrefix="/api"),
        ai(path="/v1/chat/completions"),
        auth(secretRef={"name": "openai-secret"}),
        auth(secretRef={"name": "openai-secret", "key": "token"}),
        auth(key=""),
        auth(passthrough={}),
        {"ai": {"groups": [{"providers": [{"name": "a", "openai": {}}]}]}},
        {"static": {"host": "a", "port": 80}},
        {**ai(), "policies": {"ai": {"prompt": {}}}},
    ],
)
def test_good_backends(spec: dict[str, Any]) -> None:
    """Forms that the CRD takes, whether or not this gateway acts on all of them."""
    assert AgentgatewayBackendSpec.model_validate(spec).model_fields_set


@pytest.mark.parametrize(
    ("spec", "field", "sentence"),
    [
        (
            {},
            "",
            "exactly one of the fields in [ai static dynamicForwardProxy mcp aws a2a] must be set",
        ),
        (
            {**ai(), "static": {"host": "a", "port": 80}},
            "",
            "exactly one of the fields in [ai static dynamicForwardProxy mcp aws a2a] must be set",
        ),
        ({"ai": {}}, "ai", "exactly one of the fields in [provider groups] must be set"),
        (
            {"ai": {"provider": OPENAI, "groups": [{"providers": [{"name": "a", **OPENAI}]}]}},
            "ai",
            "exactly one of the fields in [provider groups] must be set",
        ),
        (
            {"ai": {"provider": {}}},
            "ai.provider",
            (
                "exactly one of the fields in [openai azureopenai azure anthropic gemini vertexai"
                " bedrock custom] must be set"
            ),
        ),
        (
            ai(anthropic={}),
            "ai.provider",
            (
                "exactly one of the fields in [openai azureopenai azure anthropic gemini vertexai"
                " bedrock custom] must be set"
            ),
        ),
        (ai(host="a"), "ai.provider", "both host and port must be set together"),
        (ai(port=80), "ai.provider", "both host and port must be set together"),
        (
            ai(host="a", port=80, path="/a", pathPrefix="/b"),
            "ai.provider",
            "path and pathPrefix are mutually exclusive",
        ),
        (ai(pathPrefix="/b"), "ai.provider", "pathPrefix requires host to be set"),
        (
            auth(key="k", secretRef={"name": "s"}),
            "policies.auth",
            (
                "at most one of the fields in [key secretRef passthrough aws azure gcp"
                " oauthTokenExchange crossAppAccess] may be set"
            ),
        ),
        (
            auth(gcp={}, location={"header": {"name": "x"}}),
            "policies.auth",
            "location may only be set for key, secretRef, or passthrough auth",
        ),
        ({**ai(), "policies": {}}, "policies", "at least one of the fields in [ai auth extAuth"),
        (
            {"static": {"host": "a", "port": 80}, "policies": {"ai": {"prompt": {}}}},
            "",
            "AI policies require AI backend",
        ),
        ({**ai(), "policies": {"mcp": MCP}}, "", "MCP policies require MCP backend"),
        ({"static": {"host": "a"}}, "static", "must specify either unixPath or both host and port"),
        (
            {"static": {"host": "a", "port": 80, "unixPath": "/a"}},
            "static",
            "unixPath and host/port are mutually exclusive",
        ),
        (ai(openai={"model": "m" * 257}), "ai.provider.openai.model", "String should have at most"),
        (ai(host="a", port=65536), "ai.provider.port", "Input should be less than"),
        (ai(model="gpt-4o"), "ai.provider.model", "Extra inputs are not permitted"),
    ],
)
def test_bad_backends(spec: dict[str, Any], field: str, sentence: str) -> None:
    """Where the CRD's rule is broken, and its sentence."""
    ((where, said),) = refusals(AgentgatewayBackendSpec, spec)
    assert where == field
    assert said.startswith(sentence)


def test_a_key_does_not_show_in_a_repr() -> None:
    """An inline key is a credential even where it does not belong."""
    spec = AgentgatewayBackendSpec.model_validate(auth(key="sk-canary-0123456789"))
    assert "canary" not in repr(spec)
