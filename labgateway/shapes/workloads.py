"""Deployment (apps/v1) and Pod (v1): the part of their fields that the gateway's own have."""

from __future__ import annotations

from typing import Any

from labgateway.shapes.resource import ObjectMeta, PortNumber, Resource, Shape

APPS_GROUP = "apps"


class ContainerPort(Shape):
    """A port on which the container listens."""

    name: str
    container_port: PortNumber
    protocol: str


class Container(Shape):
    """A program of the Pod."""

    name: str
    image: str
    ports: list[ContainerPort]


class PodSpec(Shape):
    """What runs in the Pod, and where."""

    containers: list[Container]
    node_name: str | None = None
    restart_policy: str


class PodTemplate(Shape):
    """What each Pod of the Deployment is made from."""

    metadata: ObjectMeta
    spec: PodSpec


class LabelSelector(Shape):
    """Labels that an object must have to be selected."""

    match_labels: dict[str, str]


class DeploymentStrategy(Shape):
    """How Pods are replaced by new ones."""

    type: str


class DeploymentSpec(Shape):
    """How many Pods there are to be, and of what kind."""

    replicas: int
    selector: LabelSelector
    strategy: DeploymentStrategy
    template: PodTemplate


class Deployment(Resource):
    """Keeps a number of equal Pods running. The gateway's own is shown here; there is no other."""

    spec: DeploymentSpec
    status: dict[str, Any] | None = None


class Pod(Resource):
    """Programs that run together. The gateway's own is shown here; there is no other."""

    spec: PodSpec
    status: dict[str, Any] | None = None
