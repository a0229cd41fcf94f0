"""Step 1: a route takes /openai, and its backend leads to OpenAI with the Secret's key."""

from __future__ import annotations

from checks.challenge import BLANK, Choice, Question, Solution, Step
from checks.llm_routing import pass_notes
from checks.llm_routing.attachment import own_routes, unattached
from checks.llm_routing.backend import own_backends, unusable
from checks.llm_routing.destination import key_of, lost
from checks.llm_routing.learner_text import line_of
from checks.llm_routing.names import GATEWAY, LONGER_PATH, PATH, short
from checks.llm_routing.path import HEADERS, out_of_reach, reached, too_broad
from checks.llm_routing.raised import cell_not_python
from checks.llm_routing.refusal import standing
from checks.llm_routing.schema_mistakes import refused
from checks.verdict import NotReady, NotRight, NotYet, Passed, Unpassed, Verdict
from labgateway.memory.observation import Observation
from labgateway.shapes.agentgateway import AgentgatewayBackend
from labgateway.shapes.gateway_api import HTTPRoute, RouteRule, duration_s
from labgateway.shapes.resource import Resource

SLUG = "llm-routing/1"
_SHORTEST_S = 1.0  # no model answers sooner


def check(seen: Observation) -> Verdict:
    """Judge what requests to /openai meet now; the first trouble only.

    An apply that failed comes before the state it left behind, unless that state does what the
    step asks: then it is mentioned.
    """
    trouble = _unready(seen)
    if trouble is not None:
        return trouble
    refusal = standing(seen, seen.reset_at.get(SLUG, 0.0))
    trouble = in_the_way(seen)
    if trouble is None:
        return pass_notes.passed(seen, refusal)
    if refusal is not None:
        return refused(refusal)
    return cell_not_python(seen) or trouble


def in_the_way(seen: Observation) -> Unpassed | None:
    """The first thing that keeps a request to /openai from reaching OpenAI; None when nothing does."""
    return (
        _missing(seen) or _blank(seen) or _unreached(seen) or too_broad(seen) or _leads_astray(seen)
    )


def _unready(seen: Observation) -> Unpassed | None:
    programmed = seen.condition(GATEWAY, "Programmed")
    if programmed is not None and programmed["status"] == "True":
        return None
    lacks = "is not programmed" if programmed else "does not exist"
    return NotReady(
        f"Gateway `{GATEWAY.name}` in `{GATEWAY.namespace}` {lacks}, so nothing listens",
        next_step="It comes with a new lab: apply a Gateway of class `agentgateway` again, with a"
        " listener `http` on port 8080 that takes routes from all namespaces",
    )


def _missing(seen: Observation) -> Unpassed | None:
    routes, backends = own_routes(seen), own_backends(seen)
    if (routes and backends) or _takes_openai(seen):
        return None
    if not routes and not backends:
        return NotYet(
            "Found: HTTPRoute ✗, AgentgatewayBackend ✗",
            "",
            "The route says when, the backend says where and with which credential.",
            "Fill in the task's cell, run it (Shift+Enter), then check",
        )
    missing, says = ("AgentgatewayBackend", "where") if routes else ("HTTPRoute", "when")
    merged = _one_document(seen)
    if merged is not None:
        return merged
    marks = f"HTTPRoute {'✓' if routes else '✗'}, AgentgatewayBackend {'✓' if backends else '✗'}"
    return NotYet(
        f"Found: {marks}",
        "",
        f"The {missing} is the half that says {says}.",
        f"Apply the {missing} too; if it is in your cell already, run the cell again",
    )


def _one_document(seen: Observation) -> NotRight | None:
    """Both resources in one text without ``---``: the second one's fields replace the first's."""
    last = seen.attempts[-1] if seen.attempts else None
    if last is None or len(last.documents) != 1:
        return None
    kinds = [n for n, line in enumerate(last.text.splitlines(), 1) if line.startswith("kind:")]
    if len(kinds) < 2:
        return None
    return NotRight(
        f"Your text has two resources in one document: `kind` stands on lines {kinds[0]} and {kinds[1]}",
        "",
        "Of a field given twice only the last counts, so one of the two is lost.",
        "Put a line `---` between them",
    )


def _takes_openai(seen: Observation) -> bool:
    selected = seen.select(PATH, headers=HEADERS)
    return selected is not None and all(one.backend for one in selected.rule.destinations)


def _blank(seen: Observation) -> NotYet | None:
    for resource in (*own_routes(seen), *own_backends(seen)):
        if BLANK in resource.model_dump_json():
            return NotYet(
                f"{short(resource.key)} still has a blank `{BLANK}`",
                _blank_line(seen, resource),
                "",
                "Replace it, run the cell again, then check",
            )
    return None


def _blank_line(seen: Observation, resource: Resource) -> str:
    fields = ("name", "value", "model", "group", "kind")
    lines = (line_of(seen, resource.key, field, BLANK) for field in fields)
    return next((line for line in lines if line), "")


def _unreached(seen: Observation) -> Unpassed | None:
    if reached(seen, PATH) and reached(seen, LONGER_PATH):
        return None
    routes = own_routes(seen)
    if not routes:
        return None
    return unattached(seen, routes[0]) or out_of_reach(seen, routes[0])


