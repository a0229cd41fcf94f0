"""Whatever is done to a manifest, admission answers as the real CRD files do."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.decisions.mutants import mutant
from tests.decisions.oracle import answer, disagreement, needs_oracle
from tests.decisions.resources import Json, backend, gateway, matching, prefix, refusal, route
from tests.decisions.seldom_broken import SELDOM_BROKEN

SEEDS = st.integers(0, 2**32 - 1)


@needs_oracle
@given(seed=SEEDS)
@settings(max_examples=200)
def test_a_mutated_manifest_gets_the_crds_answer(seed: int) -> None:
    """Accepted with the same defaults, or refused for the same causes at the same fields."""
    assert disagreement(mutant(seed)) is None


@needs_oracle
@pytest.mark.parametrize(("manifest", "_cause"), SELDOM_BROKEN)
def test_rules_that_chance_seldom_breaks(manifest: Json, _cause: str) -> None:
    """The same answer."""
    assert disagreement(manifest) is None


@pytest.mark.parametrize(("manifest", "cause"), SELDOM_BROKEN)
def test_a_seldom_broken_rule_says_so(manifest: Json, cause: str) -> None:
    """With the path and the message of the CRD."""
    said = [re.sub(r'Invalid value: "[^"]*": ', "", str(one)) for one in refusal(manifest).causes]
    assert cause in said


@needs_oracle
@pytest.mark.parametrize("manifest", [backend(), gateway(), route(matching(prefix("/openai")))])
def test_the_manifests_of_the_lab_are_good(manifest: Json) -> None:
    """Here and there."""
    assert answer(manifest).stage == "stored"
    assert disagreement(manifest) is None
