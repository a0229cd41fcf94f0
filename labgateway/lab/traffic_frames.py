"""Traffic in numbers: the frame behind each figure, one row a bar, line or arrow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas as pd

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.metric_families import UNKNOWN
from labgateway.shapes.gateway_api import HTTPRoute

QUANTILES = (0.5, 0.95, 0.99)
NO_PROVIDER = "no provider"


def token_usage(exchanges: Sequence[Exchange]) -> pd.DataFrame:
    """Tokens by model that answered and type, with the number of requests that told them."""
    tokens: Counter[tuple[str, str]] = Counter()
    requests: Counter[tuple[str, str]] = Counter()
    for one in exchanges:
        usage = one.usage
        for type_, count in (("input", usage.input_tokens), ("output", usage.output_tokens)):
            if count is not None:
                key = (one.response_model or UNKNOWN, type_)
                tokens[key] += count
                requests[key] += 1
    rows = [(*key, tokens[key], requests[key]) for key in sorted(tokens)]
    return pd.DataFrame(rows, columns=["model", "type", "tokens", "requests"])


def requests_by_status(exchanges: Sequence[Exchange]) -> pd.DataFrame:
    """Requests by status and reason."""
    counted = Counter((one.status, one.reason) for one in exchanges)
    rows = [(*key, count) for key, count in sorted(counted.items())]
    return pd.DataFrame(rows, columns=["status", "reason", "requests"])


def latency(exchanges: Sequence[Exchange]) -> pd.DataFrame:
    """Seconds from first to last byte by route: percentiles and the longest."""
    return _quantiles(exchanges, "route", _route, lambda one: one.duration_s)


def time_to_first_token(exchanges: Sequence[Exchange]) -> pd.DataFrame:
    """Seconds to the first token of streams by model sent: percentiles and the longest."""
    return _quantiles(exchanges, "model", _model, lambda one: one.time_to_first_token_s)


def topology(exchanges: Sequence[Exchange], routes: Iterable[HTTPRoute]) -> pd.DataFrame:
    """Which way requests went, or could go: Gateway, route, backend, model, requests, tokens."""
    ways: dict[tuple[str, str, str, str], list[int]] = {
        way: [0, 0] for route in routes for way in _ways(route)
    }
    used = {way[1:3] for way in ways}
    for one in exchanges:
        if one.route is None:
            continue
        way = (
            one.gateway or UNKNOWN,
            one.route,
            one.backend or UNKNOWN,
            one.request_model or NO_PROVIDER,
        )
        if way[1:3] in used:
            ways.pop((*way[:3], ""), None)
        counts = ways.setdefault(way, [0, 0])
        counts[0] += 1
        counts[1] += (one.usage.input_tokens or 0) + (one.usage.output_tokens or 0)
    rows = [(*way, *counts) for way, counts in sorted(ways.items())]
    columns = ["gateway", "route", "backend", "model", "requests", "tokens"]
    return pd.DataFrame(rows, columns=columns)


def _ways(route: HTTPRoute) -> Iterable[tuple[str, str, str, str]]:
    """Each way that a route's rules lead, the model left open."""
    for parent in route.spec.parent_refs:
        gateway = f"{parent.namespace or route.namespace}/{parent.name}"
        for rule in route.spec.rules:
            for ref in rule.backend_refs:
                backend = f"{ref.namespace or route.namespace}/{ref.name}"
                yield gateway, f"{route.namespace}/{route.name}", backend, ""


def _route(exchange: Exchange) -> str:
    return exchange.route or UNKNOWN


def _model(exchange: Exchange) -> str:
    return exchange.request_model or UNKNOWN


def _quantiles(
    exchanges: Sequence[Exchange],
    name: str,
    key: Callable[[Exchange], str],
    seconds: Callable[[Exchange], float | None],
) -> pd.DataFrame:
    found: dict[str, list[float]] = {}
    for one in exchanges:
        value = seconds(one)
        if value is not None:
            found.setdefault(key(one), []).append(value)
    rows: list[tuple[Any, ...]] = []
    for group, values in sorted(found.items()):
        series = pd.Series(values)
        quantiles = [float(series.quantile(q)) for q in QUANTILES]
        rows.append((group, len(values), *quantiles, float(series.max())))
    columns = [name, "requests", *(f"p{round(q * 100)}_s" for q in QUANTILES), "longest_s"]
    return pd.DataFrame(rows, columns=columns)
