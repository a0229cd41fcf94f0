"""AgentgatewayBackend (agentgateway.dev/v1alpha1, release 1.4.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from labgateway.shapes import provider_parts
from labgateway.shapes.backend_policies import BackendPolicies, ProviderPolicies
from labgateway.shapes.marks import AtMost, Rules
from labgateway.shapes.mcp import MCP
from labgateway.shapes.part_references import ANY_TEXT, PORT, SHORT
from labgateway.shapes.part_rules import exactly_one
from labgateway.shapes.parts import fields
from labgateway.shapes.resource import (
    UNACTED,
    PortNumber,
    Resource,
    SectionName,
    Shape,
    Unacted,
)

Json = dict[str, Any]

AGENTGATEWAY_GROUP = "agentgateway.dev"

Model = Annotated[str, Field(min_length=1, max_length=256)]


def _not_one(shape: Shape, fields: tuple[str, ...], names: str | None = None) -> Iterator[str]:
    """The message when not exactly one field is set; ``names``: on the wire, in the CRD's order."""
    if sum(getattr(shape, field) is not None for field in fields) != 1:
        yield f"exactly one of the fields in [{names or ' '.join(fields)}] must be set"


class OpenAIProvider(Shape):
    """OpenAI's API; ``model`` replaces whatever model the client asks for."""

    model: Model | None = None


class Provider(Shape):
    """An LLM provider, where it is, and which of its models answers."""

    openai: OpenAIProvider | None = None
    azureopenai: Annotated[Json | None, provider_parts.AZURE_OPENAI, UNACTED] = None
    azure: Annotated[Json | None, provider_parts.AZURE, UNACTED] = None
    anthropic: Annotated[Json | None, provider_parts.MODEL_ONLY, UNACTED] = None
    gemini: Annotated[Json | None, provider_parts.MODEL_ONLY, UNACTED] = None
    vertexai: Annotated[Json | None, provider_parts.VERTEX_AI, UNACTED] = None
    bedrock: Annotated[Json | None, provider_parts.BEDROCK, UNACTED] = None
    custom: Annotated[Json | None, provider_parts.CUSTOM, UNACTED] = None
    host: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    port: PortNumber | None = None
    path: Annotated[str, Field(min_length=1, max_length=1024)] | None = None
    path_prefix: Annotated[str, Field(min_length=1, max_length=1024)] | None = None

    def broken_rules(self) -> Iterator[str]:
        """Where it is, and which one."""
        if (self.host is None) != (self.port is None):
            yield "both host and port must be set together"
        custom = self.custom or {}
        if self.custom is not None and ("backendRef" in custom) == (self.host is not None):
            yield "custom providers must specify exactly one of backendRef or host and port"
        paths = [one for one in (self.path, self.path_prefix) if one is not None]
        if len(paths) > 1:
            yield "path and pathPrefix are mutually exclusive"
        if paths and any("path" in one for one in custom.get("formats", [])):
            yield "path, pathPrefix, and custom format paths are mutually exclusive"
        if self.path_prefix is not None and self.host is None:
            yield "pathPrefix requires host to be set"
        yield from _not_one(self, PROVIDERS)


PROVIDERS = (
    "openai",
    "azureopenai",
    "azure",
    "anthropic",
    "gemini",
    "vertexai",
    "bedrock",
    "custom",
)


class NamedProvider(Provider):
    """A provider in a group, with policies of its own."""

    name: SectionName
    policies: ProviderPolicies | None = None


def _named_twice(providers: list[NamedProvider]) -> Iterator[str]:
    if len({one.name for one in providers}) < len(providers):
        yield "provider names must be unique within a group"


class Group(Shape):
    """Providers of one priority."""

    providers: Annotated[list[NamedProvider], Field(min_length=1), AtMost(16), Rules(_named_twice)]


class AI(Shape):
    """An LLM backend: one provider, or groups of them by priority."""

    provider: Provider | None = None
    groups: Annotated[list[Group] | None, Field(min_length=1), AtMost(8), UNACTED] = None

    def broken_rules(self) -> Iterator[str]:
        """One provider or groups of them."""
        yield from _not_one(self, ("provider", "groups"))


class StaticBackend(Shape):
    """A server by host and port; as a Unix socket it is not acted on."""

    host: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    port: PortNumber | None = None
    unix_path: Annotated[str | None, Field(min_length=1), UNACTED] = None

    def broken_rules(self) -> Iterator[str]:
        """One way to say where it is."""
        if self.unix_path is None and (self.host is None or self.port is None):
            yield "must specify either unixPath or both host and port"
        if self.unix_path is not None and (self.host is not None or self.port is not None):
            yield "unixPath and host/port are mutually exclusive"


_AGENT_CORE = fields(
    {"agentCore": fields({"agentRuntimeArn*": ANY_TEXT, "qualifier": ANY_TEXT})},
    exactly_one("agentCore"),
)
_A2A = fields({"host*": SHORT, "port*": PORT})


class AgentgatewayBackendSpec(Shape):
    """Where traffic goes and with which credential."""

    ai: AI | None = None
    static: StaticBackend | None = None
    dynamic_forward_proxy: Annotated[Json | None, fields({}), UNACTED] = None
    mcp: Annotated[MCP | None, UNACTED] = None
    aws: Annotated[Json | None, _AGENT_CORE, UNACTED] = None
    a2a: Annotated[Json | None, Field(alias="a2a"), _A2A, UNACTED] = None
    policies: BackendPolicies | None = None

    def broken_rules(self) -> Iterator[str]:
        """One kind of destination, with policies of that kind."""
        if self.policies is not None and self.policies.ai is not None and self.ai is None:
            yield "AI policies require AI backend"
        if self.policies is not None and self.policies.mcp is not None and self.mcp is None:
            yield "MCP policies require MCP backend"
        yield from _not_one(
            self,
            ("ai", "static", "dynamic_forward_proxy", "mcp", "aws", "a2a"),
            "ai static dynamicForwardProxy mcp aws a2a",
        )


class AgentgatewayBackend(Resource):
    """A destination that an HTTPRoute's backendRef can name."""

    spec: AgentgatewayBackendSpec
    status: Unacted
