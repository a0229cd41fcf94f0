"""The access log: one line a request, and the same line with every fact, for the journal.

Field names and their order: agentgateway v1.4.1, telemetry/log.rs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import pydantic_core
from pydantic import TypeAdapter

from labgateway.decisions.exchange import Exchange

OURS = "labgateway"  # the part of a journal line that agentgateway has no names for

_USAGE = {
    "gen_ai.usage.input_tokens": "input_tokens",
    "gen_ai.usage.cache_read.input_tokens": "cached_tokens",
    "gen_ai.usage.output_tokens": "output_tokens",
    "gen_ai.usage.reasoning_tokens": "reasoning_tokens",
}
# Log name → field of the exchange with the same value.
_SAME = {
    "gateway": "gateway",
    "listener": "listener",
    "route_rule": "route_rule",
    "route": "route",
    "endpoint": "endpoint",
    "src.addr": "source",
    "http.method": "method",
    "http.host": "host",
    "http.path": "path",
    "http.version": "http_version",
    "http.status": "status",
    "trace.id": "trace_id",
    "span.id": "span_id",
    "gen_ai.request.model": "request_model",
    "gen_ai.response.model": "response_model",
    "error": "error",
    "reason": "reason",
    "labgateway.original_model": "original_model",
}
_PARAMETERS = (
    "temperature",
    "top_p",
    "frequency_penalty",
    "presence_penalty",
    "max_tokens",
    "seed",
)
_PARAMETER_NAMES = tuple((name, f"gen_ai.request.{name}") for name in _PARAMETERS)
LOG_NAMES = (
    *("level", "time", "scope", "gateway", "listener", "route_rule", "route", "endpoint"),
    *("src.addr", "http.method", "http.host", "http.path", "http.version", "http.status"),
    *("trace.id", "span.id", "protocol", "gen_ai.operation.name", "gen_ai.provider.name"),
    *("gen_ai.request.model", "gen_ai.response.model", *_USAGE),
    *("agw.ai.time_to_first_token", "agw.ai.time_per_output_token"),
    *(name for _, name in _PARAMETER_NAMES),
    *("error", "reason", "duration"),
    *("labgateway.original_model", "request.body", "response.body"),
)
_ELSEWHERE = frozenset({*_SAME.values(), "usage"})
_DEFAULTS = {one.name: one.default for one in fields(Exchange) if one.name not in _ELSEWHERE}
_EXCHANGE = TypeAdapter(Exchange)


def log_record(exchange: Exchange) -> dict[str, Any]:
    """The access-log line as a mapping, in agentgateway's order, absent values left out."""
    usage = exchange.usage
    llm = exchange.request_model is not None
    ttft, per_token = exchange.time_to_first_token_s, exchange.time_per_output_token_s
    parameters = dict(exchange.parameters)
    parameter_names = _PARAMETER_NAMES if parameters else ()
    bodies = exchange.bodies
    record = {
        "level": "info",
        "time": _time(exchange.started),
        "scope": "request",
        "gateway": exchange.gateway,
        "listener": exchange.listener,
        "route_rule": exchange.route_rule,
        "route": exchange.route,
        "endpoint": exchange.endpoint,
        "src.addr": exchange.source,
        "http.method": exchange.method,
        "http.host": exchange.host,
        "http.path": exchange.path,
        "http.version": exchange.http_version,
        "http.status": exchange.status,
        "trace.id": exchange.trace_id,
        "span.id": exchange.span_id,
        "protocol": "llm" if llm else "http",
        "gen_ai.operation.name": "chat" if llm else None,
        "gen_ai.provider.name": exchange.provider if llm else None,
        "gen_ai.request.model": exchange.request_model,
        "gen_ai.response.model": exchange.response_model,
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
        "gen_ai.usage.reasoning_tokens": usage.reasoning_tokens,
        "agw.ai.time_to_first_token": None if ttft is None else _milliseconds(ttft),
        "agw.ai.time_per_output_token": None if per_token is None else _milliseconds(per_token),
        **{name: parameters.get(one) for one, name in parameter_names},
        "error": exchange.error,
        "reason": None if exchange.reason == "Upstream" else exchange.reason,
        "duration": _milliseconds(exchange.duration_s),
        "labgateway.original_model": exchange.original_model,
        "request.body": bodies and bodies.request,
        "response.body": bodies and bodies.response,
    }
    return {name: value for name, value in record.items() if value is not None}


def json_line(exchange: Exchange) -> str:
    """The access-log line as agentgateway writes it with ``LOG_FORMAT=json``."""
    return _dump(log_record(exchange))


def text_line(exchange: Exchange) -> str:
    """The access-log line as agentgateway writes it by default: tabs, then ``key=value``."""
    record = log_record(exchange)
    time, level, scope = (record.pop(name) for name in ("time", "level", "scope"))
    pairs = " ".join(f"{name}={_text(name, value)}" for name, value in record.items())
    return f"{time}\t{level}\t{scope} {pairs}"


def to_json(exchange: Exchange) -> str:
    """One line of the journal."""
    return _dump(to_record(exchange))


def to_record(exchange: Exchange) -> dict[str, Any]:
    """The access-log line as a mapping, and in ``labgateway`` all the other facts."""
    # Not asdict(): it copies deeply, which took a fifth of the gateway's time.
    facts = vars(exchange)
    ours = {name: facts[name] for name, default in _DEFAULTS.items() if facts[name] != default}
    if exchange.bodies is not None:
        ours["bodies"] = {"sent": exchange.bodies.sent}
    return {**log_record(exchange), OURS: ours}


def from_json(line: str) -> Exchange:
    """The exchange of a journal line. Errors: ``ValueError`` when it is not one."""
    try:
        record = json.loads(line)
    except RecursionError as error:
        raise ValueError("not an exchange: nested too deeply") from error
    if not isinstance(record, dict):
        record = {}  # refused below, as one without facts
    return from_record(record)


def from_record(record: Mapping[str, Any]) -> Exchange:
    """The exchange of a journal line that was read. Errors: ``ValueError``."""
    facts = {field: record[name] for name, field in _SAME.items() if name in record}
    used = {field: record[name] for name, field in _USAGE.items() if name in record}
    ours = record.get(OURS)
    if not isinstance(ours, dict):
        raise ValueError(f"not an exchange: its object {OURS!r} is missing")  # noqa: TRY004 - of the text
    facts |= {"usage": used, **ours}
    if isinstance(facts.get("bodies"), dict):
        kept = {"request": record.get("request.body"), "response": record.get("response.body")}
        facts["bodies"] = {**facts["bodies"], **kept}
    return _EXCHANGE.validate_python(facts)


def _time(started: float) -> str:
    second, microseconds = divmod(round(started * 1e6), 1_000_000)
    return f"{_second(second)}.{microseconds:06d}Z"


@lru_cache(maxsize=4)  # requests come in their order
def _second(unix: int) -> str:
    return datetime.fromtimestamp(unix, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f}ms"


def _text(name: str, value: object) -> str:
    """A value in the text form: an error and what holds spaces or quotes is quoted."""
    text = value if isinstance(value, str) else json.dumps(value)
    plain = text and not any(one.isspace() or one in '"=' for one in text)
    return text if plain and name != "error" else json.dumps(text, ensure_ascii=False)


def _dump(record: Mapping[str, Any]) -> str:
    try:
        return pydantic_core.to_json(record).decode()  # three times as fast as json.dumps
    except ValueError:  # a lone surrogate, which has no UTF-8 form
        return json.dumps(record, ensure_ascii=False, separators=(",", ":"))
