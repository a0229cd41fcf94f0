"""Tables: the columns of a kind, and ages as kubectl words them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labgateway.decisions.tables import age, table
from labgateway.shapes.kinds import Kind, kind_named

NOW = datetime(2026, 1, 10, 12, 0, 0, tzinfo=UTC)


def _kind(word: str) -> Kind:
    kind = kind_named(word)
    assert kind is not None
    return kind


def _object(**more: Any) -> dict[str, Any]:
    metadata = {"name": "x", "namespace": "n", "creationTimestamp": "2026-01-10T11:59:55Z"}
    return {"apiVersion": "v1", "kind": "K", "metadata": metadata, **more}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (192, "3m12s"),
        (600, "10m"),
        (10799, "179m"),
        (10800, "3h"),
        (11100, "3h5m"),
        (28800, "8h"),
        (172799, "47h"),
        (172800, "2d"),
        (180000, "2d2h"),
        (691200, "8d"),
        (63071999, "729d"),
        (63072000, "2y"),
        (63158400, "2y1d"),
        (252288000, "8y"),
        (-5, "0s"),
    ],
)
def test_ages_are_worded_as_kubectl_does(seconds: int, words: str) -> None:
    """The bounds of apimachinery's HumanDuration."""
    created = (NOW - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert age(created, NOW) == words


def test_an_object_without_creation_time_has_no_age() -> None:
    """As kubectl shows it."""
    assert age(None, NOW) == "<unknown>"


def test_columns_go_name_kind_age_wide() -> None:
    """A wide column stands after Age and says its priority."""
    shown = table(_kind("gc"), [], NOW, version=7, whole=False)
    columns = [(one["name"], one["priority"]) for one in shown["columnDefinitions"]]
    assert columns == [
        ("Name", 0),
        ("Controller", 0),
        ("Accepted", 0),
        ("Age", 0),
        ("Description", 1),
    ]
    assert shown["metadata"]["resourceVersion"] == "7"


def test_cells_come_from_paths_conditions_and_counts() -> None:
    """A missing value is an empty cell; a list is shown as JSON."""
    conditions = [{"type": "Programmed", "status": "True"}]
    gateway = _object(
        spec={"gatewayClassName": "c"},
        status={"conditions": conditions, "addresses": [{"value": "127.0.0.1"}]},
    )
    (row,) = table(_kind("gtw"), [gateway], NOW, version=1, whole=False)["rows"]
    assert row["cells"] == ["x", "c", "127.0.0.1", "True", "5s"]
    (row,) = table(_kind("gtw"), [_object()], NOW, version=1, whole=False)["rows"]
    assert row["cells"] == ["x", None, None, None, "5s"]
    secret = _object(type="Opaque", data={"a": "", "b": ""})
    (row,) = table(_kind("secret"), [secret], NOW, version=1, whole=False)["rows"]
    assert row["cells"] == ["x", "Opaque", 2, "5s"]
    route = _object(spec={"hostnames": ["a.example"]})
    (row,) = table(_kind("httproute"), [route], NOW, version=1, whole=False)["rows"]
    assert row["cells"] == ["x", '["a.example"]', "5s"]


def test_rows_carry_metadata_or_all_of_the_object() -> None:
    """PartialObjectMetadata unless the whole object is asked for."""
    (row,) = table(_kind("secret"), [_object(data={})], NOW, version=1, whole=False)["rows"]
    assert row["object"]["kind"] == "PartialObjectMetadata"
    assert set(row["object"]) == {"kind", "apiVersion", "metadata"}
    (row,) = table(_kind("secret"), [_object(data={})], NOW, version=1, whole=True)["rows"]
    assert row["object"]["data"] == {}
