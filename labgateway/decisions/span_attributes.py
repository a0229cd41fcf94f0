"""What the spans of an exchange say, by the conventions' names; absent facts have no attribute."""

from __future__ import annotations

from typing import Any

from labgateway.decisions.access_log import log_record
from labgateway.decisions.exchange import Exchange
from labgateway.decisions.messages import input_messages, output_messages
from labgateway.words import semconv
from labgateway.words.semconv import Attribute

Attributes = dict[str, Attribute]

CLIENT_CLOSED = 499  # the client went away; what it ended on purpose is no error

# Keys of the log's envelope, of what a span says otherwise, and of content, which has one place.
_LOG_ONLY = ("level", "time", "scope", "error", "request.body", "response.body")
_WHOLE_NUMBERS = frozenset({"max_tokens", "seed"})


def server_attributes(exchange: Exchange) -> Attributes:
    """Of the root: agentgateway's access-log keys, then HTTP's semantic conventions."""
    method = semconv_method(exchange)
    address, port = _address(exchange.source)
    record = log_record(exchange)
    return {
        **{name: value for name, value in record.items() if name not in _LOG_ONLY},
        **_present(
            {
                semconv.HTTP_METHOD: method,
                semconv.HTTP_METHOD_ORIGINAL: exchange.method
                if method != exchange.method
                else None,
                semconv.HTTP_ROUTE: exchange.path_match,
                semconv.HTTP_STATUS: exchange.status,
                semconv.URL_SCHEME: exchange.scheme,
                semconv.URL_PATH: exchange.path,
                semconv.PROTOCOL_VERSION: exchange.http_version.removeprefix("HTTP/"),
                semconv.SERVER_ADDRESS: exchange.host or None,
                semconv.SERVER_PORT: _bound_port(exchange) if exchange.host else None,
                semconv.CLIENT_ADDRESS: address,
                semconv.CLIENT_PORT: port,
                semconv.ERROR_TYPE: error_type(exchange) if server_failed(exchange) else None,
            }
        ),
    }


def chat_attributes(exchange: Exchange) -> Attributes:
    """Of the call to the model: ``gen_ai.*``; with bodies also what was said."""
    usage = exchange.usage
    address, port = _address(exchange.endpoint or "")
    return _present(
        {
            semconv.OPERATION_NAME: "chat",
            semconv.PROVIDER_NAME: exchange.provider,
            semconv.REQUEST_MODEL: exchange.request_model,
            semconv.SERVER_ADDRESS: address,
            semconv.SERVER_PORT: port,
            **_parameters(exchange),
            semconv.REQUEST_STREAM: exchange.stream or None,
            semconv.RESPONSE_MODEL: exchange.response_model,
            semconv.RESPONSE_ID: exchange.response_id,
            semconv.FINISH_REASONS: exchange.finish_reasons or None,
            semconv.TIME_TO_FIRST_CHUNK: _time_to_first_chunk_s(exchange),
            semconv.INPUT_TOKENS: usage.input_tokens,
            semconv.CACHED_TOKENS: usage.cached_tokens,
            semconv.OUTPUT_TOKENS: usage.output_tokens,
            semconv.REASONING_TOKENS: usage.reasoning_tokens,
            semconv.ERROR_TYPE: error_type(exchange) if call_failed(exchange) else None,
            **_messages(exchange),
        }
    )


def call_attributes(exchange: Exchange) -> Attributes:
    """Of a call to a server that got the request as it was: HTTP's client conventions."""
    address, port = _address(exchange.endpoint or "")
    url = f"http://{exchange.endpoint}{exchange.sent_path}" if exchange.sent_path else None
    answered = exchange.status if exchange.headers_ns is not None else None
    return _present(
        {
            semconv.HTTP_METHOD: semconv_method(exchange),
            semconv.SERVER_ADDRESS: address,
            semconv.SERVER_PORT: port,
            semconv.URL_FULL: url,
            semconv.HTTP_STATUS: answered,
            semconv.ERROR_TYPE: error_type(exchange) if call_failed(exchange) else None,
        }
    )


def semconv_method(exchange: Exchange) -> str:
    """The method, or ``_OTHER`` for one that no standard knows."""
    known = exchange.method in semconv.HTTP_METHODS
    return exchange.method if known else semconv.OTHER_METHOD


def server_failed(exchange: Exchange) -> bool:
    """Whether the server span is an error: a status of 5xx, or a transfer that was broken off."""
    broken = exchange.error is not None and exchange.status < 400
    return exchange.status >= 500 or broken


def call_failed(exchange: Exchange) -> bool:
    """Whether the client span is an error: any failure but the client's own going away."""
    failed = exchange.status >= 400 or exchange.error is not None
    return failed and exchange.status != CLIENT_CLOSED


def error_type(exchange: Exchange) -> str:
    """One of few words: the provider's status, or agentgateway's reason when it was not its."""
    return str(exchange.status) if exchange.reason == "Upstream" else exchange.reason


def _time_to_first_chunk_s(exchange: Exchange) -> float | None:
    """Seconds from the sending of the request, which the log counts from its coming in."""
    if exchange.first_token_ns is None or exchange.sent_ns is None:
        return None
    return (exchange.first_token_ns - exchange.sent_ns) / 1e9


def _parameters(exchange: Exchange) -> Attributes:
    return {
        f"{semconv.REQUEST_PARAMETER}{name}": int(value) if name in _WHOLE_NUMBERS else float(value)
        for name, value in exchange.parameters
    }


def _messages(exchange: Exchange) -> dict[str, str | None]:
    bodies = exchange.bodies
    if bodies is None:
        return {}
    return {
        semconv.INPUT_MESSAGES: input_messages(bodies.sent),
        semconv.OUTPUT_MESSAGES: output_messages(bodies.response),
    }


def _bound_port(exchange: Exchange) -> int | None:
    port = (exchange.bind or "").partition("/")[0]
    return int(port) if port.isdecimal() else None


def _address(authority: str) -> tuple[str | None, int | None]:
    """(host, port) of ``host:port``."""
    host, _, port = authority.rpartition(":")
    return host or None, int(port) if host and port.isdecimal() else None


def _present(attributes: dict[str, Any]) -> Attributes:
    return {name: value for name, value in attributes.items() if value is not None}
