"""Service (v1), EndpointSlice (discovery.k8s.io/v1) and ReferenceGrant (v1beta1, release 1.4)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from labgateway.shapes.marks import AtMost, Immutable
from labgateway.shapes.resource import (
    UNACTED,
    Group,
    KindName,
    NamespaceName,
    ObjectName,
    PortNumber,
    Resource,
    Shape,
    Unacted,
    unacted,
)

DISCOVERY_GROUP = "discovery.k8s.io"
SERVICE_NAME_LABEL = "kubernetes.io/service-name"

# Choices stand in the order in which the API server lists them.
Protocol = Literal["SCTP", "TCP", "UDP"]


class ServicePort(Shape):
    """A port of a Service, and the port of its endpoints, by number or name.

    The rules of its numbers are ``decisions.service_rules``', in the API server's words.
    """

    name: str | None = None
    protocol: Protocol = "TCP"
    app_protocol: Annotated[str | None, unacted("http")] = None
    port: int = 0
    target_port: int | str | None = None
    node_port: Unacted

    @model_validator(mode="before")
    @classmethod
    def _target_is_the_port(cls, given: Any) -> Any:
        if not isinstance(given, dict) or "port" not in given:
            return given
        return {"targetPort": given["port"], **given}


class ServiceSpec(Shape):
    """Ports of a Service; where they lead stands in its EndpointSlices."""

    # kubectl merges this list by port (core/v1, ServiceSpec).
    ports: Annotated[
        list[ServicePort],
        Field(
            json_schema_extra={
                "x-kubernetes-patch-merge-key": "port",
                "x-kubernetes-patch-strategy": "merge",
            }
        ),
    ] = []
    # On a cluster a controller makes EndpointSlices of the Pods that it selects.
    selector: Annotated[dict[str, str] | None, UNACTED] = None
    type: Annotated[
        Literal["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"], unacted("ClusterIP")
    ] = "ClusterIP"
    cluster_ip: Annotated[str | None, Field(alias="clusterIP"), unacted("None")] = None
    cluster_ips: Annotated[list[str] | None, Field(alias="clusterIPs"), unacted(["None"])] = None
    external_name: Unacted
    external_ips: Annotated[Unacted, Field(alias="externalIPs")]
    session_affinity: Annotated[Literal["ClientIP", "None"], unacted("None")] = "None"
    session_affinity_config: Unacted
    ip_families: Annotated[list[Literal["IPv4", "IPv6"]], unacted(["IPv4"])] = ["IPv4"]
    ip_family_policy: Annotated[
        Literal["PreferDualStack", "RequireDualStack", "SingleStack"], unacted("SingleStack")
    ] = "SingleStack"
    publish_not_ready_addresses: Annotated[bool | None, unacted(default=False)] = None
    internal_traffic_policy: Annotated[Literal["Cluster", "Local"], unacted("Cluster")] = "Cluster"
    external_traffic_policy: Unacted
    health_check_node_port: Unacted
    load_balancer_ip: Annotated[Unacted, Field(alias="loadBalancerIP")]
    load_balancer_class: Unacted
    load_balancer_source_ranges: Unacted
    allocate_load_balancer_node_ports: Unacted
    traffic_distribution: Unacted


class Service(Resource):
    """A name for a set of endpoints."""

    spec: ServiceSpec = ServiceSpec.model_validate({})
    status: Unacted


class EndpointConditions(Shape):
    """Whether an endpoint takes requests; nothing said is yes."""

    ready: bool | None = None
    serving: Annotated[bool | None, unacted(default=True)] = None
    terminating: Annotated[bool | None, unacted(default=False)] = None


class Endpoint(Shape):
    """One server, by its addresses."""

    addresses: Annotated[list[str], Field(max_length=100)] = []
    conditions: EndpointConditions = EndpointConditions()
    hostname: Unacted
    node_name: Unacted
    target_ref: Unacted
    zone: Unacted
    hints: Unacted
    deprecated_topology: Unacted


class EndpointPort(Shape):
    """A port of every endpoint of the slice; its name is that of the Service's port."""

    name: str = ""
    protocol: Protocol = "TCP"
    port: PortNumber | None = None
    app_protocol: Annotated[str | None, unacted("http")] = None


class EndpointSlice(Resource):
    """Endpoints of the Service that the label ``kubernetes.io/service-name`` names."""

    address_type: Annotated[Literal["FQDN", "IPv4", "IPv6"], Immutable(built_in=True)]
    endpoints: Annotated[list[Endpoint], Field(max_length=1000)] = []
    ports: Annotated[list[EndpointPort], Field(max_length=100)] = []

    @property
    def service(self) -> str:
        """Name of the Service in the same namespace, "" when the label is missing."""
        return self.metadata.labels.get(SERVICE_NAME_LABEL, "")


class GrantFrom(Shape):
    """Who may refer."""

    group: Group
    kind: KindName
    namespace: NamespaceName


class GrantTo(Shape):
    """What may be referred to; all of the kind when no name is given."""

    group: Group
    kind: KindName
    name: ObjectName | None = None


class ReferenceGrantSpec(Shape):
    """References into this object's namespace that are allowed."""

    from_: Annotated[list[GrantFrom], Field(alias="from", min_length=1), AtMost(16)]
    to: Annotated[list[GrantTo], Field(min_length=1), AtMost(16)]


class ReferenceGrant(Resource):
    """The owner of a namespace lets others refer to what is in it."""

    # The CRD requires no spec; without one nothing is granted.
    spec: ReferenceGrantSpec | None = None

    def allows(self, origin: tuple[str, str, str], target: tuple[str, str, str]) -> bool:
        """Whether (group, kind, namespace) may refer to (group, kind, name) in this namespace."""
        if self.spec is None:
            return False
        group, kind, name = target
        return any(
            (one.group, one.kind, one.namespace) == origin for one in self.spec.from_
        ) and any(
            (one.group, one.kind) == (group, kind) and one.name in (None, name)
            for one in self.spec.to
        )
