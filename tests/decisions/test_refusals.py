"""Refusals in the API server's words."""

from __future__ import annotations

import pytest

from labgateway.decisions.refusals import not_served


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("v1/nodes", ": nodes is not"),
        ("v1/namespaces/apps/configmaps/x", ": configmaps is not"),
        ("v1/namespaces/apps/serviceaccounts/x/token", ": serviceaccounts/token is not"),
        ("apps/v1/namespaces/apps/replicasets", ": replicasets is not"),
        ("batch/v1/jobs/x", ": jobs is not"),
        ("v1/namespaces/apps", ": namespaces is not"),
        ("batch", None),
        ("batch/v1", None),
        ("", None),
    ],
)
def test_what_is_not_served_is_named(path: str, named: str | None) -> None:
    """After the sentence that clients know; a path that names no resource has the sentence only."""
    before, colon, rest = str(not_served(path)).partition(":")
    assert before == "the server could not find the requested resource"
    assert (colon + rest).startswith(named or "")
    assert bool(colon) is (named is not None)
