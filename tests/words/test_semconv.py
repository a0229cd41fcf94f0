"""Names that outsiders know: pinned, and compared with OpenTelemetry's own lists."""

from __future__ import annotations

import pytest
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes
from opentelemetry.semconv.attributes import (
    client_attributes,
    error_attributes,
    http_attributes,
    network_attributes,
    server_attributes,
    url_attributes,
)

from labgateway.words import semconv

STABLE = (
    client_attributes,
    error_attributes,
    http_attributes,
    network_attributes,
    server_attributes,
    url_attributes,
)
OURS = {
    name: value
    for name, value in vars(semconv).items()
    if name.isupper() and isinstance(value, str) and name != "OTHER_METHOD"
}


def known(module: object) -> set[str]:
    """The attribute names of a list of OpenTelemetry's."""
    return {value for name, value in vars(module).items() if name.isupper() and type(value) is str}


def test_names_are_those_of_the_conventions() -> None:
    """GenAI v1.41.1 and HTTP, letter by letter."""
    assert set(OURS.values()) == {
        "gen_ai.operation.name",
        "gen_ai.provider.name",
        "gen_ai.request.model",
        "gen_ai.request.stream",
        "gen_ai.request.",
        "gen_ai.response.model",
        "gen_ai.response.id",
        "gen_ai.response.finish_reasons",
        "gen_ai.response.time_to_first_chunk",
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.output_tokens",
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.reasoning.output_tokens",
        "gen_ai.input.messages",
        "gen_ai.output.messages",
        "error.type",
        "server.address",
        "server.port",
        "client.address",
        "client.port",
        "http.request.method",
        "http.request.method_original",
        "http.route",
        "http.response.status_code",
        "url.full",
        "url.path",
        "url.scheme",
        "network.protocol.version",
    }


@pytest.mark.parametrize("name", sorted(set(OURS.values()) - {"gen_ai.request."}))
def test_opentelemetry_knows_the_name(name: str) -> None:
    """In the list that comes with the SDK; GenAI's are all still in development there."""
    lists = [gen_ai_attributes] if name.startswith("gen_ai.") else STABLE
    assert name in set().union(*map(known, lists))
