"""Labels and annotations that a cluster refuses."""

from __future__ import annotations

from typing import Any

import pytest

from labgateway.decisions.metadata_rules import ANNOTATIONS_BYTES, metadata_causes

LONG = "a" * 64


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({"labels": {"a": "b", "x.io/A_b.c-1": "", "a1": "1"}}, []),
        ({"labels": {"a b": "c"}}, ['labels: Invalid value: "a b": name part must consist of']),
        ({"labels": {"a": "-"}}, ['labels: Invalid value: "-": a valid label must be an empty']),
        ({"labels": {"a": LONG}}, ["must be no more than 63 characters"]),
        ({"labels": {LONG: "a"}}, ["name part must be no more than 63 characters"]),
        ({"labels": {"a/b/c": ""}}, ["a qualified name must consist of"]),
        ({"labels": {"/b": ""}}, ["prefix part must be non-empty"]),
        ({"labels": {"A/b": ""}}, ["prefix part a lowercase RFC 1123 subdomain must"]),
        ({"labels": {f"{'a' * 254}/b": ""}}, ["prefix part must be no more than 253"]),
        ({"labels": {"a/": ""}}, ["name part must be non-empty", "name part must consist of"]),
        ({"labels": {"é": "ü"}}, ["name part must consist", "a valid label must be"]),
        ({"annotations": {"A.io/b": "\0 é\n"}}, []),
        ({"annotations": {"a b": "x"}}, ['annotations: Invalid value: "a b": name part must']),
        ({"annotations": {"a": "é" * (ANNOTATIONS_BYTES // 2)}}, ["Too long: may not be more"]),
        ({"annotations": {"a": "x" * (ANNOTATIONS_BYTES - 1)}}, []),
        ({"labels": {"a b": 1}, "annotations": []}, []),
        (None, []),
    ],
)
def test_each_broken_rule_is_named(metadata: Any, said: list[str]) -> None:
    """In order; wrong types are for others to refuse."""
    causes = [str(one) for one in metadata_causes(metadata)]
    assert len(causes) == len(said), causes
    for cause, part in zip(causes, said, strict=True):
        assert part in cause
