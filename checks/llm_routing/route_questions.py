"""The questions of step 1."""

from __future__ import annotations

from checks.challenge import Choice, Question
from checks.llm_routing import pass_notes
from checks.llm_routing.exchange_mistakes import goes_to_openai
from checks.llm_routing.names import PATH
from checks.llm_routing.path import HEADERS
from checks.llm_routing.predicted import compared_with, told_by, tried_out
from labgateway.decisions.exchange import Exchange
from labgateway.memory.observation import Observation

MODEL = "1.model"
MINI = "gpt-4o-mini"  # what the notebook's request asks for


def _of_then(seen: Observation) -> str:
    """Which request 1.model is compared with, and whether the backend is another by now."""
    asked = _asked_for_mini(seen)
    found = compared_with(seen, MODEL, asked)
    told = told_by(seen, MODEL, asked, f"for `{MINI}`")
    then = f"{told}, with the backend you had applied then"
    now = _sent_now(seen)
    return f"{then}; by now it sends `{now}`" if found and now != found.request_model else then


def _status_met(seen: Observation) -> int | None:
    """What a request met while the backend was missing; None before there was one."""
    met = [
        one.status
        for one in tried_out(seen, "1.predict")
        if goes_to_openai(one) and one.error == "service not found"
    ]
    return met[-1] if met else None


def _model_sent(seen: Observation) -> str | None:
    """The choice of 1.model that a request for gpt-4o-mini shows to be right.

    None until there is one, and when one came before the prediction, by another repair.
    """
    found = compared_with(seen, MODEL, _asked_for_mini(seen))
    if found is None:
        return None
    sent = found.request_model
    if found.started <= seen.answers[MODEL].at and sent != _sent_now(seen):
        return None
    return sent if sent in {"gpt-4o", MINI} else "another"


def _sent_now(seen: Observation) -> str | None:
    """Which model a request for gpt-4o-mini would be sent to; None when it would not be sent."""
    met = seen.select(PATH, headers=HEADERS)
    return (pass_notes.pinned_model(seen) or MINI) if met is not None else None


def _asked_for_mini(seen: Observation) -> list[Exchange]:
    asked = [one for one in tried_out(seen, MODEL) if goes_to_openai(one)]
    return [one for one in asked if one.original_model == MINI and one.request_model]


QUESTIONS = (
    Question(
        "1.predict",
        "If only the first document of the published manifest is valid, what will a request to"
        " /openai answer?",
        (
            Choice(
                404,
                "404 means that no route matched. Here the route was applied; what it points to was"
                " not.",
            ),
            Choice(
                500,
                right="The route matches, its backend is missing, and the gateway itself answers"
                " `service not found`.",
            ),
            Choice(
                200,
                "An answer needs somewhere to come from: a route alone says when, not where, and"
                " kubectl applies each document on its own.",
            ),
        ),
        right=_status_met,
        until="Now apply the published text and send the request; the check compares the two",
        prediction=True,
        compared=lambda _seen: "your request to `/openai` whose route had no backend",
    ),
    Question(
        MODEL,
        "Your backend is applied and a client asks for gpt-4o-mini: which model is the request"
        " sent to?",
        (
            Choice(
                "gpt-4o",
                "A backend replaces the client's model only when it names one; look whether yours"
                " has a `model`, and which.",
                "Your backend names that model, and a model in the backend replaces the client's.",
            ),
            Choice(
                "gpt-4o-mini",
                "The client's wish counts only while the backend names no other model; look at"
                " what stands under `openai` in yours.",
                "Your backend does not ask for another model, so the client's choice goes through"
                " as it is.",
            ),
            Choice(
                "another",
                "A third model is sent only when the backend names one that is neither of the two.",
                "Your backend names a model that is neither of the two, and it replaces the"
                " client's.",
                also=("other",),
            ),
        ),
        right=_model_sent,
        until="Now send the question through your repaired pair; the check compares the two",
        prediction=True,
        compared=_of_then,
    ),
    Question(
        "1.credential",
        "Which resource refers to the Secret with the API key?",
        (
            Choice(
                "HTTPRoute",
                "The route decides when a request goes somewhere; look for the resource with"
                " `secretRef` in it.",
                also=("route",),
            ),
            Choice(
                "Gateway",
                "The Gateway is where traffic comes in, for every provider at once; a key belongs"
                " to one of them.",
            ),
            Choice(
                "AgentgatewayBackend",
                right="The backend says where traffic goes and with which credential.",
                also=("backend",),
            ),
        ),
        right=lambda _seen: "AgentgatewayBackend",
    ),
)
