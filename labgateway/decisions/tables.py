"""What ``kubectl get`` shows: objects as a metav1.Table, columns of the kind, ages in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from labgateway.shapes.kinds import Column, Kind

Json = dict[str, Any]

_NAME: Json = {
    "name": "Name",
    "type": "string",
    "format": "name",
    "description": "Name must be unique within a namespace.",
    "priority": 0,
}
_AGE: Json = {
    "name": "Age",
    "type": "date",
    "format": "",
    "description": "How long ago the object was created.",
    "priority": 0,
}
_NONE = "<none>"
_SHOWN_VALUES = 3  # as the API server's printers
MINUTE_S, HOUR_S, DAY_S, YEAR_S = 60, 3600, 86400, 365 * 86400


def table(kind: Kind, objects: Iterable[Json], now: datetime, *, version: int, whole: bool) -> Json:
    """A ``meta.k8s.io/v1`` Table of objects: Name, the kind's columns, Age, then wide columns.

    A row carries its object's metadata, or with ``whole`` all of it. ``version`` is the list's
    resourceVersion.
    """
    narrow = [column for column in kind.columns if not column.priority]
    wide = [column for column in kind.columns if column.priority]
    definitions = [_NAME, *map(_definition, narrow), _AGE, *map(_definition, wide)]
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {"resourceVersion": str(version)},
        "columnDefinitions": definitions,
        "rows": [
            {
                "cells": [
                    one["metadata"]["name"],
                    *(_cell(column, one) for column in narrow),
                    age(one["metadata"].get("creationTimestamp"), now),
                    *(_cell(column, one) for column in wide),
                ],
                "object": one if whole else partial(one),
            }
            for one in objects
        ],
    }


def partial(one: Json) -> Json:
    """An object's metadata alone, as ``PartialObjectMetadata``."""
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": one["metadata"],
    }


def age(created: str | None, now: datetime) -> str:
    """Time since a timestamp as kubectl words it (apimachinery, duration.HumanDuration)."""
    if not created:
        return "<unknown>"
    at = datetime.strptime(created, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    seconds = max(int((now - at).total_seconds()), 0)
    return next(words(seconds, unit_s) for below_s, unit_s, words in _AGES if seconds < below_s)


def _whole(unit: str) -> Callable[[int, int], str]:
    return lambda seconds, unit_s: f"{seconds // unit_s}{unit}"


def _with_rest(unit: str, small: str, small_s: int) -> Callable[[int, int], str]:
    def words(seconds: int, unit_s: int) -> str:
        rest = seconds % unit_s // small_s
        return f"{seconds // unit_s}{unit}" + (f"{rest}{small}" if rest else "")

    return words


# (under so many seconds, seconds of the unit, how it is worded)
_AGES = (
    (2 * MINUTE_S, 1, _whole("s")),
    (10 * MINUTE_S, MINUTE_S, _with_rest("m", "s", 1)),
    (3 * HOUR_S, MINUTE_S, _whole("m")),
    (8 * HOUR_S, HOUR_S, _with_rest("h", "m", MINUTE_S)),
    (2 * DAY_S, HOUR_S, _whole("h")),
    (8 * DAY_S, DAY_S, _with_rest("d", "h", HOUR_S)),
    (2 * YEAR_S, DAY_S, _whole("d")),
    (8 * YEAR_S, YEAR_S, _with_rest("y", "d", DAY_S)),
    (float("inf"), YEAR_S, _whole("y")),
)


def _definition(column: Column) -> Json:
    return {
        "name": column.name,
        "type": column.type,
        "format": "",
        "description": f"{column.name} of the object.",
        "priority": column.priority,
    }


def _cell(column: Column, one: Json) -> Any:
    """What a column shows of an object; None, an empty cell, where the object has nothing."""
    how, colon, what = column.path.partition(":")
    if colon:
        return _WAYS[how](one, what)
    value = _at(one, column.path)
    return json.dumps(value) if isinstance(value, (list, dict)) else value


def _condition(one: Json, what: str) -> Any:
    conditions = one.get("status", {}).get("conditions", [])
    return next((each["status"] for each in conditions if each["type"] == what), None)


def _of(one: Json, what: str) -> str:
    """Two numbers as ``1/1``."""
    return "/".join(str(_at(one, path)) for path in what.split("/"))


def _ready(one: Json, what: str) -> str:
    """How many containers are ready, of all."""
    containers = _at(one, what)
    return f"{sum(each['ready'] for each in containers)}/{len(containers)}"


def _labels(one: Json, what: str) -> str:
    labels = _at(one, what) or {}
    return ",".join(f"{name}={value}" for name, value in sorted(labels.items())) or _NONE


def _service_ports(one: Json, what: str) -> str:
    """As ``80/TCP``, with a node port as ``80:30080/TCP``."""
    return (
        ",".join(
            f"{each['port']}{':' + str(each['nodePort']) if each.get('nodePort') else ''}"
            f"/{each['protocol']}"
            for each in _at(one, what) or ()
        )
        or _NONE
    )


def _external(one: Json, what: str) -> str:
    spec = _at(one, what)
    if spec["type"] == "ExternalName":
        return str(spec.get("externalName", ""))
    waiting = "<pending>" if spec["type"] == "LoadBalancer" else _NONE
    return ",".join(spec.get("externalIPs") or ()) or waiting


def _first(one: Json, what: str) -> str:
    """The first of all values that the entries of a list have, as an EndpointSlice shows them."""
    entries, _, name = what.partition(".")
    values: list[str] = []
    for entry in one.get(entries) or ():
        value = entry.get(name, "*")
        values += value if isinstance(value, list) else [str(value)]
    more = len(values) - _SHOWN_VALUES
    shown = ",".join(values[:_SHOWN_VALUES]) or "<unset>"
    return f"{shown} + {more} more..." if more > 0 else shown


# How a cell is made where it is not a value of the object: what stands before the colon.
_WAYS: dict[str, Callable[[Json, str], Any]] = {
    "condition": _condition,
    "count": lambda one, what: len(_at(one, what) or ()),
    "of": _of,
    "ready": _ready,
    "labels": _labels,
    "ports": _service_ports,
    "external": _external,
    "first": _first,
    "given": lambda one, what: _at(one, what) or _NONE,
    "text": lambda _one, what: what,
}


def _at(value: Any, path: str) -> Any:
    for name in path.split("."):
        if isinstance(value, list):
            value = value[int(name)] if int(name) < len(value) else None
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value
