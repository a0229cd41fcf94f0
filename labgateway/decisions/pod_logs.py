"""What of a Pod's log was asked for, as the API server reads the query, and its lines as text.

Source: kubernetes core/validation ``ValidatePodLogOptions``, kubelet ``kuberuntime/logs``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.workloads import CONTAINER
from labgateway.words.errors import BadManifest, Cause, Invalid

Lines = Callable[[Exchange], str]

_LEAST = {
    "tailLines": (0, "must be greater than or equal to 0"),
    "limitBytes": (1, "must be greater than 0"),
    "sinceSeconds": (1, "must be greater than 0"),
}
_FALSE = {"false", "0"}


@dataclass(frozen=True)
class LogOptions:
    """Which lines, in what form; None is no limit. ``since`` is Unix time in seconds."""

    follow: bool = False
    timestamps: bool = False
    tail_lines: int | None = None
    since: float | None = None
    limit_bytes: int | None = None


def log_options(query: Mapping[str, str], pod: str, now: float) -> LogOptions:
    """The options of a query. Errors: ``BadManifest`` or ``Invalid`` in the API server's words."""
    numbers = {name: _number(query[name]) for name in _LEAST if query.get(name)}
    since_time = _time(query["sinceTime"]) if query.get("sinceTime") else None
    causes = [
        Cause(name, "FieldValueInvalid", f"Invalid value: {value}: {_LEAST[name][1]}")
        for name, value in numbers.items()
        if value < _LEAST[name][0]
    ]
    if since_time is not None and "sinceSeconds" in numbers:
        both = "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified"
        causes.append(Cause("", "FieldValueForbidden", both))
    if causes:
        listed = ", ".join(map(str, causes))
        said = f"[{listed}]" if len(causes) > 1 else listed
        message = f'PodLogOptions "{pod}" is invalid: {said}'
        raise Invalid(message, kind="PodLogOptions", name=pod, causes=tuple(causes))
    _check_container(query, pod)
    if "sinceSeconds" in numbers:
        since_time = now - numbers["sinceSeconds"]
    return LogOptions(
        follow=_on(query, "follow"),
        timestamps=_on(query, "timestamps"),
        tail_lines=numbers.get("tailLines"),
        since=since_time,
        limit_bytes=numbers.get("limitBytes"),
    )


def written_at(exchange: Exchange) -> float:
    """When the line of a request was written, Unix time in seconds: at its end."""
    return exchange.started + exchange.ended_ns / 1e9


def chosen(exchanges: Sequence[Exchange], options: LogOptions) -> list[Exchange]:
    """Those that were asked for, of all that are known, oldest first."""
    since = options.since
    kept = [one for one in exchanges if since is None or written_at(one) >= since]
    tail = options.tail_lines
    return kept if tail is None else kept[len(kept) - min(tail, len(kept)) :]


def log_text(exchanges: Sequence[Exchange], options: LogOptions, line: Lines) -> bytes:
    """Their lines, each after the time of its writing when timestamps are asked for."""
    texts = (f"{_timestamp(one) if options.timestamps else ''}{line(one)}\n" for one in exchanges)
    # A client may send lone surrogates, which have no UTF-8 form.
    return "".join(texts).encode("utf-8", errors="backslashreplace")


def _check_container(query: Mapping[str, str], pod: str) -> None:
    """One container runs, and it is its first life."""
    container = query.get("container") or CONTAINER
    if container != CONTAINER:
        raise BadManifest(f"container {container} is not valid for pod {pod}")
    if _on(query, "previous"):
        raise BadManifest(f'previous terminated container "{CONTAINER}" in pod "{pod}" not found')


def _on(query: Mapping[str, str], name: str) -> bool:
    return name in query and query[name].lower() not in _FALSE


def _number(text: str) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        raise BadManifest(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return int(text)


def _time(text: str) -> float:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadManifest(f'parsing time "{text}" as "2006-01-02T15:04:05Z07:00": {error}') from (
            error
        )
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _timestamp(exchange: Exchange) -> str:
    """RFC 3339 with nine digits, of which the clock gives six."""
    at = datetime.fromtimestamp(written_at(exchange), UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at:%f}000Z "
