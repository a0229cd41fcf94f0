"""What every Kubernetes object has, and the base of all manifest types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic.alias_generators import to_camel

from labgateway.shapes.marks import Immutable

DNS_SUBDOMAIN = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
DNS_LABEL = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"

# The API server's own sentence (apimachinery, validation.IsDNS1123Subdomain).
BAD_NAME = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
    "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used "
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)

ObjectName = Annotated[str, Field(min_length=1, max_length=253)]
SectionName = Annotated[str, Field(min_length=1, max_length=253, pattern=DNS_SUBDOMAIN)]
NamespaceName = Annotated[str, Field(min_length=1, max_length=63, pattern=DNS_LABEL)]
Group = Annotated[str, Field(max_length=253, pattern=f"^$|{DNS_SUBDOMAIN}")]
KindName = Annotated[
    str, Field(min_length=1, max_length=63, pattern=r"^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$")
]
HeaderName = Annotated[
    str, Field(min_length=1, max_length=256, pattern=r"^[A-Za-z0-9!#$%&'*+\-.^_\x60|~]+$")
]
PortNumber = Annotated[int, Field(ge=1, le=65535)]

# A field that the real CRD has and this gateway stores without acting on it; admission warns.
UNACTED = Field(json_schema_extra={"x-unacted": True})
# The same where nothing is said of the value: a status, or kinds whose schema is not a CRD's.
Unacted = Annotated[Any, Field(default=None, json_schema_extra={"x-unacted": True})]


def unacted(default: Any) -> Any:
    """A field as ``Unacted`` whose default means what this gateway does anyhow: no warning."""
    return Field(json_schema_extra={"x-unacted": True, "x-default": default})


class Shape(BaseModel):
    """A part of a manifest: unknown fields refused, nothing coerced, immutable once parsed.

    ``broken_rules`` are the rules between its fields (``x-kubernetes-validations``), which the API
    server looks at when everything by itself is right; ``Rules`` are those of a field.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        regex_engine="rust-regex",
    )

    def broken_rules(self) -> Iterator[str]:
        """The messages of its own broken rules, in the CRD's words and order."""
        return iter(())


class Key(NamedTuple):
    """Where an object lives; ``namespace`` is "" when its kind is cluster-scoped."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        """As messages name it: ``HTTPRoute/agentgateway-system/openai``."""
        return "/".join(part for part in (self.kind, self.namespace, self.name) if part)


class ObjectMeta(Shape):
    """metadata of an object; only the fields that clients send or read here have types."""

    name: str = ""
    generate_name: str | None = None
    namespace: str | None = None
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    uid: Annotated[str | None, Immutable(built_in=True)] = None
    resource_version: str | None = None
    generation: int | None = None
    creation_timestamp: Annotated[str | None, Immutable(built_in=True)] = None
    deletion_timestamp: str | None = None
    deletion_grace_period_seconds: int | None = None
    self_link: str | None = None
    finalizers: list[str] | None = None
    owner_references: list[Any] | None = None
    managed_fields: list[Any] | None = None

    @field_validator("labels", "annotations", mode="before")
    @classmethod
    def _null_is_empty(cls, value: object) -> object:
        return {} if value is None else value


class Resource(Shape):
    """An object as the API serves it: apiVersion, kind, metadata and what its kind adds."""

    api_version: str
    kind: str
    metadata: ObjectMeta

    @property
    def name(self) -> str:
        """metadata.name."""
        return self.metadata.name

    @property
    def namespace(self) -> str:
        """metadata.namespace, "" when the kind is cluster-scoped."""
        return self.metadata.namespace or ""

    @property
    def group(self) -> str:
        """The API group, "" for the core group."""
        return self.api_version.rpartition("/")[0]

    @property
    def key(self) -> Key:
        """Where the object lives."""
        return Key(self.group, self.kind, self.namespace, self.name)


class Condition(NamedTuple):
    """One entry of ``status.conditions`` (metav1.Condition), before it has times."""

    type: str
    status: str
    reason: str
    message: str
