"""Which metrics an exchange moves, and by how much."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labgateway.decisions.chat import UNKNOWN_USAGE, Usage
from labgateway.decisions.exchange import Exchange
from labgateway.decisions.metric_families import (
    FAMILIES,
    SAMPLE_NAMES,
    Moved,
    moved_by,
    refuse_unknown_sample,
)
from labgateway.words.errors import LabError
from tests.decisions.exchanged import ANSWERED, REFUSED, STREAMED

LABELS = {one.name: one.labels for one in FAMILIES}
ROUTE = (
    "8080/agentgateway-system/agentgateway",
    "agentgateway-system/agentgateway",
    "http",
    "agentgateway-system/openai",
    "unknown",
)
REQUEST = ("agentgateway-system/openai-all-models", "llm", "POST", "200", "Upstream", *ROUTE)
GEN_AI = ("chat", "openai", "gpt-4o-mini", "gpt-4o-mini-2024-07-18", *ROUTE)


def amounts(exchange: Exchange) -> dict[str, float]:
    """What moved, by the family's name without the prefix; tokens by their type."""
    found = {}
    for family, labels, amount in moved_by(exchange):
        name = family.removeprefix("agentgateway_")
        found[labels[0] if name == "gen_ai_client_token_usage" else name] = amount
    return found


def test_labels_stand_in_agentgateways_order() -> None:
    """As telemetry/metrics.rs of v1.4.1 writes them; what it does not have is named ours."""
    route = ("bind", "gateway", "listener", "route", "route_rule")
    request = ("backend", "protocol", "method", "status", "reason", *route)
    gen_ai = (
        "gen_ai_operation_name",
        "gen_ai_system",
        "gen_ai_request_model",
        "gen_ai_response_model",
        *route,
    )
    connection = ("bind", "gateway", "listener", "protocol")
    expected = {
        "agentgateway_build_info": ("tag",),
        "agentgateway_requests_total": request,
        "agentgateway_request_duration_seconds": request,
        "agentgateway_response_bytes_total": request,
        "agentgateway_gen_ai_client_token_usage": ("gen_ai_token_type", *gen_ai),
        "agentgateway_gen_ai_server_request_duration": gen_ai,
        "agentgateway_gen_ai_server_time_to_first_token": gen_ai,
        "agentgateway_gen_ai_server_time_per_output_token": gen_ai,
        "agentgateway_downstream_connections_total": connection,
        "agentgateway_downstream_received_bytes_total": connection,
        "agentgateway_downstream_sent_bytes_total": connection,
        "labgateway_lost_spans_total": ("reason",),
        "labgateway_lost_samples_total": (),
    }

    assert expected == LABELS


def test_buckets_are_agentgateways() -> None:
    """Powers of 4 for tokens, doubled hundredths of a second for requests, and two lists."""
    buckets = {one.name.removeprefix("agentgateway_"): one.buckets for one in FAMILIES}
    tokens = buckets["gen_ai_client_token_usage"]
    duration = buckets["gen_ai_server_request_duration"]

    assert (tokens[:4], tokens[-1], len(tokens)) == ((1, 4, 16, 64), 67108864, 14)
    assert (duration[:3], duration[-1], len(duration)) == ((0.01, 0.02, 0.04), 81.92, 14)
    assert buckets["request_duration_seconds"][-4:] == (5, 10, 30, 80)
    assert len(buckets["gen_ai_server_time_to_first_token"]) == 16
    assert buckets["gen_ai_server_time_per_output_token"][:3] == (0.001, 0.01, 0.025)


def test_an_answer_moves_requests_tokens_and_durations() -> None:
    """Label values come in the order of the family's labels."""
    assert moved_by(ANSWERED) == (
        Moved("agentgateway_requests_total", REQUEST, 1),
        Moved("agentgateway_request_duration_seconds", REQUEST, 0.842),
        Moved("agentgateway_response_bytes_total", REQUEST, 420),
        Moved("agentgateway_gen_ai_client_token_usage", ("input", *GEN_AI), 12),
        Moved("agentgateway_gen_ai_client_token_usage", ("output", *GEN_AI), 34),
        Moved("agentgateway_gen_ai_client_token_usage", ("input_cache_read", *GEN_AI), 5),
        Moved("agentgateway_gen_ai_server_request_duration", GEN_AI, 0.842),
    )


def test_a_stream_moves_two_times_more() -> None:
    """The time to the first token, and (end - first token) / output tokens."""
    more = set(amounts(STREAMED)) - set(amounts(ANSWERED))

    assert more == {"gen_ai_server_time_to_first_token", "gen_ai_server_time_per_output_token"}
    assert amounts(STREAMED)["gen_ai_server_time_to_first_token"] == 0.162
    assert amounts(STREAMED)["gen_ai_server_time_per_output_token"] == pytest.approx(0.68 / 34)


def test_a_request_without_a_route_moves_no_tokens() -> None:
    """Only the request families know of it; what is missing is called unknown."""
    unknown = ("unknown", "http", "POST", "404", "NotFound", ROUTE[0], *["unknown"] * 4)

    assert moved_by(REFUSED) == (
        Moved("agentgateway_requests_total", unknown, 1),
        Moved("agentgateway_request_duration_seconds", unknown, 0.0014),
    )


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"status": 429}, id="the provider refused"),
        pytest.param(
            {"status": 504, "reason": "Timeout", "error": "request timeout"}, id="timed out"
        ),
        pytest.param({"status": 200, "error": "stream stalled"}, id="a stream broke off"),
    ],
)
def test_what_failed_has_no_generation_times(changes: dict[str, object]) -> None:
    """The gen_ai families know successful responses only; no token is invented."""
    failed = replace(STREAMED, usage=UNKNOWN_USAGE, **changes)  # type: ignore[arg-type]

    assert not [name for name, *_ in moved_by(failed) if "gen_ai" in name]


def test_tokens_of_a_stream_that_was_left_count_when_they_were_said() -> None:
    """A client that goes after the usage was sent has used it; the times are not measured."""
    left = replace(STREAMED, status=499, reason="Internal", error="client went away")

    assert {name for name in amounts(left) if not name.startswith(("req", "resp"))} == {
        "input",
        "output",
        "input_cache_read",
    }


def test_unknown_tokens_are_not_observed_and_zero_is() -> None:
    """A provider that says nothing is not a provider that says 0."""
    assert "output" not in amounts(replace(ANSWERED, usage=Usage(3, None)))
    assert amounts(replace(ANSWERED, usage=Usage(3, 0)))["output"] == 0


def test_methods_come_from_a_list() -> None:
    """A client cannot make up label values with its method."""
    strange = moved_by(replace(ANSWERED, method="BREW"))[0]

    assert strange.labels[2] == "_OTHER"


def test_a_misspelt_sample_is_answered_with_the_right_one() -> None:
    """The error names the nearest sample; every right name passes."""
    for name in SAMPLE_NAMES:
        refuse_unknown_sample(name)
    with pytest.raises(LabError, match="did you mean 'agentgateway_requests_total'"):
        refuse_unknown_sample("agentgateway_request_total")
