"""JSON patch: what each operation does, and what does not fit."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from labgateway.decisions.json_patch import COPIES_LIMIT_BYTES, OPERATIONS_LIMIT, json_patch
from labgateway.words.errors import BadManifest, Invalid, RequestEntityTooLarge

DOCUMENT: dict[str, Any] = {"a": {"b": 1}, "list": [1, 2, 3], "x/y": 0, "m~n": 0, "yes": True}


def _op(op: str, path: str, *value: Any, **more: Any) -> dict[str, Any]:
    return {"op": op, "path": path, **({"value": value[0]} if value else {}), **more}


@pytest.mark.parametrize(
    ("operations", "changed"),
    [
        ([_op("add", "/c", 2)], {"c": 2}),
        ([_op("add", "/a", 2)], {"a": 2}),
        ([_op("add", "/list/-", 4)], {"list": [1, 2, 3, 4]}),
        ([_op("add", "/list/3", 4)], {"list": [1, 2, 3, 4]}),
        ([_op("add", "/list/0", 0)], {"list": [0, 1, 2, 3]}),
        ([_op("add", "/list/-1", 4)], {"list": [1, 2, 3, 4]}),
        ([_op("add", "/x~1y", 1), _op("add", "/m~0n", 1)], {"x/y": 1, "m~n": 1}),
        ([_op("remove", "/list/0")], {"list": [2, 3]}),
        ([_op("remove", "/list/-1")], {"list": [1, 2]}),
        ([_op("replace", "/list/1", "x")], {"list": [1, "x", 3]}),
        ([_op("replace", "/a/b", None)], {"a": {"b": None}}),
        ([_op("test", "/a", {"b": 1}), _op("test", "/list/0", 1), _op("test", "/yes", True)], {}),
        ([_op("copy", "/c", **{"from": "/a"}), _op("add", "/c/d", 1)], {"c": {"b": 1, "d": 1}}),
        ([_op("copy", "/list/0", **{"from": "/list/2"})], {"list": [3, 1, 2, 3]}),
        ([_op("move", "/list/0", **{"from": "/list/2"})], {"list": [3, 1, 2]}),
        ([_op("move", "/yes", **{"from": "/a/b"})], {"a": {}, "yes": 1}),
        ([_op("move", "/a/b", **{"from": "/a/b"})], {}),
        ([_op("add", "/", 1)], {"": 1}),
    ],
)
def test_what_operations_do(operations: list[Any], changed: dict[str, Any]) -> None:
    """The object that was given stays as it was."""
    before = copy.deepcopy(DOCUMENT)
    assert json_patch(DOCUMENT, operations) == {**DOCUMENT, **changed}
    assert before == DOCUMENT


def test_the_empty_path_is_the_whole_document() -> None:
    """It can be replaced, tested and taken away."""
    assert json_patch(DOCUMENT, [_op("test", "", DOCUMENT), _op("replace", "", {"a": 1})]) == {
        "a": 1
    }
    assert json_patch(DOCUMENT, [_op("move", "", **{"from": "/a"})]) == {"b": 1}
    assert json_patch(DOCUMENT, [_op("remove", "")]) is None


@pytest.mark.parametrize(
    "operation",
    [
        _op("test", "/a/b", 2),
        _op("test", "/a/b", True),
        _op("test", "/nope", None),
        _op("remove", "/nope"),
        _op("remove", "/list/3"),
        _op("remove", "/list/-4"),
        _op("remove", "/list/-"),
        _op("replace", "/nope", 1),
        _op("replace", "/list/-", 1),
        _op("add", "/list/4", 1),
        _op("add", "/list/-5", 1),
        _op("add", "/list/01", 1),
        _op("add", "/list/x", 1),
        _op("add", "/nope/x", 1),
        _op("add", "/a/b/c", 1),
        _op("add", "c", 1),
        _op("add", "/c"),
        _op("move", "/c"),
        _op("move", "/c", **{"from": "/nope"}),
        _op("move", "/list/0/x", **{"from": "/list/0"}),
        _op("copy", "/c", **{"from": "/nope"}),
        _op("copy", "/nope/x", **{"from": "/a"}),
        _op("rename", "/a", 1),
        {"path": "/a"},
        {"op": "add", "path": 1, "value": 1},
        "add",
    ],
)
def test_what_does_not_fit_is_refused(operation: Any) -> None:
    """With its number; what came before it is not done either."""
    with pytest.raises(Invalid) as refused:
        json_patch(DOCUMENT, [_op("add", "/c", 1), operation])
    (cause,) = refused.value.causes
    assert cause.message.startswith("operation 1 does not fit the object: ")


def test_a_patch_has_bounds() -> None:
    """Operations are counted, and so is what copies of copies add."""
    with pytest.raises(BadManifest, match="a list of operations"):
        json_patch(DOCUMENT, {})
    with pytest.raises(RequestEntityTooLarge, match="maximum operations"):
        json_patch(DOCUMENT, [_op("test", "/yes", True)] * (OPERATIONS_LIMIT + 1))
    doubling = [_op("copy", f"/copy{number}", **{"from": ""}) for number in range(100)]
    with pytest.raises(RequestEntityTooLarge, match=f"exceeding the limit {COPIES_LIMIT_BYTES}"):
        json_patch(DOCUMENT, doubling)
