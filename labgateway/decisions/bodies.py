"""Bodies of writes: bytes → an object or a patch, refused as the API server refuses them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import from_json

from labgateway.decisions.decoding import metadata_problem
from labgateway.decisions.json_patch import json_patch
from labgateway.decisions.openapi import STRATEGIC, patch_types
from labgateway.decisions.patches import merge
from labgateway.decisions.protobuf import MAGIC, decoded
from labgateway.decisions.strategic import merge_keys, strategic
from labgateway.shapes.kinds import Kind
from labgateway.words.errors import BadManifest, RequestEntityTooLarge, UnsupportedBody

Json = dict[str, Any]
Patch = Callable[[Json], Json]

VALUES_LIMIT = 100_000  # of a body; what has more of them takes long to look at
# Of the end of a generated name; no vowels, so that no words come out (apimachinery, names).
_NAME_CHARACTERS, _GENERATED, _LONGEST_NAME = "bcdfghjklmnpqrstvwxz2456789", 5, 63
_JSON_TYPES = {"", "application/json"}
_PATCHES: dict[str, Callable[[Json, Any, Kind], Any]] = {
    "application/json-patch+json": lambda live, patch, _kind: json_patch(live, patch),
    "application/merge-patch+json": lambda live, patch, _kind: merge(live, patch),
    STRATEGIC: lambda live, patch, kind: strategic(live, patch, merge_keys(kind.shape)),
}


def read_body(body: bytes, headers: Mapping[str, str]) -> Json:
    """The object of a body, of any kind.

    Errors: ``UnsupportedBody`` for what is neither JSON nor protobuf that is read here,
    ``BadManifest`` when it is no object, ``RequestEntityTooLarge`` when it has very many values.
    """
    content_type = _content_type(headers)
    if body.startswith(MAGIC) or "protobuf" in content_type:
        return decoded(body)
    if content_type not in _JSON_TYPES:
        raise UnsupportedBody(
            "the body of the request was in an unknown format - accepted media types include:"
            " application/json"
        )
    manifest = _json(body)
    if not isinstance(manifest, dict):
        raise BadManifest("an object was expected, as JSON")
    return manifest


def read_object(kind: Kind, body: bytes, headers: Mapping[str, str]) -> Json:
    """The object of a create or update, of this kind.

    Errors: those of ``read_body``, and ``BadManifest`` when it is not such an object.
    """
    manifest = read_body(body, headers)
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
    taken = patch_types(kind)
    if content_type not in taken:
        raise UnsupportedBody(
            "the body of the request was in an unknown format - accepted media types include:"
            f" {', '.join(taken)}"
        )
    take, patch = _PATCHES[content_type], _json(body)
    return lambda live: _with_metadata(kind, take(live, patch, kind))


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


def named(manifest: Json) -> Json:
    """The manifest of a new object with the name that ``generateName`` asks for, if it has none."""
    metadata = manifest["metadata"]
    begun = metadata.get("generateName")
    if metadata.get("name") or not isinstance(begun, str) or not begun:
        return manifest
    end = "".join(random.choices(_NAME_CHARACTERS, k=_GENERATED))  # noqa: S311 - a name is no secret
    name = begun[: _LONGEST_NAME - _GENERATED] + end
    return {**manifest, "metadata": {**metadata, "name": name}}


def _content_type(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _json(body: bytes) -> Any:
    """The value of a JSON text: UTF-8, no NaN, at most some 200 levels deep."""
    try:
        value = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise BadManifest(f"the body of the request is not JSON: {error}") from error
    if _count(value) > VALUES_LIMIT:
        raise RequestEntityTooLarge(
            f"Request entity too large: it has more than {VALUES_LIMIT} values"
        )
    return value


def _count(value: Any) -> int:
    """How many values there are in a value, itself included."""
    inside = value.values() if isinstance(value, dict) else value
    return 1 + sum(map(_count, inside)) if isinstance(value, dict | list) else 1


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
