"""agentgateway's own manifests, good and bad, as the CRD of its release 1.4.1 answers them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labgateway.shapes.kinds import kind_of
from tests.decisions.oracle import SHARED, answer
from tests.decisions.resources import Json

VECTORS = SHARED / "data" / "agentgateway_crd_vectors.json"
RELEASE = "v1.4.1"


def vectors() -> list[Any]:
    """Those of served kinds; none when the shared folder is not there."""
    if not VECTORS.exists():
        return [pytest.param(None, marks=pytest.mark.skip(reason=f"{VECTORS} is not there"))]
    every = json.loads(VECTORS.read_text(encoding="utf-8"))[RELEASE]
    return [
        pytest.param(one, id=one["manifest"]["metadata"]["name"])
        for one in every
        if kind_of(one["manifest"]["apiVersion"], one["manifest"]["kind"])
    ]


@pytest.mark.parametrize("vector", vectors())
def test_the_answer_is_the_crds(vector: Json) -> None:
    """Accepted, or refused at the same fields, and for the reason that agentgateway expects."""
    wanted = vector["check"]
    stage, causes, _spec = answer(vector["manifest"])
    assert (stage == "stored") == wanted["ok"] == vector["valid"]
    paths = [one.partition(": ")[0] for one in causes]
    assert paths == sorted(one.partition(": ")[0] for one in wanted.get("errors", []))
    if stage == "validation":
        assert any(vector["err"] in one for one in causes)
