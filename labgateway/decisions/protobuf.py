"""Kubernetes protobuf → JSON, for what kubectl's typed commands create.

``kubectl create secret``, ``create namespace``, ``create service``, ``expose`` and ``auth can-i``
send it whatever the server offers. Source: generated.proto of api/core/v1, api/authorization/v1
and runtime (v1.34).
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from labgateway.words.errors import BadManifest, UnsupportedBody

Json = dict[str, Any]

MAGIC = b"k8s\0"
_TYPE_META, _RAW = 1, 2  # of runtime.Unknown
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT = 10
_APPLY_INSTEAD = "write the object as YAML and use: kubectl apply -f FILE"

Value = int | bytes
Fields = Iterator[tuple[int, Value]]


@dataclass(frozen=True)
class _Field:
    """Where a field goes: its name, and how its value is read into what is there already."""

    name: str
    read: Callable[[Value, Any], Any]


def decoded(body: bytes) -> Json:
    """The object of a protobuf body.

    Errors: ``UnsupportedBody`` for what is not read here, ``BadManifest`` for what is no protobuf.
    """
    if not body.startswith(MAGIC):
        raise BadManifest("the body of the request is not Kubernetes protobuf")
    parts = dict(_fields(body[len(MAGIC) :]))
    types = _message(_bytes(parts.get(_TYPE_META, b"")), _TYPES)
    shape = _KINDS.get((types.get("apiVersion", ""), types.get("kind", "")))
    if shape is None:
        raise UnsupportedBody(
            f"the body is protobuf, which is not read for a {types.get('kind', 'kind')} here;"
            f" {_APPLY_INSTEAD}"
        )
    return {**types, **_message(_bytes(parts.get(_RAW, b"")), shape)}


def _message(data: bytes, shape: Mapping[int, _Field | None]) -> Json:
    """A message by its fields; empty values are left out, as Go's JSON leaves them out."""
    found: Json = {}
    for number, value in _fields(data):
        field = shape.get(number, _UNKNOWN)
        if not value or field is None:
            continue
        if field is _UNKNOWN:
            raise UnsupportedBody(
                f"the body is protobuf with a field that is not read here; {_APPLY_INSTEAD}"
            )
        found[field.name] = field.read(value, found.get(field.name))
    return {name: one for name, one in found.items() if one not in ("", None)}


def _fields(data: bytes) -> Fields:
    """(number, value) of every field on the wire. Errors: ``BadManifest``."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        length = {_FIXED64: 8, _FIXED32: 4}.get(wire)
        if wire == _BYTES:
            length, at = _varint(data, at)
        if length is None or at + length > len(data):
            raise BadManifest("the protobuf body is cut off or damaged")
        yield number, data[at : at + length]
        at += length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """(value, where it ends)."""
    value = 0
    for shift, byte in enumerate(data[at : at + _LONGEST_VARINT]):
        value |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:
            return value, at + shift + 1
    raise BadManifest("the protobuf body is cut off or damaged")


def _bytes(value: Value) -> bytes:
    if isinstance(value, int):
        raise BadManifest("the protobuf body is cut off or damaged")
    return value


def _text(value: Value, _before: Any) -> str:
    try:
        return _bytes(value).decode()
    except UnicodeDecodeError as error:
        raise BadManifest("a text of the protobuf body is not UTF-8") from error


def _number(value: Value, _before: Any) -> int:
    if not isinstance(value, int):
        raise BadManifest("the protobuf body is cut off or damaged")
    return value - (1 << 64) if value >> 63 else value  # negative numbers have 64 bits


def _switch(value: Value, _before: Any) -> bool:
    return bool(value)


def _base64(value: Value) -> str:
    return base64.b64encode(_bytes(value)).decode()


def _entry(of_value: Callable[[Value], str]) -> Callable[[Value, Any], Json]:
    """An entry of a map: key 1, value 2."""

    def read(value: Value, before: Any) -> Json:
        parts = dict(_fields(_bytes(value)))
        key = _text(parts.get(1, b""), None)
        return {**(before or {}), key: of_value(parts.get(2, b""))}

    return read


def _inner(shape: Mapping[int, _Field | None]) -> Callable[[Value, Any], Json]:
    return lambda value, _before: _message(_bytes(value), shape)


def _listed(read: Callable[[Value, Any], Any]) -> Callable[[Value, Any], list[Any]]:
    return lambda value, before: [*(before or []), read(value, None)]


def _int_or_string(value: Value, _before: Any) -> int | str | None:
    """1: whether it is a string, 2: the number, 3: the string."""
    parts = dict(_fields(_bytes(value)))
    if parts.get(1):
        return _text(parts.get(3, b""), None)
    return _number(parts.get(2, 0), None) or None


_UNKNOWN = _Field("", _text)
_WORDS = _entry(lambda value: _text(value, None))
_TYPES: dict[int, _Field | None] = {1: _Field("apiVersion", _text), 2: _Field("kind", _text)}
# Not read, whatever it is: what the server decides by itself.
_METADATA: dict[int, _Field | None] = {
    1: _Field("name", _text),
    2: _Field("generateName", _text),
    3: _Field("namespace", _text),
    4: None,
    8: None,
    11: _Field("labels", _WORDS),
    12: _Field("annotations", _WORDS),
    14: _Field("finalizers", _listed(_text)),
    17: None,
}
_PORT: dict[int, _Field | None] = {
    1: _Field("name", _text),
    2: _Field("protocol", _text),
    3: _Field("port", _number),
    4: _Field("targetPort", _int_or_string),
    5: _Field("nodePort", _number),
    6: _Field("appProtocol", _text),
}
_SERVICE_SPEC: dict[int, _Field | None] = {
    1: _Field("ports", _listed(_inner(_PORT))),
    2: _Field("selector", _WORDS),
    3: _Field("clusterIP", _text),
    4: _Field("type", _text),
    5: _Field("externalIPs", _listed(_text)),
    7: _Field("sessionAffinity", _text),
    8: _Field("loadBalancerIP", _text),
    10: _Field("externalName", _text),
}
_ACCESS: dict[int, _Field | None] = {
    1: _Field("namespace", _text),
    2: _Field("verb", _text),
    3: _Field("group", _text),
    4: _Field("version", _text),
    5: _Field("resource", _text),
    6: _Field("subresource", _text),
    7: _Field("name", _text),
}
_PATH: dict[int, _Field | None] = {1: _Field("path", _text), 2: _Field("verb", _text)}
_ACCESS_SPEC: dict[int, _Field | None] = {
    1: _Field("resourceAttributes", _inner(_ACCESS)),
    2: _Field("nonResourceAttributes", _inner(_PATH)),
}
_HEAD = {1: _Field("metadata", _inner(_METADATA))}
_KINDS: dict[tuple[str, str], dict[int, _Field | None]] = {
    ("v1", "Namespace"): {**_HEAD, 2: None, 3: None},
    ("v1", "Secret"): {
        **_HEAD,
        2: _Field("data", _entry(_base64)),
        3: _Field("type", _text),
        4: _Field("stringData", _WORDS),
        5: _Field("immutable", _switch),
    },
    ("authorization.k8s.io/v1", "SelfSubjectAccessReview"): {
        **_HEAD,
        2: _Field("spec", _inner(_ACCESS_SPEC)),
        3: None,
    },
    ("authorization.k8s.io/v1", "SelfSubjectRulesReview"): {
        **_HEAD,
        2: _Field("spec", _inner({1: _Field("namespace", _text)})),
        3: None,
    },
    ("v1", "Service"): {**_HEAD, 2: _Field("spec", _inner(_SERVICE_SPEC)), 3: None},
}
