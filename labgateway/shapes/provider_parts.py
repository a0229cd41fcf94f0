"""LLM providers that this gateway does not speak to (agentgateway 1.4.1)."""

from __future__ import annotations

from typing import Any

from labgateway.shapes.marks import Distinct
from labgateway.shapes.part_references import LOCAL_BACKEND, PATH, SHORT
from labgateway.shapes.part_rules import Rule
from labgateway.shapes.part_values import Text, choice, text
from labgateway.shapes.parts import List, fields

MODEL_ONLY = fields({"model": SHORT})  # anthropic, gemini

AZURE = fields(
    {
        "apiVersion": text(64),
        "model": SHORT,
        "projectName": SHORT,
        "resourceName*": SHORT,
        "resourceType*": choice("Foundry", "OpenAI"),
    },
    Rule(
        "projectName is required when resourceType is Foundry",
        lambda azure: azure["resourceType"] != "Foundry" or "projectName" in azure,
    ),
)

AZURE_OPENAI = fields(
    {"apiVersion": text(64), "deploymentName": SHORT, "endpoint*": SHORT},
    Rule(
        "deploymentName is required for this apiVersion",
        lambda azure: azure.get("apiVersion", "v1") == "v1" or "deploymentName" in azure,
    ),
)

BEDROCK = fields(
    {
        "guardrail": fields({"identifier*": SHORT, "version*": SHORT}),
        "model": SHORT,
        "region": Text(least=1, most=63, pattern="^[a-z0-9-]+$", default="us-east-1"),
    }
)

VERTEX_AI = fields(
    {
        "model": SHORT,
        "projectId*": text(64),
        "region": Text(least=1, most=64, default="global"),
    }
)

_FORMAT = fields(
    {
        "path": PATH,
        "type*": choice(
            "AnthropicTokenCount",
            "Completions",
            "Embeddings",
            "Messages",
            "Realtime",
            "Rerank",
            "Responses",
        ),
    },
    Rule(
        "path must start with /",
        lambda one: one.get("path", "/").startswith("/"),
    ),
)


def _service_or_pool(custom: dict[str, Any]) -> bool:
    ref = custom.get("backendRef")
    return ref is None or (ref["group"], ref["kind"]) in {
        ("", "Service"),
        ("inference.networking.k8s.io", "InferencePool"),
    }


CUSTOM = fields(
    {
        "backendRef": LOCAL_BACKEND,
        "formats*": List(of=_FORMAT, least=1, most=6, distinct=Distinct("type")),
        "model": SHORT,
    },
    Rule("custom provider backendRef may target only Service or InferencePool", _service_or_pool),
)
