"""The two ends of a request side by side: what the client has, what the provider has."""

from __future__ import annotations

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.request_story import answered_by_provider, broken_off, changes
from labgateway.decisions.span_attributes import CLIENT_CLOSED
from labgateway.lab.page import Row, Table

_NOTHING = "-"
_SAME = "passed on"


def request_table(exchange: Exchange) -> Table:
    """What the client sent, what the provider received, and what was done in between."""
    rows = [
        ("Method, path", _line(exchange), *_path(exchange)),
        ("Where to", _host(exchange), *_endpoint(exchange)),
        ("Authorization", _client_key(exchange), *_key(exchange)),
        ("Trace", _parent(exchange), *_trace(exchange)),
    ]
    if exchange.request_model is not None:
        rows.append(_model(exchange, exchange.request_model))
    if exchange.stream:
        rows.append(_usage_asked(exchange))
    if exchange.sent_ns is not None:
        rows.append(("Body", *_body(exchange)))
    header = ("", "The client sent", "The provider received", "What the gateway did")
    return Table("The request", header, tuple(rows))


def response_table(exchange: Exchange) -> Table:
    """What the client got, what the provider answered, and what was done in between."""
    rows = [
        ("Status", *_status(exchange)),
        ("Model used", *_both(exchange.response_model)),
        ("Finish reason", *_both(", ".join(exchange.finish_reasons) or None)),
        ("Tokens", *_tokens(exchange)),
        ("Body", *_response_body(exchange)),
        ("x-trace-id", exchange.trace_id, _NOTHING, "added"),
    ]
    kept = [row for row in rows if set(row[1:]) - {_NOTHING, ""}]
    header = ("", "The client got", "The provider answered", "What the gateway did")
    return Table("The response", header, tuple(kept))


def _line(exchange: Exchange) -> str:
    return f"{exchange.method} {exchange.path}"


def _path(exchange: Exchange) -> Row:
    if exchange.sent_ns is None:
        return "nothing was sent", "answered by itself"
    if exchange.sent_path is None:
        return "no answer came from it", ""
    # The provider call is a POST whatever the client's method is.
    sent = f"POST {exchange.sent_path}"
    return sent, _SAME if sent == _line(exchange) else "set to the provider's path"


def _host(exchange: Exchange) -> str:
    return f"Host {exchange.host}" if exchange.host else "no Host"


def _endpoint(exchange: Exchange) -> Row:
    route = f"route {exchange.route}" if exchange.route else "no route was found"
    backend = f", backend {exchange.backend}" if exchange.backend else ""
    return exchange.endpoint or _NOTHING, f"{route}{backend}"


def _client_key(exchange: Exchange) -> str:
    return "a key (never shown)" if exchange.client_authorization else "no key"


def _key(exchange: Exchange) -> Row:
    if exchange.sent_ns is None:
        return _NOTHING, ""
    if exchange.credential == "secret":
        did = "replaced by" if exchange.client_authorization else "added:"
        return "the Secret's key (never shown)", f"{did} the Secret's"
    if exchange.credential == "client":
        return "the client's own key", f"{_SAME}: the backend names no Secret"
    return "no key", "nothing: the backend names no Secret"


def _parent(exchange: Exchange) -> str:
    return "no traceparent" if exchange.parent_id is None else f"parent span {exchange.parent_id}"


def _trace(exchange: Exchange) -> Row:
    did = "trace begun" if exchange.parent_id is None else "trace continued"
    sampled = "" if exchange.sampled else ", not sampled: no spans are kept of it"
    if exchange.sent_ns is None or exchange.client_span_id is None:
        return _NOTHING, did + sampled
    return f"parent span {exchange.client_span_id}", f"{did}{sampled}"


def _model(exchange: Exchange, sent: str) -> Row:
    asked = exchange.original_model
    if asked is None:
        return "Model", "none named", sent, "added: the backend names it"
    did = _SAME if asked == sent else "overridden: the backend names another"
    return "Model", asked, sent, did


def _usage_asked(exchange: Exchange) -> Row:
    if exchange.drop_usage:
        return "Usage of the stream", "not asked for", "asked for", "include_usage added"
    return "Usage of the stream", "asked for", "asked for", _SAME


def _body(exchange: Exchange) -> Row:
    sent = f"{exchange.request_bytes:,} bytes"
    if not changes(exchange):
        return sent, sent, f"{_SAME}, byte for byte"
    return "in the client's words", sent, "written anew with the changes above"


def _status(exchange: Exchange) -> Row:
    status = str(exchange.status)
    if exchange.status == CLIENT_CLOSED:
        return "it went away", _NOTHING, "499 stands for it in log and metrics"
    if broken_off(exchange):
        return f"{status}, then a broken transfer", status, f"cut off: {exchange.error}"
    if not answered_by_provider(exchange):
        return status, _NOTHING, f"answered by itself: {exchange.error}"
    return status, status, _SAME


def _both(value: str | None) -> Row:
    return (_NOTHING, _NOTHING, "") if value is None else (value, value, _SAME)


def _tokens(exchange: Exchange) -> Row:
    usage = exchange.usage
    if usage.input_tokens is None and usage.output_tokens is None:
        return _NOTHING, _NOTHING, ""
    counted = f"{_count(usage.input_tokens)} in, {_count(usage.output_tokens)} out"
    if exchange.drop_usage:
        return "not told", counted, "usage chunk kept from the client, which did not ask"
    return counted, counted, _SAME


def _count(tokens: int | None) -> str:
    return "unknown" if tokens is None else f"{tokens:,}"


def _response_body(exchange: Exchange) -> Row:
    if exchange.status == CLIENT_CLOSED:
        return f"{exchange.response_bytes:,} bytes before it went", _NOTHING, ""
    if not answered_by_provider(exchange):
        return "one sentence of plain text", _NOTHING, "in words of its own"
    passed = f"{exchange.response_bytes:,} bytes"
    if exchange.drop_usage and exchange.usage.input_tokens is not None:
        return f"{passed}, streamed", _NOTHING, "all events passed on but the usage chunk"
    if exchange.stream:
        return f"{passed}, streamed", _NOTHING, _SAME
    return passed, passed, f"{_SAME}, byte for byte"
