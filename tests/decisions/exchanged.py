"""Exchanges to look at: an answer, a stream, and a request that found no route."""

from __future__ import annotations

from dataclasses import replace

from labgateway.decisions.chat import Usage
from labgateway.decisions.exchange import Exchange

REFUSED = Exchange(
    started=1767225600.25,
    trace_id="4bf92f3577b34da6a3ce929d0e0e4736",
    span_id="00f067aa0ba902b7",
    method="POST",
    host="localhost",
    path="/nowhere",
    http_version="HTTP/1.1",
    source="127.0.0.1:51234",
    status=404,
    reason="NotFound",
    error="route not found",
    bind="8080/agentgateway-system/agentgateway",
    ended_ns=1_400_000,
)
ANSWERED = replace(
    REFUSED,
    path="/openai",
    status=200,
    reason="Upstream",
    error=None,
    gateway="agentgateway-system/agentgateway",
    listener="http",
    route="agentgateway-system/openai",
    backend="agentgateway-system/openai-all-models",
    provider="openai",
    original_model="gpt-4o-mini",
    request_model="gpt-4o-mini",
    response_model="gpt-4o-mini-2024-07-18",
    usage=Usage(12, 34, 5, None),
    response_bytes=420,
    ended_ns=842_000_000,
)
STREAMED = replace(ANSWERED, stream=True, first_token_ns=162_000_000)
