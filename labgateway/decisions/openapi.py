"""What the API says of itself: discovery documents and OpenAPI v3, made from the shapes.

Which of these kubectl reads, and what it does without them, was tried with kubectl 1.32 and 1.37.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from labgateway.decisions.crd_schemas import crd_schema
from labgateway.shapes.kinds import KINDS, SERVED, WORKLOADS, Kind

Json = dict[str, Any]

VERSION: Json = {
    "major": "1",
    "minor": "34",
    "gitVersion": "v1.34.0+labgateway",
    "gitCommit": "",
    "gitTreeState": "clean",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "",
    "compiler": "",
    "platform": "any/python",
}
VERBS = ("create", "delete", "get", "list", "patch", "update", "watch")
READING = ("get", "list", "watch")

_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
# kubectl leaves validation to the server only where the operation lists fieldValidation.
_WRITE_PARAMETERS = ("dryRun", "fieldManager", "fieldValidation", "pretty")
_PATCHES = ("application/json-patch+json", "application/merge-patch+json")
STRATEGIC = "application/strategic-merge-patch+json"
# Events belong to every namespace's description; the lab has none to list.
EVENTS: Json = {
    "name": "events",
    "singularName": "event",
    "namespaced": True,
    "kind": "Event",
    "shortNames": ["ev"],
    "verbs": ["get", "list"],
}
LOGS: Json = {
    "name": "pods/log",
    "singularName": "",
    "namespaced": True,
    "kind": "Pod",
    "verbs": ["get"],
}


def api_versions() -> Json:
    """``/api``: the versions of the core group."""
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}


def api_groups() -> Json:
    """``/apis``: the named groups."""
    groups = []
    for group in dict.fromkeys(kind.group for kind in SERVED if kind.group):
        versions = [
            {"groupVersion": f"{group}/{version}", "version": version}
            for version in dict.fromkeys(kind.version for kind in SERVED if kind.group == group)
        ]
        groups.append({"name": group, "versions": versions, "preferredVersion": versions[0]})
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def api_resources(api_version: str) -> Json | None:
    """``/api/v1`` or ``/apis/GROUP/VERSION``: its kinds; None when there are none."""
    resources = [
        {
            "name": kind.plural,
            "singularName": kind.kind.lower(),
            "namespaced": kind.namespaced,
            "kind": kind.kind,
            "shortNames": list(kind.short_names),
            "verbs": list(READING if kind in WORKLOADS else VERBS),
            **({"categories": list(kind.categories)} if kind.categories else {}),
        }
        for kind in SERVED
        if kind.api_version == api_version
    ]
    if not resources:
        return None
    resources += [
        {
            "name": f"{kind.plural}/status",
            "singularName": "",
            "namespaced": kind.namespaced,
            "kind": kind.kind,
            "verbs": ["get"],
        }
        for kind in SERVED
        if kind.api_version == api_version and kind.has_status
    ]
    if api_version == "v1":
        resources += [LOGS, EVENTS]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": api_version,
        "resources": resources,
    }


def custom_resource_definitions() -> Json:
    """The kinds of named groups as CRDs: kubectl asks for them when a kind is not in OpenAPI."""
    items = [
        {
            "metadata": {"name": kind.resource},
            "spec": {
                "group": kind.group,
                "names": {"kind": kind.kind, "plural": kind.plural},
                "scope": "Namespaced" if kind.namespaced else "Cluster",
                "versions": [{"name": kind.version, "served": True, "storage": True}],
            },
        }
        for kind in KINDS
        if not kind.built_in
    ]
    api_version = "apiextensions.k8s.io/v1"
    return {"kind": "CustomResourceDefinitionList", "apiVersion": api_version, "items": items}


def openapi_index() -> Json:
    """``/openapi/v3``: where the document of each group version is; the hash changes with it."""
    paths = {}
    for api_version in dict.fromkeys(kind.api_version for kind in SERVED):
        path = _root(api_version)
        text = json.dumps(openapi_document(api_version), sort_keys=True).encode()
        digest = hashlib.sha256(text).hexdigest()[:32].upper()
        paths[path] = {"serverRelativeURL": f"/openapi/v3/{path}?hash={digest}"}
    return {"paths": paths}


@cache
def openapi_document(api_version: str) -> Json | None:
    """``/openapi/v3/…``: schemas and operations of a group version; None when it has no kinds."""
    kinds = [kind for kind in SERVED if kind.api_version == api_version]
    if not kinds:
        return None
    schemas: Json = {}
    paths: Json = {}
    for kind in kinds:
        raw = kind.shape.model_json_schema(by_alias=True)
        definitions = raw["$defs"]
        schemas[_META] = crd_schema(definitions["ObjectMeta"], definitions)
        schema = crd_schema({**raw, "description": inspect.getdoc(kind.shape)}, definitions)
        schema["required"] = sorted(set(schema["required"]) & {"spec"})
        if "status" in schema["properties"]:
            schema["properties"]["status"]["description"] = "What the gateway says of the object."
        schema["properties"]["metadata"] = {"allOf": [{"$ref": f"#/components/schemas/{_META}"}]}
        schema["x-kubernetes-group-version-kind"] = [_gvk(kind)]
        schemas[_schema_name(kind)] = schema
        paths.update(_paths(kind))
    info = {"title": "Kubernetes", "version": VERSION["gitVersion"]}
    return {
        "openapi": "3.0.0",
        "info": info,
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _root(api_version: str) -> str:
    return f"apis/{api_version}" if "/" in api_version else f"api/{api_version}"


def _gvk(kind: Kind) -> Json:
    return {"group": kind.group, "version": kind.version, "kind": kind.kind}


def _schema_name(kind: Kind) -> str:
    if not kind.group:
        return f"io.k8s.api.core.{kind.version}.{kind.kind}"
    reverse = ".".join(reversed(kind.group.split(".")))
    return f"{reverse}.{kind.version}.{kind.kind}"


def _paths(kind: Kind) -> Iterator[tuple[str, Json]]:
    root = f"/{_root(kind.api_version)}"
    scope = "/namespaces/{namespace}" if kind.namespaced else ""
    objects = {"get": _operation(kind, "list"), "post": _operation(kind, "post")}
    yield f"{root}{scope}/{kind.plural}", objects
    one = {verb: _operation(kind, verb) for verb in ("get", "put", "patch", "delete")}
    yield f"{root}{scope}/{kind.plural}/{{name}}", one


def patch_types(kind: Kind) -> tuple[str, ...]:
    """What PATCH takes; kinds that come with CRDs have no strategic merge."""
    return (*_PATCHES, STRATEGIC) if kind.built_in else _PATCHES


def _operation(kind: Kind, action: str) -> Json:
    schema = {"schema": {"$ref": f"#/components/schemas/{_schema_name(kind)}"}}
    operation: Json = {
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": _gvk(kind),
        "responses": {"200": {"description": "OK", "content": {"application/json": schema}}},
    }
    if action in {"post", "put", "patch"}:
        types = patch_types(kind) if action == "patch" else ("application/json",)
        operation["requestBody"] = {"content": dict.fromkeys(types, schema)}
        operation["parameters"] = [
            {"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}}
            for name in _WRITE_PARAMETERS
        ]
    return operation
