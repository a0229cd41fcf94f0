"""AgentgatewayBackend (agentgateway.dev/v1alpha1, release 1.4.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from labgateway.shapes.resource import ObjectName, PortNumber, Resource, Shape, Unacted

AGENTGATEWAY_GROUP = "agentgateway.dev"

Model = Annotated[str, Field(min_length=1, max_length=256)]


def _not_one(shape: Shape, fields: tuple[str, ...], names: str | None = None) -> Iterator[str]:
    """The message when not exactly one field is set; ``names``: on the wire, in the CRD's order."""
    if sum(getattr(shape, field) is not None for field in fields) != 1:
        yield f"exactly one of the fields in [{names or ' '.join(fields)}] must be set"


class OpenAIProvider(Shape):
    """OpenAI's API; ``model`` replaces whatever model the client asks for."""

    model: Model | None = None
    moderation: Unacted


class Provider(Shape):
    """An LLM provider, where it is, and which of its models answers."""

    openai: OpenAIProvider | None = None
    azureopenai: Unacted
    azure: Unacted
    anthropic: Unacted
    gemini: Unacted
    vertexai: Unacted
    bedrock: Unacted
    custom: Unacted
    host: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    port: PortNumber | None = None
    path: Annotated[str, Field(min_length=1, max_length=1024)] | None = None
    path_prefix: Annotated[str, Field(min_length=1, max_length=1024)] | None = None

    def broken_rules(self) -> Iterator[str]:
        """Where it is, and which one."""
        if (self.host is None) != (self.port is None):
            yield "both host and port must be set together"
        if self.path is not None and self.path_prefix is not None:
            yield "path and pathPrefix are mutually exclusive"
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


class AI(Shape):
    """An LLM backend: one provider, or groups of them by priority."""

    provider: Provider | None = None
    groups: Annotated[list[Any], Field(min_length=1, max_length=8)] | None = None

    def broken_rules(self) -> Iterator[str]:
        """One provider or groups of them."""
        yield from _not_one(self, ("provider", "groups"))


class SecretRef(Shape):
    """A Secret in the backend's namespace; the entry ``key`` (default Authorization) is read."""

    group: str | None = None
    kind: str | None = None
    name: ObjectName
    key: Annotated[str, Field(min_length=1, max_length=253)] | None = None


class Passthrough(Shape):
    """The client's own credential goes through."""


class BackendAuth(Shape):
    """Which credential goes to the provider."""

    key: Annotated[str, Field(max_length=2048)] | None = Field(None, repr=False)
    secret_ref: SecretRef | None = None
    passthrough: Passthrough | None = None
    aws: Unacted
    azure: Unacted
    gcp: Unacted
    credentials: Unacted
    cross_app_access: Unacted
    jwt_sign: Unacted
    oauth_token_exchange: Unacted
    location: Unacted

    def broken_rules(self) -> Iterator[str]:
        """One primary way to authenticate."""
        kinds = ("key", "secret_ref", "passthrough", "aws", "azure", "gcp", "oauth_token_exchange")
        given = [kind for kind in (*kinds, "cross_app_access") if getattr(self, kind) is not None]
        if not given and self.credentials is None:
            yield (
                "must specify credentials, or at most one of key/secretRef/passthrough/aws/azure"
                "/gcp/oauthTokenExchange/crossAppAccess (credentials may be combined with a"
                " primary auth kind)"
            )
        if self.location is not None and not {"key", "secret_ref", "passthrough"} & set(given):
            yield "location may only be set for key, secretRef, or passthrough auth"
        if len(given) > 1:
            yield (
                "at most one of the fields in [key secretRef passthrough aws azure gcp"
                " oauthTokenExchange crossAppAccess] may be set"
            )


class BackendPolicies(Shape):
    """What is done to every request to the backend."""

    auth: BackendAuth | None = None
    ai: Unacted
    health: Unacted
    http: Unacted
    mcp: Unacted
    tcp: Unacted
    tls: Unacted
    transformation: Unacted
    tunnel: Unacted
    ext_auth: Unacted

    def broken_rules(self) -> Iterator[str]:
        """Something is said."""
        fields = ("ai", "auth", "ext_auth", "health", "http", "mcp", "tcp", "tls")
        if all(getattr(self, field) is None for field in (*fields, "transformation", "tunnel")):
            yield (
                "at least one of the fields in [ai auth extAuth health http mcp tcp tls"
                " transformation tunnel] must be set"
            )


class AgentgatewayBackendSpec(Shape):
    """Where traffic goes and with which credential."""

    ai: AI | None = None
    static: Unacted
    dynamic_forward_proxy: Unacted
    mcp: Unacted
    aws: Unacted
    a2a: Annotated[Unacted, Field(alias="a2a")]
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
