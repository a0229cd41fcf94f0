"""LLM Routing & Observability: the first challenge."""

from checks.challenge import Challenge
from checks.llm_routing import (
    access_log,
    backend_and_route,
    console,
    metrics,
    more_traffic,
    request,
    traces,
)

CHALLENGE = Challenge(
    slug="llm-routing",
    title="LLM Routing & Observability",
    teaser="Route your first LLM request through the gateway and explore metrics and traces.",
    notes=(
        "The core value of an AI gateway: one entry point for all your LLM traffic. Instead of"
        " every agent calling OpenAI with a key of its own, they all go through the gateway:"
        " credentials in one place, metrics and tokens per model, traces from prompt to response,"
        " and one place to add policies later."
    ),
    minutes=50,
    steps=(
        backend_and_route.STEP,
        request.STEP,
        access_log.STEP,
        metrics.STEP,
        traces.STEP,
        console.STEP,
        more_traffic.STEP,
    ),
)
