"""The questions of step 1."""

from __future__ import annotations

from checks.challenge import Choice, Question
from checks.llm_routing import pass_notes
from checks.llm_routing.exchange_mistakes import goes_to_openai
from checks.llm_routing.names import PATH
from checks.llm_routing.path import HEADERS
from checks.llm_routing.predicted import tried_out
from labgateway.decisions.exchange import Exchange
from labgateway.memory.observation import Observation

MINI = "gpt-4o-mini"  # what the notebook's request asks for


def _of_then(seen: Observation) -> str:
    """Which request 1.model was compared with, and whether the backend is another by now."""
    asked = _asked_for_mini(seen)
    then = asked[0].request_model if asked else None
    now = seen.select(PATH, headers=HEADERS) and pass_notes.pinned_model(seen)
    told = f"your first request for `{MINI}` after it, with the backend you had applied then"
    return f"{told}; by now it names `{now}`" if now and now != then else told


def _status_met(seen: Observation) -> int | None:
    """What a request met while the backend was missing; None before there was one."""
    met = [
        one.status
        for one in tried_out(seen, "1.predict")
        if goes_to_openai(one) and one.error == "service not found"
    ]
    return met[-1] if met else None


def _model_sent(seen: Observation) -> str | None:
    """The choice of 1.model that the first request for gpt-4o-mini shows to be right.

    Later ones may have met the other repair.
    """
    sent = [one.request_model for one in _asked_for_mini(seen)]
    if not sent:
        return None
    return sent[0] if sent[0] in {"gpt-4o", MINI} else "another"


def _asked_for_mini(seen: Observation) -> list[Exchange]:
    asked = [one for one in tried_out(seen, "1.model") if goes_to_openai(one)]
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
        "1.model",
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
