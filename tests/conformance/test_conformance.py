"""Gateway API's own conformance tests, over real HTTP against ``labgateway serve``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.checks import problems, refusal_or_warning
from tests.conformance.cluster import Cluster, Json, cluster
from tests.conformance.facts import FILE, outside, suite

FACTS = suite()
HERE = FACTS["tests"] or [None]

pytestmark = pytest.mark.skipif(not FACTS["tests"], reason=f"{FILE} is not there")


@pytest.fixture(scope="module")
def served() -> Iterator[Cluster]:
    """One gateway for all; each test takes away what it applied."""
    with cluster(FACTS) as ours:
        yield ours


def named(test: Json | None) -> str:
    """The suite's name of a test."""
    return test["test"] if test else "none"


def inside() -> list[Any]:
    """The tests that have to pass; those outside are skipped with their reason."""
    found = []
    for one in HERE:
        why = one and outside(one)
        marks = pytest.mark.skip(reason=f"outside: {why}") if why else ()
        found.append(pytest.param(one, marks=marks, id=named(one)))
    return found


@pytest.mark.parametrize("test", inside())
def test_the_suite_finds_nothing_wrong(served: Cluster, test: Json) -> None:
    """Conditions, attached routes, and where each request goes and how it comes there."""
    assert problems(served, test) == []


def ignored() -> list[Json | None]:
    """Tests outside for what they apply, not for the HTTP/2 that their clients speak."""
    facts = [one for one in FACTS["tests"] if outside(one)]
    return [
        one
        for one in facts
        if not any(case["request"].get("protocol") == "h2" for case in one["cases"])
    ] or [None]


@pytest.mark.parametrize("test", ignored(), ids=named)
def test_what_is_outside_is_never_silently_ignored(served: Cluster, test: Json) -> None:
    """A refusal, a Warning or a condition says that the gateway does not do it."""
    assert refusal_or_warning(served, test)
