"""The gateway itself as a cluster would show it: one Deployment and its Pod, computed.

Labels as agentgateway's controller sets them on what it deploys for a Gateway.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from labgateway.decisions.environment import GATEWAY, NAMESPACE

Json = dict[str, Any]

CONTAINER = "agentgateway"
IMAGE = "labgateway"  # no image was pulled; this is what runs
NODE = "localhost"
ADDRESS = "127.0.0.1"

_SELECTED = {
    "app.kubernetes.io/instance": GATEWAY,
    "app.kubernetes.io/name": GATEWAY,
    "gateway.networking.k8s.io/gateway-name": GATEWAY,
}
_LABELS = {
    **_SELECTED,
    "app.kubernetes.io/managed-by": "agentgateway",
    "gateway.networking.k8s.io/gateway-class-name": "agentgateway",
}


@dataclass(frozen=True)
class Process:
    """The gateway that runs: Unix time of its start in seconds, and where it listens."""

    started: float
    gateway_port: int
    stats_port: int


def deployment(process: Process) -> Json:
    """The Deployment ``agentgateway``, with its one replica available."""
    counts = ("replicas", "readyReplicas", "availableReplicas", "updatedReplicas")
    return {
        **_object("apps/v1", "Deployment", GATEWAY, process),
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": _SELECTED},
            "strategy": {"type": "Recreate"},
            "template": {"metadata": {"labels": _LABELS}, "spec": _pod_spec(process)},
        },
        "status": {
            "observedGeneration": 1,
            **dict.fromkeys(counts, 1),
            "conditions": [
                _condition(
                    "Available",
                    process,
                    reason="MinimumReplicasAvailable",
                    message="Deployment has minimum availability.",
                )
            ],
        },
    }


def pod(process: Process) -> Json:
    """The Pod ``agentgateway-HASH``, running and ready; a new start is a new Pod."""
    started = _timestamp(process)
    ready = {
        "name": CONTAINER,
        "image": IMAGE,
        "imageID": "",
        "ready": True,
        "started": True,
        "restartCount": 0,
        "state": {"running": {"startedAt": started}},
    }
    return {
        **_object("v1", "Pod", f"{GATEWAY}-{_digest(process)[:10]}", process),
        "spec": {**_pod_spec(process), "nodeName": NODE},
        "status": {
            "phase": "Running",
            "startTime": started,
            "hostIP": ADDRESS,
            "podIP": ADDRESS,
            "conditions": [
                _condition(name, process)
                for name in ("PodScheduled", "Initialized", "ContainersReady", "Ready")
            ],
            "containerStatuses": [ready],
        },
    }


def listens_here(process: Process) -> str:
    """Why no port needs to be forwarded, and where each is."""
    return (
        "nothing to forward: the gateway runs on this machine and listens on"
        f" http://localhost:{process.gateway_port} (requests) and"
        f" http://localhost:{process.stats_port}/metrics (metrics)"
    )


def _object(api_version: str, kind: str, name: str, process: Process) -> Json:
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "labels": _LABELS,
            "uid": str(uuid.UUID(_digest(process, kind)[:32])),
            "resourceVersion": "1",
            "generation": 1,
            "creationTimestamp": _timestamp(process),
        },
    }


def _pod_spec(process: Process) -> Json:
    ports = {"http": process.gateway_port, "metrics": process.stats_port}
    listening = [
        {"name": name, "containerPort": port, "protocol": "TCP"} for name, port in ports.items()
    ]
    container = {"name": CONTAINER, "image": IMAGE, "ports": listening}
    return {"containers": [container], "restartPolicy": "Always"}


def _condition(name: str, process: Process, **why: str) -> Json:
    return {"type": name, "status": "True", "lastTransitionTime": _timestamp(process), **why}


def _digest(process: Process, more: str = "") -> str:
    return hashlib.sha256(f"{process.started} {more}".encode()).hexdigest()


def _timestamp(process: Process) -> str:
    return datetime.fromtimestamp(process.started, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
