"""The kinds this API serves: how each is called, scoped, typed and shown by ``kubectl get``."""

from __future__ import annotations

from dataclasses import dataclass

from labgateway.shapes.agentgateway import AGENTGATEWAY_GROUP, AgentgatewayBackend
from labgateway.shapes.core import Namespace, Secret
from labgateway.shapes.gateway_api import GATEWAY_GROUP, Gateway, GatewayClass, HTTPRoute
from labgateway.shapes.resource import Resource
from labgateway.shapes.services import DISCOVERY_GROUP, EndpointSlice, ReferenceGrant, Service
from labgateway.shapes.workloads import APPS_GROUP, Deployment, Pod


@dataclass(frozen=True)
class Column:
    """A printer column: header and where its cell is, as a path of keys or ``HOW:WHAT``.

    ``decisions.tables`` knows the ways (``condition:TYPE``, ``count:PATH``, …). A column of
    priority 1 shows with ``-o wide`` only.
    """

    name: str
    path: str
    type: str = "string"
    priority: int = 0


@dataclass(frozen=True)
class Kind:
    """One kind of object and its names on the wire."""

    shape: type[Resource]
    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    categories: tuple[str, ...] = ()

    @property
    def api_version(self) -> str:
        """``group/version``, or ``version`` alone in the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def root(self) -> str:
        """Where the API has the kinds of this group and version."""
        return f"/apis/{self.api_version}" if self.group else f"/api/{self.api_version}"

    @property
    def built_in(self) -> bool:
        """Whether the API server knows it by itself; the others come with CRDs."""
        return self.group in {"", APPS_GROUP, DISCOVERY_GROUP}

    @property
    def has_status(self) -> bool:
        """Whether its objects say how they are, at a path of its own too."""
        return "status" in self.shape.model_fields

    @property
    def resource(self) -> str:
        """``plural.group`` as kubectl prints it in messages."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


KINDS = (
    Kind(
        Namespace,
        "",
        "v1",
        "Namespace",
        "namespaces",
        namespaced=False,
        short_names=("ns",),
        columns=(Column("Status", "status.phase"),),
    ),
    Kind(
        Secret,
        "",
        "v1",
        "Secret",
        "secrets",
        columns=(Column("Type", "type"), Column("Data", "count:data", "integer")),
    ),
    Kind(
        Service,
        "",
        "v1",
        "Service",
        "services",
        short_names=("svc",),
        columns=(
            Column("Type", "spec.type"),
            Column("Cluster-IP", "given:spec.clusterIP"),
            Column("External-IP", "external:spec"),
            Column("Port(s)", "ports:spec.ports"),
            Column("Selector", "labels:spec.selector", priority=1),
        ),
        categories=("all",),
    ),
    Kind(
        EndpointSlice,
        DISCOVERY_GROUP,
        "v1",
        "EndpointSlice",
        "endpointslices",
        columns=(
            Column("AddressType", "addressType"),
            Column("Ports", "first:ports.port"),
            Column("Endpoints", "first:endpoints.addresses"),
        ),
    ),
    Kind(
        GatewayClass,
        GATEWAY_GROUP,
        "v1",
        "GatewayClass",
        "gatewayclasses",
        namespaced=False,
        short_names=("gc",),
        columns=(
            Column("Controller", "spec.controllerName"),
            Column("Accepted", "condition:Accepted"),
            Column("Description", "spec.description", priority=1),
        ),
    ),
    Kind(
        Gateway,
        GATEWAY_GROUP,
        "v1",
        "Gateway",
        "gateways",
        short_names=("gtw",),
        columns=(
            Column("Class", "spec.gatewayClassName"),
            Column("Address", "status.addresses.0.value"),
            Column("Programmed", "condition:Programmed"),
        ),
    ),
    Kind(
        HTTPRoute,
        GATEWAY_GROUP,
        "v1",
        "HTTPRoute",
        "httproutes",
        columns=(Column("Hostnames", "spec.hostnames"),),
    ),
    Kind(
        ReferenceGrant,
        GATEWAY_GROUP,
        "v1beta1",
        "ReferenceGrant",
        "referencegrants",
        short_names=("refgrant",),
    ),
    Kind(
        AgentgatewayBackend,
        AGENTGATEWAY_GROUP,
        "v1alpha1",
        "AgentgatewayBackend",
        "agentgatewaybackends",
        short_names=("agbe",),
        columns=(Column("Accepted", "condition:Accepted"),),
    ),
)

# The gateway's own, computed and never stored; everybody may read them and nobody write them.
WORKLOADS = (
    Kind(
        Pod,
        "",
        "v1",
        "Pod",
        "pods",
        short_names=("po",),
        columns=(
            Column("Ready", "ready:status.containerStatuses"),
            Column("Status", "status.phase"),
            Column("Restarts", "status.containerStatuses.0.restartCount"),
            Column("IP", "status.podIP", priority=1),
            Column("Node", "spec.nodeName", priority=1),
            Column("Nominated Node", "text:<none>", priority=1),
            Column("Readiness Gates", "text:<none>", priority=1),
        ),
        categories=("all",),
    ),
    Kind(
        Deployment,
        APPS_GROUP,
        "v1",
        "Deployment",
        "deployments",
        short_names=("deploy",),
        columns=(
            Column("Ready", "of:status.readyReplicas/spec.replicas"),
            Column("Up-to-date", "status.updatedReplicas", "integer"),
            Column("Available", "status.availableReplicas", "integer"),
            Column("Containers", "spec.template.spec.containers.0.name", priority=1),
            Column("Images", "spec.template.spec.containers.0.image", priority=1),
            Column("Selector", "labels:spec.selector.matchLabels", priority=1),
        ),
        categories=("all",),
    ),
)
SERVED = (*KINDS, *WORKLOADS)


def kind_of(api_version: str, kind: str) -> Kind | None:
    """The stored kind that a manifest names, case and all, or None when there is none."""
    return next((k for k in KINDS if (k.api_version, k.kind) == (api_version, kind)), None)


def kind_named(word: str) -> Kind | None:
    """The kind that a command line names: plural, singular or short, group or not."""
    name = word.lower()
    for kind in SERVED:
        names = {kind.plural, kind.kind.lower(), *kind.short_names}
        if name in names or name in {f"{one}.{kind.group}" for one in names}:
            return kind
        if name in {f"{one}.{kind.version}.{kind.group}" for one in names}:
            return kind
    return None
