"""Requests as the gateway remembers them, made up: in order, one minute long."""

from __future__ import annotations

import dataclasses

from labgateway.decisions.chat import Usage
from labgateway.decisions.exchange import Bodies, Exchange

MS = 1_000_000
STARTED = 1767225600.0

ANSWERED = Exchange(
    started=STARTED,
    trace_id="4bf92f3577b34da6a3ce929d0e0e4736",
    span_id="00f067aa0ba902b7",
    client_span_id="00f067aa0ba902b8",
    method="POST",
    host="localhost",
    path="/openai",
    http_version="HTTP/1.1",
    source="127.0.0.1:51234",
    status=200,
    gateway="agentgateway-system/agentgateway",
    listener="http",
    route="agentgateway-system/openai",
    path_match="/openai/*",
    backend="agentgateway-system/openai-all-models",
    provider="openai",
    original_model="gpt-4o-mini",
    request_model="gpt-4o",
    response_model="gpt-4o-2024",
    usage=Usage(12, 34),
    selected_ns=1 * MS,
    sent_ns=2 * MS,
    headers_ns=90 * MS,
    received_ns=100 * MS,
    ended_ns=103 * MS,
)
STREAMED = dataclasses.replace(ANSWERED, stream=True, first_token_ns=40 * MS)
REFUSED = Exchange(
    started=STARTED,
    trace_id=ANSWERED.trace_id,
    span_id=ANSWERED.span_id,
    client_span_id=ANSWERED.client_span_id,
    method="POST",
    host="localhost",
    path="/nowhere",
    http_version="HTTP/1.1",
    source="127.0.0.1:51234",
    status=404,
    reason="NotFound",
    error="route not found",
    ended_ns=1 * MS,
)
SPOKEN = dataclasses.replace(
    ANSWERED, bodies=Bodies('{"messages": "Hélène <b>"}', "{}", '{"choices": []}')
)


def numbered(exchange: Exchange, number: int) -> Exchange:
    """The exchange as the request of second ``number``, with ids of its own."""
    return dataclasses.replace(
        exchange,
        started=STARTED + number,
        trace_id=f"{number + 1:032x}",
        span_id=f"{number + 1:016x}",
        client_span_id=f"{number + 1:015x}f",
    )


TRAFFIC = [
    numbered(one, number)
    for number, one in enumerate([ANSWERED, STREAMED, REFUSED, SPOKEN, ANSWERED])
]
