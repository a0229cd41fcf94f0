"""Fields that a kind does not have, dropped or refused."""

from __future__ import annotations

import pytest

from labgateway.decisions.admission import CAUSES_LIMIT, MISTAKES_LIMIT
from labgateway.decisions.lenient import without_unknown
from labgateway.shapes.kinds import kind_of
from labgateway.words.errors import BadManifest, Invalid
from tests.decisions.resources import Json, matching, prefix, refusal, route

KIND = kind_of("gateway.networking.k8s.io/v1", "HTTPRoute")
assert KIND is not None


def test_unknown_fields_go_and_the_rest_stays() -> None:
    """At any depth, in lists too, and with whatever is in them; nulls go as well."""
    assert KIND is not None
    good = route(matching(prefix("/a"), prefix("/b")))
    matches = good["spec"]["rules"][0]["matches"]
    extra = [matches[0], {**matches[1], "zoo": {"path": 1}}]
    rules = [{"matches": extra, "zoo": [None], "timeouts": None}]
    bad = {**good, "zoo": 1, "spec": {**good["spec"], "rules": rules, "a.b[0]": 2}}

    manifest, dropped = without_unknown(KIND, bad)

    assert manifest["spec"]["rules"] == [{"matches": matches}]
    assert set(manifest) == set(good)
    assert dropped == ("spec.a.b[0]", "spec.rules[0].matches[1].zoo", "spec.rules[0].zoo", "zoo")


def _with_unknown(number: int) -> Json:
    manifest = route()
    return {**manifest, "spec": {**manifest["spec"], **{f"x{at}": 1 for at in range(number)}}}


def test_many_unknown_fields_are_dropped_at_once_and_listed_in_part() -> None:
    """A refusal does not grow with the manifest."""
    assert KIND is not None
    many = _with_unknown(10_000)
    assert len(without_unknown(KIND, many)[1]) == 10_000
    error = refusal(many)
    assert isinstance(error, BadManifest)
    assert len(error.causes) == CAUSES_LIMIT
    assert str(error).endswith(f", and {10_000 - CAUSES_LIMIT} more")


def test_very_many_mistakes_are_counted_only() -> None:
    """Strictly or leniently."""
    assert KIND is not None
    number = MISTAKES_LIMIT + 1
    many = _with_unknown(number)
    said = f"{number} of its values are wrong, which is too many to list"
    assert said in str(refusal(many))
    with pytest.raises(Invalid, match=said):
        without_unknown(KIND, many)
