"""What the API server writes into an object by itself."""

from __future__ import annotations

from labgateway.decisions.server_fields import Json, stamped

EARLY, LATE = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
GIVEN: Json = {"kind": "Gateway", "metadata": {"name": "a"}, "spec": {"x": 1}, "status": {"y": 2}}


def stored(manifest: Json, old: Json | None = None, version: int = 7) -> Json:
    """The manifest as it is stored."""
    return stamped(manifest, old, uid="uid-1", now=EARLY if old is None else LATE, version=version)


def test_a_new_object_is_stamped() -> None:
    """And its status is not the client's to say."""
    assert stored(GIVEN) == {
        "kind": "Gateway",
        "metadata": {
            "name": "a",
            "uid": "uid-1",
            "creationTimestamp": EARLY,
            "resourceVersion": "7",
            "generation": 1,
        },
        "spec": {"x": 1},
    }


def test_what_a_client_says_of_these_fields_does_not_count() -> None:
    """Neither on creation nor later."""
    lies = {"uid": "mine", "creationTimestamp": LATE, "resourceVersion": "99", "generation": 99}
    lying = {**GIVEN, "metadata": {"name": "a", **lies, "managedFields": [{}], "labels": {}}}
    assert stored(lying) == stored(GIVEN)
    assert stored(lying, stored(GIVEN), version=8) == stored(GIVEN)


def test_nothing_new_keeps_the_version_and_a_new_spec_is_a_generation() -> None:
    """Metadata alone is a version only."""
    old = stored(GIVEN)
    assert stored(old, old, version=8) == old
    labelled = stored({**GIVEN, "metadata": {"name": "a", "labels": {"b": "c"}}}, old, version=8)
    changed = stored({**GIVEN, "spec": {"x": 2}}, old, version=8)
    found = [
        (one["metadata"]["resourceVersion"], one["metadata"]["generation"])
        for one in (labelled, changed)
    ]
    assert found == [("8", 1), ("8", 2)]
    assert changed["metadata"]["creationTimestamp"] == EARLY
