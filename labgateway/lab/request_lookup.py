"""Which request is meant: by trace id, its beginning, or the response that carries it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from labgateway.decisions.exchange import Exchange
from labgateway.words.errors import LabError

SHORTEST_PREFIX = 4
LISTED = 5
_HEADER = "x-trace-id"

Known = Callable[[], Sequence[Exchange]]


def find(asked: object, recent: Sequence[Exchange], older: Known) -> Exchange:
    """The request that is meant, of several in one trace the last; None asks for the last one.

    ``asked`` is a trace id, at least its beginning, a span id, a response of httpx or of the OpenAI
    SDK, a completion, or an error that has a response. ``older`` is asked last.
    Errors: ``LabError`` when there is none, or more than one.
    """
    if asked is None:
        found = recent or older()
        if not found:
            raise LabError(
                "no request has come in yet; send one to lab.gateway_url, for example with"
                ' httpx.post(f"{lab.gateway_url}/openai", json=body), then ask again'
            )
        return found[-1]
    known = recent
    matches = _matching(asked, known)
    if not matches:
        known = older()
        matches = _matching(asked, known)
    if not matches:
        raise LabError(f"no request that is remembered has {_named(asked)}; {_last_ids(known)}")
    traces = list(dict.fromkeys(one.trace_id for one in matches))
    if len(traces) > 1:
        raise LabError(
            f"{len(traces)} requests have {_named(asked)}; give more of it:"
            f" {', '.join(traces[-LISTED:])}"
        )
    return matches[-1]


def _matching(asked: object, known: Sequence[Exchange]) -> list[Exchange]:
    if isinstance(asked, str):
        start = asked.strip().lower()
        if len(start) < SHORTEST_PREFIX:
            raise LabError(
                f"{asked!r} is too short for a trace id; give at least {SHORTEST_PREFIX} of its"
                " 32 characters"
            )
        return [one for one in known if one.trace_id.startswith(start) or one.span_id == start]
    trace_id = _carried(asked)
    if trace_id is not None:
        return [one for one in known if one.trace_id == trace_id]
    response_id = getattr(asked, "id", None)
    if not isinstance(response_id, str):
        raise LabError(
            f"a {type(asked).__name__} names no request; give a trace id, or a response that has"
            f" the header {_HEADER}"
        )
    return [one for one in known if one.response_id == response_id]


def _carried(response: object) -> str | None:
    """The trace id in the headers of a response, or of the response that something has."""
    for one in (response, getattr(response, "response", None)):
        headers = getattr(one, "headers", None)
        found = headers.get(_HEADER) if headers is not None else None
        if isinstance(found, str):
            return found
    return None


def _named(asked: object) -> str:
    if isinstance(asked, str):
        return f"the trace id {asked!r}"
    trace_id = _carried(asked)
    return f"the id {getattr(asked, 'id', '')!r}" if trace_id is None else f"the id {trace_id!r}"


def _last_ids(known: Sequence[Exchange]) -> str:
    if not known:
        return "none has come in yet"
    shown = [
        f"{one.trace_id} ({one.method} {one.path}, {one.status})" for one in known[-LISTED:][::-1]
    ]
    return f"the last ones, newest first: {', '.join(shown)}"
