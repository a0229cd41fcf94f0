"""``kubectl describe`` of a Deployment and a Pod, as kubectl 1.37 lays them out.

What is fixed in the gateway's own (``decisions.workloads``) is fixed here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

Json = dict[str, Any]


def listed(label: str, values: list[str]) -> Iterator[str]:
    """Values one below the other, the first beside the label; a tab stands between them."""
    for i, value in enumerate(values or ["<none>"]):
        yield f"{label}:\t{value}" if i == 0 else f"\t{value}"


def pairs(labels: dict[str, str]) -> list[str]:
    """Labels as ``name=value``, sorted."""
    return [f"{name}={value}" for name, value in sorted(labels.items())]


def _deployment(one: Json) -> Iterator[str]:
    metadata, spec, status = one["metadata"], one["spec"], one["status"]
    template = spec["template"]
    yield f"Name:\t{metadata['name']}"
    yield f"Namespace:\t{metadata['namespace']}"
    yield f"CreationTimestamp:\t{_time(metadata['creationTimestamp'])}"
    yield from listed("Labels", pairs(metadata["labels"]))
    yield "Annotations:\t<none>"
    yield f"Selector:\t{','.join(pairs(spec['selector']['matchLabels']))}"
    yield (
        f"Replicas:\t{spec['replicas']} desired | {status['updatedReplicas']} updated |"
        f" {status['replicas']} total | {status['availableReplicas']} available | 0 unavailable"
    )
    yield f"StrategyType:\t{spec['strategy']['type']}"
    yield from ("MinReadySeconds:\t0", "Pod Template:")
    yield from listed("  Labels", pairs(template["metadata"]["labels"]))
    yield "  Containers:"
    for container in template["spec"]["containers"]:
        yield f"   {container['name']}:"
        yield f"    Image:\t{container['image']}"
        yield from _ports(container)
        yield from ("    Environment:\t<none>", "    Mounts:\t<none>")
    yield from ("  Volumes:\t<none>", "  Node-Selectors:\t<none>", "  Tolerations:\t<none>")
    yield from ("Conditions:", "  Type\tStatus\tReason", "  ----\t------\t------")
    for each in status["conditions"]:
        yield f"  {each['type']} \t{each['status']}\t{each['reason']}"
    yield "Events:\t<none>"


def _pod(one: Json) -> Iterator[str]:
    metadata, spec, status = one["metadata"], one["spec"], one["status"]
    yield f"Name:\t{metadata['name']}"
    yield f"Namespace:\t{metadata['namespace']}"
    yield f"Node:\t{spec['nodeName']}/{status['hostIP']}"
    yield f"Start Time:\t{_time(status['startTime'])}"
    yield from listed("Labels", pairs(metadata["labels"]))
    yield "Annotations:\t<none>"
    yield f"Status:\t{status['phase']}"
    yield from (f"IP:\t{status['podIP']}", "IPs:\t<none>", "Containers:")
    for container, state in zip(spec["containers"], status["containerStatuses"], strict=True):
        yield from _container(container, state)
    yield from ("Conditions:", "  Type\tStatus")
    for each in status["conditions"]:
        yield f"  {each['type']} \t{each['status']} "
    yield from ("Volumes:\t<none>", "QoS Class:\tBestEffort", "Node-Selectors:\t<none>")
    yield from ("Tolerations:\t<none>", "Events:\t<none>")


def _container(container: Json, state: Json) -> Iterator[str]:
    yield f"  {container['name']}:"
    yield "    Container ID:\t"
    yield f"    Image:\t{container['image']}"
    yield f"    Image ID:\t{state['imageID']}"
    yield from _ports(container)
    yield "    State:\tRunning"
    yield f"      Started:\t{_time(state['state']['running']['startedAt'])}"
    yield f"    Ready:\t{state['ready']}"
    yield f"    Restart Count:\t{state['restartCount']}"
    yield from ("    Environment:\t<none>", "    Mounts:\t<none>")


def _ports(container: Json) -> Iterator[str]:
    ports = container["ports"]
    named = [f"{one['containerPort']}/{one['protocol']} ({one['name']})" for one in ports]
    yield f"    Ports:\t{', '.join(named)}"
    closed = [f"0/{one['protocol']} ({one['name']})" for one in ports]
    yield f"    Host Ports:\t{', '.join(closed)}"


def _time(timestamp: str) -> str:
    """In the time zone of this machine, as kubectl shows it."""
    at = datetime.strptime(timestamp, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return format_datetime(at.astimezone())


# Kinds whose description kubectl makes by itself, from the first line on.
DESCRIBED: dict[str, Callable[[Json], Iterator[str]]] = {"Deployment": _deployment, "Pod": _pod}
