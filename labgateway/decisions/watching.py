"""Watches: what a query asks for, and the events that changes become for one watcher.

Source: the Kubernetes API concepts "Efficient detection of changes" and "Streaming lists"; what
kubectl 1.32 to 1.37 asks was tried.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from labgateway.decisions.selectors import check_selectors, selected
from labgateway.decisions.tables import partial, table
from labgateway.shapes.kinds import Kind
from labgateway.words.errors import BadManifest, Cause, Invalid

Json = dict[str, Any]

LONGEST_S = 1_800.0
INITIAL_EVENTS_END = "k8s.io/initial-events-end"
_TRUE = {"1", "true"}
_ANY_VERSION = {"", "0"}


@dataclass(frozen=True)
class WatchOptions:
    """What a watcher asked for.

    ``version`` is the resourceVersion that it has seen, None when it has seen nothing in
    particular; ``initial`` asks for what is there now, ``ends_initial`` for a bookmark after it.
    """

    version: int | None
    initial: bool
    ends_initial: bool
    bookmarks: bool
    timeout_s: float
    labels: str
    fields: str

    def wants(self, one: Json | None) -> bool:
        """Whether an object is there and meets the selectors."""
        return one is not None and selected(one, self.labels, self.fields)


def watch_options(query: Mapping[str, str]) -> WatchOptions:
    """What a query asks for. Errors: ``BadManifest``, ``Invalid``, in the API server's words."""
    given = query.get("resourceVersion", "")
    if not (given.isascii() and given.isdigit()) and given:
        raise BadManifest(f'Invalid value: "{given}": resourceVersion must be a number')
    asked = query.get("sendInitialEvents")
    match = query.get("resourceVersionMatch", "")
    if match != ("" if asked is None else "NotOlderThan"):
        raise _forbidden(asked)
    version = None if given in _ANY_VERSION else int(given)
    labels, fields = query.get("labelSelector", ""), query.get("fieldSelector", "")
    check_selectors(labels, fields)
    timeout = query.get("timeoutSeconds", "")
    seconds = float(timeout) if timeout.isascii() and timeout.isdigit() else 0.0
    bookmarks = query.get("allowWatchBookmarks", "") in _TRUE
    initial = asked in _TRUE if asked is not None else version is None
    return WatchOptions(
        version,
        initial,
        ends_initial=asked in _TRUE and bookmarks,
        bookmarks=bookmarks,
        timeout_s=min(seconds or LONGEST_S, LONGEST_S),
        labels=labels,
        fields=fields,
    )


def event_of(
    before: Json | None, after: Json | None, version: int, options: WatchOptions
) -> tuple[str, Json] | None:
    """(type, object) of a change for a watcher; None when it does not see the object.

    An object that begins or ceases to meet the selectors comes or goes for the watcher.
    """
    was, now = options.wants(before), options.wants(after)
    if now:
        assert after is not None
        return ("MODIFIED" if was else "ADDED"), after
    if not was:
        return None
    assert before is not None
    metadata = {**before["metadata"], "resourceVersion": str(version)}
    return "DELETED", {**before, "metadata": metadata}


def bookmark(kind: Kind, version: int, *, ends_initial: bool = False) -> Json:
    """The object of a bookmark: nothing but the version up to which everything was sent."""
    metadata: Json = {"resourceVersion": str(version)}
    if ends_initial:
        metadata["annotations"] = {INITIAL_EVENTS_END: "true"}
    return {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": metadata}


def expired(version: int, current: int) -> Json:
    """The Status of a watch that begins before what is remembered."""
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": f"too old resource version: {version} ({current})",
        "reason": "Expired",
        "code": 410,
    }


class EventForm:
    """Writes events in the form that a client accepts: as tables, metadata alone, or whole."""

    def __init__(self, kind: Kind, accept: str, *, whole: bool) -> None:
        self._kind = kind
        self._accept = accept
        self._whole = whole
        self._headed = False

    def event(self, what: str, one: Json) -> Json:
        """An event with its object."""
        return {"type": what, "object": self._object(what, one)}

    def _object(self, what: str, one: Json) -> Json:
        if what == "ERROR":
            return one
        if "as=Table" in self._accept:
            rows = [] if what == "BOOKMARK" else [one]
            version = int(one["metadata"]["resourceVersion"])
            shown = table(self._kind, rows, datetime.now(UTC), version=version, whole=self._whole)
            shown["metadata"] = {**one["metadata"]} if what == "BOOKMARK" else shown["metadata"]
            if self._headed:
                shown["columnDefinitions"] = None  # only the first table of a watch has columns
            self._headed = True
            return shown
        return partial(one) if "as=PartialObjectMetadata" in self._accept else one


def _forbidden(asked: str | None) -> Invalid:
    why = (
        "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
        if asked is None
        else "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
    )
    cause = Cause("resourceVersionMatch", "FieldValueForbidden", f"Forbidden: {why}")
    return Invalid(
        f'ListOptions.meta.k8s.io "" is invalid: {cause}',
        kind="ListOptions",
        group="meta.k8s.io",
        causes=(cause,),
    )
