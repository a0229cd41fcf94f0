"""What is worth knowing about a step 1 that is done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checks.llm_routing.destination import key_of
from checks.llm_routing.learner_text import was_wrapped
from checks.llm_routing.names import BACKEND, PATH, ROUTE, short
from checks.llm_routing.path import HEADERS
from checks.verdict import Passed
from labgateway.memory.observation import Observation
from labgateway.shapes.agentgateway import AgentgatewayBackend
from labgateway.shapes.gateway_api import HTTPRoute
from labgateway.shapes.resource import Key

_LISTED = 4


def passed(seen: Observation, *, unfilled: bool) -> Passed:
    """The pass, with its evidence; ``unfilled``: the last apply had blanks and changed nothing."""
    route, backends = _in_force(seen)
    names = " and ".join(short(one.key) for one in backends)
    model = pinned_model(seen)
    sent = (
        f"Your backend pins `{model}`: whatever model a client asks for, `{model}` is sent"
        if model
        else "Your backend names no model: the client's model is sent as it is"
    )
    left = (
        "The text you applied last still has a blank and was refused: what you applied before it"
        " is in force"
    )
    return Passed(
        f"A request to `{PATH}` meets {short(route.key)} and leaves through {names}, bound for"
        " OpenAI, with the key from the Secret",
        (*stand_in(seen), sent, *((left,) if unfilled else ()), *_remarks(seen, route, backends)),
        evidence=_evidence(seen, route, backends, model),
    )


def stand_in(seen: Observation) -> tuple[str, ...]:
    """Where requests end up, in truth: without a key nothing leaves the machine."""
    if seen.place.provider == "openai":
        return ()
    own = "simulator" if seen.place.provider == "simulator" else "small model"
    return (f"It gets there once there is an OpenAI key; until then the lab's own {own} answers",)


def pinned_model(seen: Observation) -> str | None:
    """The model that the backend in force puts in place of the client's; for a step done."""
    for backend in _in_force(seen)[1]:
        ai = backend.spec.ai
        if ai and ai.provider and ai.provider.openai and ai.provider.openai.model:
            return ai.provider.openai.model
    return None


def in_force(seen: Observation) -> list[HTTPRoute | AgentgatewayBackend]:
    """The route that takes /openai and its backends; only for a step that is done."""
    route, backends = _in_force(seen)
    return [route, *backends]


def _in_force(seen: Observation) -> tuple[HTTPRoute, list[AgentgatewayBackend]]:
    """The route that takes /openai and the backends it leads to; only for a step that is done."""
    selected = seen.select(PATH, headers=HEADERS)
    assert selected is not None
    route = seen.resources[selected.rule.route]
    assert isinstance(route, HTTPRoute)
    refs = route.spec.rules[selected.rule.index].backend_refs
    found = [seen.resources.get(key_of(route, ref)) for ref in refs if ref.weight]
    return route, [one for one in found if isinstance(one, AgentgatewayBackend)]


def _remarks(
    seen: Observation,
    route: HTTPRoute,
    backends: list[AgentgatewayBackend],
) -> Iterator[str]:
    if was_wrapped(seen):
        yield (
            "The shell around the manifest (first and last line) was left aside: a"
            " `%%kubectl apply -f -` cell takes the YAML alone"
        )
    if route.name != ROUTE.name or BACKEND.name not in {one.name for one in backends}:
        yield (
            "The names differ from the task's, which is fine: what counts is that the reference and"
            " the backend agree"
        )
    selected = seen.select(PATH, headers=HEADERS)
    assert selected is not None
    if selected.match.path.value == f"{PATH}/":
        yield "The slash at the end of the path makes no difference to a PathPrefix"
    if route.spec.hostnames:
        yield f"The route answers for {', '.join(route.spec.hostnames)} only, which your calls use"
    others = [one.key for one in seen.routes_holding(PATH) if one.key != route.key]
    if others:
        yield _second_route(route.key, others)
    rule = route.spec.rules[selected.rule.index]
    if rule.timeouts is None or rule.timeouts.request is None:
        yield "The route sets no timeout, so a request may take as long as it likes"


def _second_route(winner: Key, others: list[Key]) -> str:
    names = ", ".join(short(key) for key in others[:_LISTED])
    return (
        f"{names} would take `{PATH}` too; {short(winner)} wins (the more specific match, else the"
        " older route). Delete what you do not need with `%kubectl delete`"
    )


def _evidence(
    seen: Observation,
    route: HTTPRoute,
    backends: list[AgentgatewayBackend],
    model: str | None,
) -> dict[str, Any]:
    conditions = {}
    for key in (route.key, *(one.key for one in backends)):
        for type_ in ("Accepted", "ResolvedRefs"):
            condition = seen.condition(key, type_)
            if condition is not None:
                conditions[f"{key} {type_}"] = f"{condition['status']} ({condition['reason']})"
    return {**conditions, "model sent": model or "the client's"}
