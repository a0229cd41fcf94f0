"""A request in words: each way to end has its own, and they say whose fault it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labgateway.decisions.exchange import Exchange
from labgateway.decisions.request_story import changes, outcome, own_share, own_time_s
from tests.decisions.exchanged import ANSWERED, REFUSED, STREAMED

CALLED = replace(
    ANSWERED,
    sent_ns=2_000_000,
    headers_ns=700_000_000,
    received_ns=841_000_000,
    credential="secret",
)
LEFT = replace(CALLED, status=499, reason="Internal", error="client closed", received_ns=None)


@pytest.mark.parametrize(
    ("exchange", "said"),
    [
        (CALLED, "Answered by the provider, and passed on."),
        (REFUSED, "The gateway answered by itself, without asking a provider: route not found."),
        (replace(CALLED, status=401), "refuses the key in the Secret"),
        (replace(CALLED, status=401, credential="client"), "refuses the client's own key"),
        (replace(CALLED, status=401, credential="none"), "It got no key"),
        (replace(CALLED, status=429), "rate limit was reached"),
        (replace(CALLED, status=503), "The provider itself failed."),
        (replace(CALLED, status=418), "answered with an error, which was passed on."),
        (
            replace(CALLED, status=504, reason="Timeout", error="request timeout"),
            "The gateway asked the provider and had to answer by itself: request timeout.",
        ),
        (
            replace(STREAMED, error="upstream call failed: gone", reason="UpstreamFailure"),
            "The answer was broken off: upstream call failed: gone. The client has its beginning",
        ),
        (LEFT, "The client went away before it had all of the answer."),
        (replace(LEFT, headers_ns=None), "the provider had answered nothing yet"),
        (replace(LEFT, first_token_ns=9), "in the middle of it"),
    ],
)
def test_each_end_has_its_words(exchange: Exchange, said: str) -> None:
    """Who answered, and what to look at."""
    assert said in outcome(exchange)


def test_what_was_changed_in_the_body_is_named() -> None:
    """The model, and the usage that a stream was asked for; nothing when nothing was sent."""
    assert changes(CALLED) == ()
    assert changes(replace(CALLED, request_model="gpt-4o", drop_usage=True)) == (
        "model overridden: gpt-4o-mini became gpt-4o, which the backend names",
        "stream_options.include_usage: true added, so that tokens can be counted",
    )
    assert changes(replace(CALLED, original_model=None)) == (
        "model added: gpt-4o-mini, which the backend names",
    )
    assert changes(REFUSED) == ()


def test_the_gateways_own_time_is_what_the_provider_call_leaves() -> None:
    """All of it when no provider was called; a request that took no time has no parts."""
    assert own_time_s(CALLED) == pytest.approx(0.003)
    assert own_share(CALLED) == pytest.approx(3 / 842)
    assert own_share(REFUSED) == 1
    assert own_share(replace(REFUSED, ended_ns=0)) == 1