def _leads_astray(seen: Observation) -> Unpassed | None:
    for path in (PATH, LONGER_PATH):
        selected = seen.select(path, headers=HEADERS)
        if selected is None:
            continue
        route = seen.resources[selected.rule.route]
        assert isinstance(route, HTTPRoute)
        trouble = _rule_trouble(seen, route, route.spec.rules[selected.rule.index])
        if trouble is not None:
            return trouble
    return None


def _rule_trouble(seen: Observation, route: HTTPRoute, rule: RouteRule) -> Unpassed | None:
    trouble = lost(seen, route, rule.backend_refs)
    if trouble is not None:
        return trouble
    for ref in rule.backend_refs:
        backend = seen.resources.get(key_of(route, ref))
        if ref.weight and isinstance(backend, AgentgatewayBackend):
            trouble = unusable(seen, backend)
            if trouble is not None:
                return trouble
    return _hasty(seen, route, rule)


def _hasty(seen: Observation, route: HTTPRoute, rule: RouteRule) -> NotRight | None:
    request = rule.timeouts.request if rule.timeouts else None
    if request is None or not 0 < duration_s(request) < _SHORTEST_S:
        return None
    return NotRight(
        f"{short(route.key)} gives a request {request} in all",
        line_of(seen, route.key, "request"),
        "No model answers that fast, so every request would end in 504 `request timeout`.",
        "Look at the unit",
    )


def model_answering(seen: Observation) -> str | None:
    """The choice of 1.model that holds for the backend in force; None while there is none."""
    if in_the_way(seen) is not None:
        return None
    model = pass_notes.pinned_model(seen) or "gpt-4o-mini"
    return model if model in {"gpt-4o", "gpt-4o-mini"} else "another"


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
                "The route matches, its backend is missing, and the gateway itself answers"
                " `service not found`.",
            ),
            Choice(
                200,
                "An answer needs somewhere to come from: a route alone says when, not where, and"
                " kubectl applies each document on its own.",
            ),
        ),
        right=lambda _seen: 500,
    ),
    Question(
        "1.model",
        "Your backend is applied and a client asks for gpt-4o-mini: which model is the request"
        " sent to?",
        (
            Choice(
                "gpt-4o",
                "A backend replaces the client's model only when it names one; look for `model` in"
                " yours, and at where it is gpt-4o.",
            ),
            Choice(
                "gpt-4o-mini",
                "The client's wish counts only while the backend names no model; look at what stands"
                " under `openai` in yours.",
            ),
            Choice(
                "another",
                "A third model is sent only when the backend names one that is neither of the two.",
            ),
        ),
        right=model_answering,
        until="It is judged against your own backend: apply the repaired one, then answer again",
    ),
    Question(
        "1.credential",
        "Which resource refers to the Secret with the API key?",
        (
            Choice(
                "HTTPRoute",
                "The route decides when a request goes somewhere; look for the resource with"
                " `secretRef` in it.",
            ),
            Choice(
                "Gateway",
                "The Gateway is where traffic comes in, for every provider at once; a key belongs to"
                " one of them.",
            ),
            Choice(
                "AgentgatewayBackend",
                "The backend says where traffic goes and with which credential.",
            ),
        ),
        right=lambda _seen: "AgentgatewayBackend",
    ),
)

HINTS = (
    "The worked example above has the same two resources for `/local`, each line labelled where,"
    " when or credentials. Put yours beside it and compare level by level. `%kubectl describe"
    " httproute openai -n agentgateway-system` shows in its conditions what the gateway thinks.",
    "Two resources, tied together by names. The HTTPRoute says when: its parentRef names the Gateway,"
    " its match the path, its backendRef the backend (name, group and kind). The AgentgatewayBackend"
    " says where and with which credential: its secretRef names a Secret in the same namespace.",
    "Three places to fill:\n"
    "    backendRefs:\n      - name: ____      # the backend's metadata.name\n"
    "    provider:\n      openai: ____      # {} for the client's model, or a block that names one\n"
    "    auth:\n      secretRef:\n        name: ____    # %kubectl get secrets -n agentgateway-system",
)

MANIFESTS = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: openai
  namespace: agentgateway-system
spec:
  parentRefs:
    - name: agentgateway
      namespace: agentgateway-system
  rules:
    - matches:
        - path:
            type: PathPrefix
            value: /openai
      backendRefs:
        - name: openai-all-models
          group: agentgateway.dev
          kind: AgentgatewayBackend
      timeouts:
        request: "120s"
---
apiVersion: agentgateway.dev/v1alpha1
kind: AgentgatewayBackend
metadata:
  name: openai-all-models
  namespace: agentgateway-system
spec:
  ai:
    provider:
      openai:
        model: gpt-4o
  policies:
    auth:
      secretRef:
        name: openai-secret
"""

STEP = Step(
    1,
    "backend-and-route",
    "Create the OpenAI backend and route",
    HINTS,
    Solution(
        "The other repair is `openai: {}`. Which of the two would you choose for the name"
        " openai-all-models, and what changes for a client that asks for gpt-4o-mini?",
        manifests=MANIFESTS,
    ),
    check,
    QUESTIONS,
)
