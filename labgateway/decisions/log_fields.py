"""What each field of the access log says, in one sentence for a person."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# Log name → sentence; as many as ``access_log.LOG_NAMES`` has.
MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "level": "How serious the line is; lines about requests are always info.",
        "time": "When the request came in, in UTC.",
        "scope": "Which part of the gateway writes; request means the access log.",
        "gateway": "The Gateway that took the request, as namespace/name.",
        "listener": "The listener of that Gateway: a port, a protocol and maybe a host name.",
        "route_rule": "The name of the HTTPRoute's rule, when the rule has one.",
        "route": "The HTTPRoute that decided where the request goes.",
        "endpoint": "Host and port of the provider that answered.",
        "src.addr": "Host and port from which the client called.",
        "http.method": "The client's HTTP method.",
        "http.host": "The client's Host header, without the port.",
        "http.path": "The client's path, before the gateway changed it.",
        "http.version": "The version of HTTP that the client speaks.",
        "http.status": "The status that the client got; 499 means that it went away first.",
        "trace.id": "The trace: the same number in log, spans, exemplars and x-trace-id.",
        "span.id": "The gateway's own span in that trace, its root there.",
        "protocol": "llm when the gateway could read a chat completion, else http.",
        "gen_ai.operation.name": "What the model was asked to do.",
        "gen_ai.provider.name": "Which provider's API was spoken.",
        "gen_ai.request.model": "The model that the gateway sent to the provider.",
        "gen_ai.response.model": "The model that the provider says it used.",
        "gen_ai.usage.input_tokens": "Tokens that the model read, as the provider counts.",
        "gen_ai.usage.cache_read.input_tokens": "Of those, the ones that came from its cache.",
        "gen_ai.usage.output_tokens": "Tokens that the model wrote.",
        "gen_ai.usage.reasoning_tokens": "Of those, the ones that it thought with and did not say.",
        "agw.ai.time_to_first_token": "From the request's beginning to the first token; streams.",
        "agw.ai.time_per_output_token": "After it, on average for each output token; streams.",
        "gen_ai.request.temperature": "The client's temperature; 0 is the likeliest word always.",
        "gen_ai.request.top_p": "The client's top_p: how much of the likely words is considered.",
        "gen_ai.request.frequency_penalty": "The client's penalty on words that came often.",
        "gen_ai.request.presence_penalty": "The client's penalty on words that came at all.",
        "gen_ai.request.max_tokens": "The most output tokens that the client allows.",
        "gen_ai.request.seed": "The client's seed, for the same dice each time.",
        "error": "What went wrong, in the words that the gateway answers with.",
        "reason": "Which kind of trouble; left out when the provider's answer was passed on.",
        "duration": "From the request's first byte to the last byte of the response.",
        "labgateway.original_model": "The model that the client asked for; the lab's own field.",
        "request.body": "What the client sent; only while bodies are kept.",
        "response.body": "What the provider answered; only while bodies are kept.",
    }
)
