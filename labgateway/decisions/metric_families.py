"""Which metrics there are, and which of them an exchange moves.

Names, labels, their order and buckets: agentgateway v1.4.1, telemetry/metrics.rs. Buckets of
``gen_ai`` families: OpenTelemetry's GenAI conventions v1.41.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, NamedTuple

from labgateway.decisions.exchange import Exchange
from labgateway.words.errors import LabError

UNKNOWN = "unknown"
OTHER_METHOD = "_OTHER"

_ROUTE = ("bind", "gateway", "listener", "route", "route_rule")
_REQUEST = ("backend", "protocol", "method", "status", "reason", *_ROUTE)
_GEN_AI = (
    "gen_ai_operation_name",
    "gen_ai_system",
    "gen_ai_request_model",
    "gen_ai_response_model",
    *_ROUTE,
)
_CONNECTION = ("bind", "gateway", "listener", "protocol")
_METHODS = frozenset(
    {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}
)
_DURATION_S = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 80.0)
_TOKENS = tuple(float(4**power) for power in range(14))
_GEN_AI_DURATION_S = tuple(2**power / 100 for power in range(14))
_FIRST_TOKEN_S = (
    *(0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1),
    *(0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0),
)
_PER_TOKEN_S = (
    *(0.001, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15),
    *(0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5),
)


@dataclass(frozen=True)
class Family:
    """A metric family. ``buckets`` are upper bounds without +Inf; ``unit`` ends the name, if any.

    ``name`` is what the plain text format calls it: counters end in ``_total``.
    """

    name: str
    kind: Literal["counter", "histogram", "info"]
    help: str
    labels: tuple[str, ...]
    buckets: tuple[float, ...] = ()
    unit: str = ""


class Moved(NamedTuple):
    """How much an exchange adds to a counter, or what a histogram observes of it."""

    family: str
    labels: tuple[str, ...]
    amount: float


class Sample(NamedTuple):
    """One number that is scraped; a histogram has ``_sum``, ``_count`` and ``_bucket`` samples."""

    family: str
    name: str
    labels: Mapping[str, str]
    value: float


_PREFIX = "agentgateway_"
REQUESTS = f"{_PREFIX}requests_total"
REQUEST_DURATION = f"{_PREFIX}request_duration_seconds"
RESPONSE_BYTES = f"{_PREFIX}response_bytes_total"
TOKEN_USAGE = f"{_PREFIX}gen_ai_client_token_usage"
GEN_AI_DURATION = f"{_PREFIX}gen_ai_server_request_duration"
TIME_TO_FIRST_TOKEN = f"{_PREFIX}gen_ai_server_time_to_first_token"
TIME_PER_OUTPUT_TOKEN = f"{_PREFIX}gen_ai_server_time_per_output_token"
CONNECTIONS = f"{_PREFIX}downstream_connections_total"
RECEIVED_BYTES = f"{_PREFIX}downstream_received_bytes_total"
SENT_BYTES = f"{_PREFIX}downstream_sent_bytes_total"
BUILD = f"{_PREFIX}build_info"
# agentgateway has none for these.
LOST_SPANS = "labgateway_lost_spans_total"
LOST_SAMPLES = "labgateway_lost_samples_total"

FAMILIES = (
    Family(BUILD, "info", "Agentgateway build information.", ("tag",)),
    Family(REQUESTS, "counter", "The total number of HTTP requests sent.", _REQUEST),
    Family(
        REQUEST_DURATION,
        "histogram",
        "Duration of HTTP requests, to the last byte of the response.",
        _REQUEST,
        _DURATION_S,
        "seconds",
    ),
    Family(RESPONSE_BYTES, "counter", "Bytes of HTTP response bodies.", _REQUEST, unit="bytes"),
    Family(
        TOKEN_USAGE,
        "histogram",
        "Number of tokens used per request.",
        ("gen_ai_token_type", *_GEN_AI),
        _TOKENS,
    ),
    Family(
        GEN_AI_DURATION,
        "histogram",
        "Duration of generative AI requests, in seconds.",
        _GEN_AI,
        _GEN_AI_DURATION_S,
    ),
    Family(
        TIME_TO_FIRST_TOKEN,
        "histogram",
        "Time to the first token of streamed responses, in seconds.",
        _GEN_AI,
        _FIRST_TOKEN_S,
    ),
    Family(
        TIME_PER_OUTPUT_TOKEN,
        "histogram",
        "Time for each output token after the first one of streamed responses, in seconds.",
        _GEN_AI,
        _PER_TOKEN_S,
    ),
    Family(CONNECTIONS, "counter", "The total number of downstream connections.", _CONNECTION),
    Family(RECEIVED_BYTES, "counter", "Bytes received from clients.", _CONNECTION, unit="bytes"),
    Family(SENT_BYTES, "counter", "Bytes sent to clients.", _CONNECTION, unit="bytes"),
    Family(LOST_SPANS, "counter", "Spans that reached no collector, and why.", ("reason",)),
    Family(LOST_SAMPLES, "counter", "Samples that the lab's own scraper had no room to keep.", ()),
)


_SUFFIXES = {"histogram": ("_sum", "_count", "_bucket")}
SAMPLE_NAMES = tuple(
    family.name + suffix for family in FAMILIES for suffix in _SUFFIXES.get(family.kind, ("",))
)


def refuse_unknown_sample(name: str) -> None:
    """Errors: ``LabError`` when no family has a sample of this name."""
    if name not in SAMPLE_NAMES:
        near = get_close_matches(name, SAMPLE_NAMES, 1, 0.0)[0]
        raise LabError(
            f"no sample is named {name!r}; did you mean {near!r}? lab.metrics()['name'].unique()"
            " shows the names that have values"
        )


def models_of(exchange: Exchange) -> tuple[str, str]:
    """The label values that a client can choose: the model sent and the model that answered."""
    return exchange.request_model or UNKNOWN, exchange.response_model or UNKNOWN


def moved_by(exchange: Exchange, models: tuple[str, str] | None = None) -> tuple[Moved, ...]:
    """What an exchange moves; ``models`` are other names for its two models, if given.

    Tokens that nobody counted are not observed, as 0 would be a count.
    """
    route = (
        exchange.bind or UNKNOWN,
        exchange.gateway or UNKNOWN,
        exchange.listener or UNKNOWN,
        exchange.route or UNKNOWN,
        exchange.route_rule or UNKNOWN,
    )
    request = (
        exchange.backend or UNKNOWN,
        "http" if exchange.request_model is None else "llm",
        exchange.method if exchange.method in _METHODS else OTHER_METHOD,
        str(exchange.status),
        exchange.reason,
        *route,
    )
    moved = [Moved(REQUESTS, request, 1), Moved(REQUEST_DURATION, request, exchange.duration_s)]
    if exchange.response_bytes:
        moved.append(Moved(RESPONSE_BYTES, request, exchange.response_bytes))
    if exchange.request_model is not None:
        names = models or models_of(exchange)
        gen_ai = ("chat", exchange.provider or UNKNOWN, *names, *route)
        moved += _tokens(exchange, gen_ai)
        if exchange.error is None and 200 <= exchange.status < 300:
            moved += _durations(exchange, gen_ai)
    return tuple(moved)


def _tokens(exchange: Exchange, gen_ai: tuple[str, ...]) -> list[Moved]:
    usage = exchange.usage
    counted = (
        ("input", usage.input_tokens),
        ("output", usage.output_tokens),
        ("input_cache_read", usage.cached_tokens),
    )
    return [
        Moved(TOKEN_USAGE, (type_, *gen_ai), tokens)
        for type_, tokens in counted
        if tokens is not None
    ]


def _durations(exchange: Exchange, gen_ai: tuple[str, ...]) -> list[Moved]:
    """Of successful responses only, as the conventions demand."""
    measured = (
        (GEN_AI_DURATION, exchange.duration_s),
        (TIME_TO_FIRST_TOKEN, exchange.time_to_first_token_s),
        (TIME_PER_OUTPUT_TOKEN, exchange.time_per_output_token_s),
    )
    return [Moved(name, gen_ai, seconds) for name, seconds in measured if seconds is not None]
