"""Step 1: a route takes /openai, and its backend leads to OpenAI with the Secret's key."""

from __future__ import annotations

from checks.challenge import Choice, Question, Solution, Step
from checks.llm_routing import pass_notes
from checks.llm_routing.names import GATEWAY
from checks.llm_routing.obstacle import in_the_way
from checks.llm_routing.raised import cell_not_python
from checks.llm_routing.refusal import standing
from checks.llm_routing.schema_mistakes import refused
from checks.verdict import NotReady, Unpassed, Verdict
from labgateway.memory.observation import Observation

SLUG = "llm-routing/1"


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
                right="The route matches, its backend is missing, and the gateway itself answers"
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
                "The Gateway is where traffic comes in, for every provider at once; a key belongs"
                " to one of them.",
            ),
            Choice(
                "AgentgatewayBackend",
                right="The backend says where traffic goes and with which credential.",
            ),
        ),
        right=lambda _seen: "AgentgatewayBackend",
    ),
)

HINTS = (
    (
        "The worked example has the same two resources for `/local`, with the same three labels."
        " Put yours beside it and compare label by label. In `%kubectl describe httproute openai"
        " -n agentgateway-system` the conditions say what the gateway thinks of your route."
    ),
    (
        "Two resources, tied by names. The HTTPRoute says when: its match holds a path, its"
        " backendRef the backend (name, group and kind). The AgentgatewayBackend says where and"
        " with which credential: its secretRef names a Secret of the same namespace. A backend"
        " that names a model replaces the client's; one that names none leaves the choice alone."
    ),
    """Three blanks, and what goes into each:
provider:
  openai: ____        # 1 where: {} when the client names the model, else a block
secretRef:
  name: ____          # 3 credentials: %kubectl get secrets -n agentgateway-system
path:
  type: PathPrefix
  value: ____         # 2 when: what every path begins with
""",
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
