"""``kubectl auth can-i``: what may be done here, and what the lab does itself.

Source: authorization.k8s.io/v1, SelfSubjectAccessReview and SelfSubjectRulesReview.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from labgateway.decisions.openapi import EVENTS, LOGS, READING, VERBS
from labgateway.shapes.kinds import KINDS, SERVED, WORKLOADS

Json = dict[str, Any]

AUTHORIZATION = "authorization.k8s.io/v1"


def access_review(manifest: Json) -> Json:
    """A SelfSubjectAccessReview, answered: ``status.allowed``, and the reason of a no."""
    spec = _mapping(manifest.get("spec"))
    # A path that is no resource may be read by everybody.
    asked = spec.get("resourceAttributes")
    why = None if asked is None else _refusal(_mapping(asked))
    status = {"allowed": True} if why is None else {"allowed": False, "reason": why}
    return {**_head("SelfSubjectAccessReview", spec), "status": status}


def rules_review(manifest: Json) -> Json:
    """A SelfSubjectRulesReview, answered: all that may be done, in any namespace."""
    rules = [
        {"apiGroups": [group], "resources": [resource], "verbs": list(verbs)}
        for group, resource, verbs in _allowed()
    ]
    status = {"resourceRules": rules, "nonResourceRules": [], "incomplete": False}
    return {**_head("SelfSubjectRulesReview", _mapping(manifest.get("spec"))), "status": status}


def _head(kind: str, spec: Json) -> Json:
    return {"kind": kind, "apiVersion": AUTHORIZATION, "metadata": {}, "spec": spec}


def _mapping(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _allowed() -> Iterator[tuple[str, str, Collection[str]]]:
    """(group, resource, verbs) of everything that is served."""
    for kind in KINDS:
        yield kind.group, kind.plural, VERBS
    for kind in WORKLOADS:
        yield kind.group, kind.plural, READING
    for kind in SERVED:
        if kind.has_status:
            yield kind.group, f"{kind.plural}/status", ("get",)
    for part in (LOGS, EVENTS):
        yield "", part["name"], part["verbs"]


def _refusal(asked: Json) -> str | None:
    """Why not, or None."""
    resource = "/".join(str(asked[one]) for one in ("resource", "subresource") if asked.get(one))
    for group, served, verbs in _allowed():
        if (group, served) == (asked.get("group", ""), resource):
            if asked.get("verb") in verbs:
                return None
            return f"{resource} can be used here with {', '.join(verbs)} only"
    return f"{resource} is not served here"
