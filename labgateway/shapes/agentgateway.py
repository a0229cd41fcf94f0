"""AgentgatewayBackend (agentgateway.dev/v1alpha1, release 1.4.1)."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from labgateway.shapes.resource import ObjectName, PortNumber, Resource, Shape, Unacted, rule

AGENTGATEWAY_GROUP = "agentgateway.dev"

Model = Annotated[str, Field(min_length=1, max_length=256)]


def _exactly_one(shape: Shape, fields: tuple[str, ...], names: str | None = None) -> None:
    """Raise unless one of the fields is set; ``names`` are their wire names, in the CRD's order."""
    if sum(getattr(shape, field) is not None for field in fields) != 1:
        listed = names or " ".join(fields)
        raise rule(f"exactly one of the fields in [{listed}] must be set")


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

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.host is None) != (self.port is None):
            raise rule("both host and port must be set together")
        if self.path is not None and self.path_prefix is not None:
            raise rule("path and pathPrefix are mutually exclusive")
        if self.path_prefix is not None and self.host is None:
            raise rule("pathPrefix requires host to be set")
        _exactly_one(self, PROVIDERS)
        return self


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

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        _exactly_one(self, ("provider", "groups"))
        return self


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

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        kinds = ("key", "secret_ref", "passthrough", "aws", "azure", "gcp", "oauth_token_exchange")
        given = [kind for kind in (*kinds, "cross_app_access") if getattr(self, kind) is not None]
        if not given and self.credentials is None:
            raise rule(
                "must specify credentials, or at most one of key/secretRef/passthrough/aws/azure"
                "/gcp/oauthTokenExchange/crossAppAccess (credentials may be combined with a"
                " primary auth kind)"
            )
        if self.location is not None and not {"key", "secret_ref", "passthrough"} & set(given):
            raise rule("location may only be set for key, secretRef, or passthrough auth")
        if len(given) > 1:
            raise rule(
                "at most one of the fields in [key secretRef passthrough aws azure gcp"
                " oauthTokenExchange crossAppAccess] may be set"
            )
        return self


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

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        fields = ("ai", "auth", "ext_auth", "health", "http", "mcp", "tcp", "tls")
        if all(getattr(self, field) is None for field in (*fields, "transformation", "tunnel")):
            raise rule(
                "at least one of the fields in [ai auth extAuth health http mcp tcp tls"
                " transformation tunnel] must be set"
            )
        return self


class AgentgatewayBackendSpec(Shape):
    """Where traffic goes and with which credential."""

    ai: AI | None = None
    static: Unacted
    dynamic_forward_proxy: Unacted
    mcp: Unacted
    aws: Unacted
    a2a: Annotated[Unacted, Field(alias="a2a")]
    policies: BackendPolicies | None = None

    @model_validator(mode="after")
    def _one_destination(self) -> Self:
        if self.policies is not None and self.policies.ai is not None and self.ai is None:
            raise rule("AI policies require AI backend")
        if self.policies is not None and self.policies.mcp is not None and self.mcp is None:
            raise rule("MCP policies require MCP backend")
        _exactly_one(
            self,
            ("ai", "static", "dynamic_forward_proxy", "mcp", "aws", "a2a"),
            "ai static dynamicForwardProxy mcp aws a2a",
        )
        return self


class AgentgatewayBackend(Resource):
    """A destination that an HTTPRoute's backendRef can name."""

    spec: AgentgatewayBackendSpec
    status: Unacted
