"""Admission of what the real CRDs were asked, and of anything at all."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labgateway.decisions.admission import admit
from labgateway.shapes.kinds import KINDS, kind_of
from labgateway.words.errors import BadManifest, Invalid
from tests.decisions.oracle import SHARED, comparable
from tests.decisions.resources import (
    Json,
    backend,
    gateway,
    gateway_class,
    matching,
    prefix,
    refusal,
    route,
)

RECENT = "recent (agentgateway v1.4.1 + gateway-api v1.6.1 standard)"


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["name", "openai", "path", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)


GOOD = [backend(), route(matching(prefix("/openai"))), gateway(), gateway_class()]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths to every value inside a manifest."""
    members: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = list(enumerate(value))
    inside = [place for name, one in members for place in places(one, (*path, name))]
    return [path, *inside] if path else inside


@given(data=st.data())
@settings(max_examples=200)
def test_whatever_stands_in_a_manifest_it_is_admitted_or_refused(data: st.DataObject) -> None:
    """Any JSON value in any place leads to an answer for a person, never to a crash."""
    manifest = copy.deepcopy(data.draw(st.sampled_from(GOOD)))
    kind = kind_of(manifest["apiVersion"], manifest["kind"])
    assert kind is not None
    inner = {name: manifest[name] for name in ("metadata", "spec")}
    *way, last = data.draw(st.sampled_from(places(inner)))
    place: Any = manifest
    for step in way:
        place = place[step]
    place[last] = data.draw(JSON_VALUES)
    try:
        stored = admit(kind, manifest).manifest
    except (Invalid, BadManifest):
        return
    assert admit(kind, stored).manifest == stored


def learner_cases() -> list[Any]:
    """The shared cases of served kinds; none when the shared folder is not there."""
    file = SHARED / "data" / "crd_validation_cases.json"
    if not file.exists():
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"{file} is not there"))]
    cases = json.loads(file.read_text(encoding="utf-8"))["cases"]
    served = {(kind.api_version, kind.kind) for kind in KINDS}
    return [
        pytest.param(case, id=case["id"])
        for case in cases
        if (case["manifest"]["apiVersion"], case["manifest"]["kind"]) in served
    ]


@pytest.mark.parametrize("case", learner_cases())
def test_answers_are_those_of_the_real_crds(case: Json) -> None:
    """Accepted or refused, with what is stored, or with the same causes in the same words."""
    manifest, expected = case["manifest"], case["results"][RECENT]
    kind = kind_of(manifest["apiVersion"], manifest["kind"])
    assert kind is not None
    if expected["ok"]:
        assert admit(kind, manifest).manifest["spec"] == expected["stored_spec"]
        return
    error = refusal(manifest)
    strict = expected["stage"] == "strict"
    assert isinstance(error, BadManifest) == strict
    found = [one.field if strict else comparable(str(one)) for one in error.causes]
    assert found == [one if strict else comparable(one) for one in expected["errors"]]
