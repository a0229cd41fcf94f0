"""A request told in words: how it ended, and what the gateway did to it on the way."""

from __future__ import annotations

from collections.abc import Iterator

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.span_attributes import CLIENT_CLOSED

_NEXT_STEPS = {  # the gateway's own words: where to look
    "route not found": "No HTTPRoute takes this path; the card that lab shows has those that do.",
    "service not found": "The route leads to a backend that does not exist; compare the names.",
    "no valid backends": "The rule of the route names no backend that may take requests.",
    "backend does not exist": "The backend cannot be used; %kubectl describe it for its status.",
    "request timeout": "The rule's timeouts.request ran out before the provider had answered.",
    "upstream call timeout": "The provider took, or was silent for, longer than it may.",
}
_ANSWERS = {  # the provider's status: what it means
    400: "The provider could not read the request.",
    403: "The key is good, but does not allow this.",
    404: "The provider knows no such path or model.",
    429: "The provider has had enough: its rate limit was reached.",
}
_KEYS = {  # whose key a provider refuses with 401
    "secret": "It refuses the key in the Secret that the backend names.",
    "client": "It refuses the client's own key; the backend names no Secret.",
    "none": "It got no key: the client sent none, and the backend names no Secret.",
}
_SERVER_ERROR = "The provider itself failed."


def answered_by_provider(exchange: Exchange) -> bool:
    """Whether the status that the client got is the provider's."""
    return exchange.reason == "Upstream" or broken_off(exchange)


def broken_off(exchange: Exchange) -> bool:
    """Whether the client had the beginning of an answer and a transfer that ended too soon."""
    return exchange.error is not None and exchange.status < 400


def outcome(exchange: Exchange) -> str:
    """How it ended, in one or two sentences."""
    if exchange.status == CLIENT_CLOSED:
        return f"The client went away before it had all of the answer{_when(exchange)}."
    if broken_off(exchange):
        return (
            f"The answer was broken off: {exchange.error}. The client has its beginning, status"
            f" {exchange.status}, and an error of its own."
        )
    if exchange.reason != "Upstream":
        return _refused(exchange)
    if exchange.status < 400:
        return "Answered by the provider, and passed on."
    return f"The provider answered with an error, which was passed on. {_meant(exchange)}".strip()


def _meant(exchange: Exchange) -> str:
    if exchange.status == 401:
        return _KEYS.get(exchange.credential or "none", "")
    return _ANSWERS.get(exchange.status, _SERVER_ERROR if exchange.status >= 500 else "")


def _when(exchange: Exchange) -> str:
    if exchange.first_token_ns is not None:
        return ", in the middle of it"
    return "; the provider had answered nothing yet" if exchange.headers_ns is None else ""


def _refused(exchange: Exchange) -> str:
    error = exchange.error or ""
    whose = (
        "The gateway answered by itself, without asking a provider"
        if exchange.sent_ns is None
        else "The gateway asked the provider and had to answer by itself"
    )
    return f"{whose}: {error}. {_NEXT_STEPS.get(error, '')}".strip()


def changes(exchange: Exchange) -> tuple[str, ...]:
    """What differs between the client's body and the one that was sent; () when nothing does."""
    return tuple(_changes(exchange))


def _changes(exchange: Exchange) -> Iterator[str]:
    if exchange.request_model is None:
        return
    asked, sent = exchange.original_model, exchange.request_model
    if asked is None:
        yield f"model added: {sent}, which the backend names"
    elif asked != sent:
        yield f"model overridden: {asked} became {sent}, which the backend names"
    if exchange.drop_usage:
        yield "stream_options.include_usage: true added, so that tokens can be counted"


def own_time_s(exchange: Exchange) -> float:
    """Seconds that were the gateway's own: all of them, less those of the provider call."""
    return exchange.duration_s - (exchange.provider_s or 0.0)


def own_share(exchange: Exchange) -> float:
    """The same as a part of 1."""
    return own_time_s(exchange) / exchange.duration_s if exchange.ended_ns else 1.0
