"""Which objects a manifest names: its references, wherever its kind has them.

A reference is an object under a key that ends in ``Ref``, or in a list under one that ends in
``Refs``. What such a key means when it says no kind: Gateway API v1.4, agentgateway v1.4.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from labgateway.shapes.gateway_api import GATEWAY_GROUP
from labgateway.shapes.resource import Key
from labgateway.shapes.services import SERVICE_NAME_LABEL

Json = Mapping[str, Any]

_MEANT = {  # key → (group, kind) when the reference does not say
    "parentRefs": (GATEWAY_GROUP, "Gateway"),
    "backendRefs": ("", "Service"),
    "backendRef": ("", "Service"),
    "secretRef": ("", "Secret"),
    "certificateRefs": ("", "Secret"),
}


@dataclass(frozen=True)
class Mention:
    """``origin`` names ``target`` in a field."""

    origin: Key
    field: str
    target: Key


def mentions(manifest: Json) -> tuple[Mention, ...]:
    """The references of one manifest, in its order."""
    origin = key_of(manifest)
    found = [Mention(origin, field, target) for field, target in _within(manifest, origin)]
    return (*found, *_by_convention(manifest, origin))


def mentions_of(target: Key, manifests: Iterable[Json]) -> tuple[Mention, ...]:
    """Who refers to an object."""
    found = (one for manifest in manifests for one in mentions(manifest))
    return tuple(one for one in found if one.target == target)


def key_of(manifest: Json) -> Key:
    """Where the object of a manifest lives."""
    metadata = manifest["metadata"]
    group = str(manifest["apiVersion"]).rpartition("/")[0]
    return Key(group, str(manifest["kind"]), metadata.get("namespace") or "", metadata["name"])


def _within(manifest: Json, origin: Key) -> Iterator[tuple[str, Key]]:
    waiting: list[tuple[str, Any]] = [("spec", manifest.get("spec"))]
    while waiting:
        field, value = waiting.pop(0)
        if isinstance(value, list):
            waiting += [(f"{field}[{i}]", one) for i, one in enumerate(value)]
        elif isinstance(value, dict):
            name = field.rpartition(".")[2].partition("[")[0]
            if name.endswith(("Ref", "Refs")) and isinstance(value.get("name"), str):
                target = _target(name, value, origin)
                if target is not None:
                    yield field, target
            waiting += [(f"{field}.{key}", one) for key, one in value.items()]


def _target(name: str, ref: Json, origin: Key) -> Key | None:
    meant = _MEANT.get(name)
    kind = ref.get("kind") or (meant and meant[1])
    if not kind:
        return None
    group = ref.get("group")
    if group is None:
        group = meant[0] if meant else ""
    return Key(str(group), str(kind), str(ref.get("namespace") or origin.namespace), ref["name"])


def _by_convention(manifest: Json, origin: Key) -> Iterator[Mention]:
    """A Gateway names its class, and an EndpointSlice its Service, in ways of their own."""
    spec = manifest.get("spec")
    if origin.kind == "Gateway" and isinstance(spec, dict):
        target = Key(GATEWAY_GROUP, "GatewayClass", "", str(spec.get("gatewayClassName")))
        yield Mention(origin, "spec.gatewayClassName", target)
    service = (manifest["metadata"].get("labels") or {}).get(SERVICE_NAME_LABEL)
    if origin.kind == "EndpointSlice" and service:
        field = f"metadata.labels[{SERVICE_NAME_LABEL}]"
        yield Mention(origin, field, Key("", "Service", origin.namespace, service))
