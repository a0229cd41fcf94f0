"""Step 1: a route takes /openai, and its backend leads to OpenAI with the Secret's key."""

from __future__ import annotations

import dataclasses

from checks.challenge import Solution, Step
from checks.llm_routing import pass_notes
from checks.llm_routing.names import GATEWAY, short
from checks.llm_routing.obstacle import in_the_way
from checks.llm_routing.raised import cell_not_python
from checks.llm_routing.refusal import applied_since, standing
from checks.llm_routing.route_questions import QUESTIONS
from checks.llm_routing.schema_mistakes import is_unfilled, refused
from checks.verdict import NotReady, NotYet, Unpassed, Verdict
from labgateway.memory.observation import Observation

SLUG = "llm-routing/1"


def check(seen: Observation) -> Verdict:
    """Judge what requests to /openai meet now; the first trouble only.

    An apply that failed comes before the state it left behind, whatever that state does: nobody
    should go on in the belief that a manifest works which was refused. Nobody believes that of a
    text whose blanks were left as they are, so such a text takes nothing away from what is right.
    """
    trouble = _unready(seen)
    if trouble is not None:
        return trouble
    since = seen.reset_at.get(SLUG, 0.0)
    refusal = standing(seen, since)
    trouble = in_the_way(seen)
    unfilled = refusal is not None and trouble is None and is_unfilled(refusal)
    if refusal is not None and not unfilled:
        return refused(refusal) if trouble else _still_in_force(refused(refusal))
    if trouble is not None:
        return cell_not_python(seen) or trouble
    return _from_before(seen, since) or pass_notes.passed(seen, unfilled=unfilled)


def _still_in_force(said: Unpassed) -> Unpassed:
    """The verdict on a refusal that took nothing away."""
    still = "What you applied before it is still in force."
    return dataclasses.replace(said, why=f"{said.why} {still}".strip())


def _from_before(seen: Observation, since: float) -> NotYet | None:
    """What is in force was applied before the step began again."""
    older = [one for one in pass_notes.in_force(seen) if not applied_since(seen, one, since)]
    if not older:
        return None
    return NotYet(
        f"{' and '.join(short(one.key) for one in older)} {'is' if len(older) == 1 else 'are'} from"
        " before you began the step again",
        "",
        "What is in force stays in force, so a request would still meet it.",
        "Apply your manifests again; `%kubectl delete` first, to begin with nothing",
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
