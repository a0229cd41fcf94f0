"""What is done to prompts and completions: ``policies.ai``, which this gateway does not act on.

(agentgateway 1.4.1: defaults and overrides, enrichment, caching, guards, routes, transformations.)
"""

from __future__ import annotations

from labgateway.shapes.auth_parts import AWS_AUTH, GCP_AUTH, KEY_AUTH
from labgateway.shapes.part_references import (
    ANY_TEXT,
    BACKEND,
    EXPRESSION,
    EXPRESSIONS,
    FAILURE_MODE,
    HEADER_NAME,
    MATCH_TYPE,
    PATH,
    SHORT,
)
from labgateway.shapes.part_rules import at_least_one, exactly_one
from labgateway.shapes.part_values import Flag, Number, Text, choice, text
from labgateway.shapes.parts import List, Map, Part, fields
from labgateway.shapes.transport_parts import TRANSPORT


def _policies(auth: Part) -> Part:
    """How a guard's server is reached."""
    return fields({"auth": auth, **TRANSPORT}, at_least_one("auth http tcp tls tunnel"))


_BEDROCK = fields(
    {
        "identifier*": SHORT,
        "policies": _policies(AWS_AUTH),
        "region*": SHORT,
        "version*": SHORT,
    }
)
_MODEL_ARMOR = fields(
    {
        "location": Text(least=1, most=256, default="us-central1"),
        "policies": _policies(GCP_AUTH),
        "projectId*": SHORT,
        "templateId*": SHORT,
    }
)
_MODERATION = fields({"model": ANY_TEXT, "policies": _policies(KEY_AUTH)})
_REGEX = fields(
    {
        "action": choice("Mask", "Reject", default="Mask"),
        "builtins": List(of=choice("CaSin", "CreditCard", "Email", "PhoneNumber", "Ssn")),
        "matches": List(of=PATH),
    }
)
_REJECTION = fields(
    {
        "message": Text(default="The request was rejected due to inappropriate content"),
        "statusCode": Number(least=200, most=599, default=403),
    },
    at_least_one("message statusCode"),
)
_HEADER_MATCH = fields(
    {"name*": text(256, pattern=HEADER_NAME), "type": MATCH_TYPE, "value*": text(4096)}
)
_WEBHOOK = fields(
    {
        "backendRef*": BACKEND,
        "failureMode": FAILURE_MODE,
        "forwardHeaderMatches": List(of=_HEADER_MATCH),
        "headers": EXPRESSIONS,
    }
)
_GUARDS: dict[str, Part] = {
    "bedrockGuardrails": _BEDROCK,
    "googleModelArmor": _MODEL_ARMOR,
    "regex": _REGEX,
    "response": _REJECTION,
    "webhook": _WEBHOOK,
}
_REQUEST_GUARD = fields(
    {**_GUARDS, "openAIModeration": _MODERATION},
    exactly_one("regex webhook openAIModeration bedrockGuardrails googleModelArmor"),
)
_RESPONSE_GUARD = fields(_GUARDS, exactly_one("regex webhook bedrockGuardrails googleModelArmor"))
_PROMPT_GUARD = fields(
    {
        "request": List(of=_REQUEST_GUARD, least=1, most=8),
        "response": List(of=_RESPONSE_GUARD, least=1, most=8),
        "streaming": choice("Enabled"),
    },
    at_least_one("request response"),
)

_MESSAGES = List(of=fields({"content*": ANY_TEXT, "role*": ANY_TEXT}))
_SETTINGS = List(of=fields({"field*": SHORT, "value*": Part()}), least=1, most=64)
_CACHING = fields(
    {
        "cacheMessageOffset": Number(least=0, below=None, default=0),
        "cacheMessages": Flag(default=True),
        "cacheSystem": Flag(default=True),
        "cacheTools": Flag(default=False),
        "minTokens": Number(least=0, below=None, default=1024),
    }
)
_API = choice(
    "AnthropicTokenCount",
    "Completions",
    "Detect",
    "Embeddings",
    "Messages",
    "Models",
    "Passthrough",
    "Realtime",
    "Rerank",
    "Responses",
)
_TRANSFORMATIONS = List(of=fields({"expression*": EXPRESSION, "field*": SHORT}), least=1, most=64)

AI = fields(
    {
        "defaults": _SETTINGS,
        "modelAliases": Map(of=ANY_TEXT, most=64),
        "overrides": _SETTINGS,
        "prompt": fields({"append": _MESSAGES, "prepend": _MESSAGES}),
        "promptCaching": _CACHING,
        "promptGuard": _PROMPT_GUARD,
        "routes": Map(of=_API),
        "transformations": _TRANSFORMATIONS,
    },
    at_least_one(
        "defaults modelAliases overrides prompt promptCaching promptGuard routes transformations"
    ),
)
