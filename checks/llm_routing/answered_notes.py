"""What is worth knowing about a request that a model answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checks.llm_routing.exchange_mistakes import bare_path, strange_roles
from checks.llm_routing.names import PATH, quoted
from checks.verdict import Passed
from labgateway.decisions.exchange import Exchange
from labgateway.memory.observation import Observation


def passed(seen: Observation, exchange: Exchange) -> Passed:
    """The pass, with its evidence."""
    return Passed(
        f"A model answered through `{PATH}`, and the gateway added the key from the Secret",
        tuple(_remarks(seen, exchange)),
        evidence=_evidence(exchange),
    )


def _remarks(seen: Observation, exchange: Exchange) -> Iterator[str]:
    asked, sent, used = exchange.original_model, exchange.request_model, exchange.response_model
    if asked is None:
        yield f"You named no model; your backend pins `{sent}`"
    elif asked != sent:
        yield (
            f"You asked for `{asked}` and `{sent}` was sent: your backend pins it, so this is"
            " no bug"
        )
    if used and sent and not used.startswith(sent):
        stand_in = seen.place.provider != "openai"
        why = (
            "without an OpenAI key the lab's own model stands in"
            if stand_in
            else "the provider chose"
        )
        yield f"`{used}` answered: {why}, and says so"
    if bare_path(exchange).rstrip("/") != PATH:
        yield (
            f"You called {quoted(bare_path(exchange))}: the path only selects the route, and the"
            " gateway sets the provider's own"
        )
    if exchange.client_authorization:
        yield (
            "You sent an Authorization header of your own; the gateway replaced it. Keep real keys"
            " out of notebooks"
        )
    if exchange.stream:
        yield "You asked for a stream: the answer passed through piece by piece"
    if strange_roles(exchange):
        role = quoted(strange_roles(exchange)[0])
        yield f"The role {role} went through here; OpenAI itself would refuse it"


def _evidence(exchange: Exchange) -> dict[str, Any]:
    usage = exchange.usage
    return {
        "status": exchange.status,
        "route": exchange.route,
        "backend": exchange.backend,
        "model asked": exchange.original_model,
        "model sent": exchange.request_model,
        "model used": exchange.response_model,
        "tokens": f"{usage.input_tokens} in, {usage.output_tokens} out",
        "key": "from the Secret",
        "reply": exchange.response_id,
        "trace": exchange.trace_id,
    }
