"""Bodies of writes: bytes → an object or a patch, refused as the API server refuses them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import from_json

from labgateway.decisions.decoding import metadata_problem
from labgateway.decisions.patches import json_patch, merge, without_directives
from labgateway.shapes.kinds import Kind
from labgateway.words.errors import BadManifest, UnsupportedBody

Json = dict[str, Any]
Patch = Callable[[Json], Json]

PROTOBUF = b"k8s\0"
_APPLY_INSTEAD = "write the object as YAML and use: kubectl apply -f FILE"
_JSON_TYPES = {"", "application/json"}
_PATCHES: dict[str, Callable[[Json, Any], Any]] = {
    "application/json-patch+json": json_patch,
    "application/merge-patch+json": merge,
    # For maps, which is what kubectl patches of the core kinds here, the two are the same.
    "application/strategic-merge-patch+json": lambda live, patch: merge(
        live, without_directives(patch)
    ),
}


def read_object(kind: Kind, body: bytes, headers: Mapping[str, str]) -> Json:
    """The object of a create or update, of this kind.

    Errors: ``UnsupportedBody`` when it is not JSON, ``BadManifest`` when it is not such an object.
    """
    content_type = _content_type(headers)
    if body.startswith(PROTOBUF) or "protobuf" in content_type:
        raise UnsupportedBody(f"the body is protobuf and this gateway reads JSON; {_APPLY_INSTEAD}")
    if content_type not in _JSON_TYPES:
        raise UnsupportedBody(
            "the body of the request was in an unknown format - accepted media types include:"
            " application/json"
        )
    manifest = _json(body)
    if not isinstance(manifest, dict):
        raise BadManifest(f"an object of kind {kind.kind} was expected, as JSON")
    expected = {"kind": kind.kind, "apiVersion": kind.api_version}
    for name, wanted in expected.items():
        words = "kind" if name == "kind" else "API version"
        got = manifest.get(name)
        if not got:
            raise BadManifest(
                f"the object provided is unrecognized (must be of type {kind.kind}): Object"
                f" '{name}' is missing"
            )
        if got != wanted:
            raise BadManifest(
                f"the {words} in the data ({got}) does not match the expected {words} ({wanted})"
            )
    return _with_metadata(kind, manifest)


def read_patch(kind: Kind, body: bytes, headers: Mapping[str, str]) -> Patch:
    """What a patch does to the object as it is. Errors: ``UnsupportedBody``, ``BadManifest``."""
    content_type = _content_type(headers)
    if "apply-patch" in content_type:
        raise UnsupportedBody(
            "this gateway does not do server-side apply; leave out --server-side, then kubectl"
            " merges the change itself"
        )
    take = _PATCHES.get(content_type)
    if take is None:
        raise UnsupportedBody(
            "the body of the request was in an unknown format - accepted media types include:"
            f" {', '.join(_PATCHES)}"
        )
    patch = _json(body)
    return lambda live: _with_metadata(kind, take(live, patch))


def check_place(manifest: Json, namespace: str, name: str) -> Json:
    """The manifest with the namespace of its path; ``name`` is the path's, "" on create.

    Errors: ``BadManifest`` when the object says otherwise.
    """
    metadata = manifest["metadata"]
    if metadata.get("namespace") not in {None, "", namespace}:
        raise BadManifest(
            "the namespace of the provided object does not match the namespace sent on the request"
            if namespace
            else "namespace may not be set on an object that has none"
        )
    if name and metadata.get("name") != name:
        raise BadManifest(
            f"the name of the object ({metadata.get('name')}) does not match the name on the URL"
            f" ({name})"
        )
    placed = {key: value for key, value in metadata.items() if key != "namespace"}
    return {**manifest, "metadata": {**placed, **({"namespace": namespace} if namespace else {})}}


def _content_type(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _json(body: bytes) -> Any:
    """The value of a JSON text: UTF-8, no NaN, at most some 200 levels deep."""
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise BadManifest(f"the body of the request is not JSON: {error}") from error


def _with_metadata(kind: Kind, manifest: Any) -> Json:
    if not isinstance(manifest, dict):
        raise BadManifest(f"the patch leaves no object of kind {kind.kind}")
    metadata = manifest.get("metadata")
    why = metadata_problem(metadata)
    if why is not None:
        raise BadManifest(
            f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: {why}'
        )
    return {**manifest, "metadata": metadata or {}}
