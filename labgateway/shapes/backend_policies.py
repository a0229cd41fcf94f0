"""Policies of an AgentgatewayBackend (agentgateway 1.4.1): what is done to each request to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from labgateway.shapes import auth_parts, transport_parts
from labgateway.shapes.mcp_parts import MCP_POLICIES
from labgateway.shapes.part_references import LOCATION
from labgateway.shapes.prompt_parts import AI
from labgateway.shapes.resource import UNACTED, ObjectName, Shape

Json = dict[str, Any]


class SecretRef(Shape):
    """A Secret in the backend's namespace; the entry ``key`` (default Authorization) is read."""

    group: str | None = None
    kind: str | None = None
    name: ObjectName
    key: Annotated[str, Field(min_length=1, max_length=253)] | None = None

    def broken_rules(self) -> Iterator[str]:
        """A Secret unless group and kind name something else."""
        if not (self.kind if self.group else self.kind in {None, "", "Secret"}):
            yield "custom credential refs must set both group and kind"


class Passthrough(Shape):
    """The client's own credential goes through."""


class BackendAuth(Shape):
    """Which credential goes to the provider."""

    key: Annotated[str, Field(max_length=2048)] | None = Field(None, repr=False)
    secret_ref: SecretRef | None = None
    passthrough: Passthrough | None = None
    aws: Annotated[Json | None, auth_parts.AWS, UNACTED] = None
    azure: Annotated[Json | None, auth_parts.AZURE, UNACTED] = None
    gcp: Annotated[Json | None, auth_parts.GCP, UNACTED] = None
    credentials: Annotated[list[Json] | None, auth_parts.CREDENTIALS, UNACTED] = None
    cross_app_access: Annotated[Json | None, auth_parts.CROSS_APP_ACCESS, UNACTED] = None
    oauth_token_exchange: Annotated[Json | None, auth_parts.OAUTH_TOKEN_EXCHANGE, UNACTED] = None
    location: Annotated[Json | None, LOCATION, UNACTED] = None

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


class TargetPolicies(Shape):
    """How a server is reached."""

    auth: BackendAuth | None = None
    http: Annotated[Json | None, transport_parts.HTTP, UNACTED] = None
    tcp: Annotated[Json | None, transport_parts.TCP, UNACTED] = None
    tls: Annotated[Json | None, transport_parts.TLS, UNACTED] = None
    tunnel: Annotated[Json | None, transport_parts.TUNNEL, UNACTED] = None


class ProviderPolicies(TargetPolicies):
    """What is done to every request to a provider."""

    ai: Annotated[Json | None, AI, UNACTED] = None
    health: Annotated[Json | None, transport_parts.HEALTH, UNACTED] = None
    transformation: Annotated[Json | None, transport_parts.TRANSFORMATION, UNACTED] = None

    def broken_rules(self) -> Iterator[str]:
        """Something is said."""
        fields = type(self).model_fields
        if all(getattr(self, name) is None for name in fields):
            names = " ".join(sorted(one.alias or name for name, one in fields.items()))
            yield f"at least one of the fields in [{names}] must be set"


class BackendPolicies(ProviderPolicies):
    """What is done to every request to the backend."""

    ext_auth: Annotated[Json | None, transport_parts.EXT_AUTH, UNACTED] = None
    mcp: Annotated[Json | None, MCP_POLICIES, UNACTED] = None
