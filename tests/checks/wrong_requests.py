"""Wrong answers to step 2, as data: what a learner does after step 1, and what the check says.

Numbers as in ``wrong_manifests``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tests.checks.learner import Learner
from tests.checks.texts import BACKEND, LOCAL, PINNED, ROUTE, UNPINNED

Act = Callable[[Learner], object]
BODY = "failed to process LLM request: "
READ = f"{BODY}failed to parse request: "


class Wrong(NamedTuple):
    """``acts`` follow on ``text`` being applied; ``says`` must be in the message."""

    id: str
    acts: tuple[Act, ...]
    says: tuple[str, ...]
    outcome: str = "not_right"
    text: str = UNPINNED


def sent(path: str = "/openai", status: int = 200, **facts: object) -> Act:
    """A request was sent."""
    return lambda learner: learner.send(path, status, **facts)


def raised(type_: str, message: str, code: str = "") -> Act:
    """A cell ended in an exception."""
    return lambda learner: learner.cell_raised(type_, message, code)


def by_status(id_: str, status: int, error: str | None, *says: str, **facts: object) -> Wrong:
    """The gateway itself answered with a status and a text."""
    return Wrong(id_, (sent("/openai", status, error=error, **facts),), says)


def in_code(id_: str, type_: str, message: str, *says: str, code: str = "") -> Wrong:
    """Nothing arrived, because the learner's code raised."""
    return Wrong(id_, (raised(type_, message, code),), says, "raised")


NO_ROUTE = sent("/openai", 404, error="route not found")
NO_BACKEND = sent("/openai", 500, error="service not found", request_model=None, reason="NotFound")

STATUSES = (
    Wrong(
        "2.1",
        (NO_ROUTE,),
        ("404 `route not found`", "gateway itself", "Finish step 1", "HTTPRoute ✗"),
        text="",
    ),
    Wrong(
        "2.1b",
        (NO_ROUTE,),
        ("Finish step 1", "no `parentRefs`"),
        text=UNPINNED.replace(
            "  parentRefs:\n    - name: agentgateway\n      namespace: agentgateway-system\n", ""
        ),
    ),
    Wrong("2.1c", (NO_ROUTE,), ("By now step 1 is in order", "once more")),
    Wrong(
        "2.2",
        (sent("/openai", 500, error="service not found"),),
        ("500 `service not found`", "Finish step 1", "AgentgatewayBackend ✗"),
        text=ROUTE,
    ),
    Wrong(
        "2.2b",
        (sent("/openai", 500, error="backend does not exist"),),
        ("500", "`openai-secrets`"),
        text=UNPINNED.replace("openai-secret\n", "openai-secrets\n"),
    ),
    Wrong(
        "2.3", (sent("/openai/", 404, error="route not found"),), ("Finish step 1",), text=BACKEND
    ),
    Wrong(
        "2.7",
        (sent("/v1/chat/completions", 404, error="route not found"),),
        ("404 `route not found`", "`/v1/chat/completions`", "`/openai`"),
    ),
    Wrong("2.7b", (sent("/chat/completions", 404, error="route not found"),), ("route's path",)),
    Wrong(
        "2.7c", (sent("/OpenAI", 404, error="route not found"),), ("`/OpenAI`", "letter by letter")
    ),
    Wrong(
        "2.7d",
        (sent("/openaix", 404, error="route not found"),),
        ("`/openaix`", "letter by letter"),
    ),
    Wrong("2.7l", (sent("/model", 404, error="route not found"),), ("Correct the path",)),
    Wrong("2.7e", (sent("/", 404, error="route not found"),), ("`/`", "route's path")),
    Wrong("2.7f", (sent("/____", 404, error="route not found"),), ("`/____`",), "not_yet"),
    Wrong(
        "2.7h",
        (sent(original_model="____", request_model="____"),),
        ("still has a blank", "its model is `____`"),
        "not_yet",
    ),
    Wrong(
        "2.7i",
        (sent(original_model="____", request_model="gpt-4o"),),
        ("its model is `____`",),
        "not_yet",
        PINNED,
    ),
    Wrong("2.7j", (sent(status=400, roles=("____",)),), ("its role is `____`",), "not_yet"),
    Wrong(
        "2.7k",
        (sent("/openai", 404, error="route not found", host="api.openai.com"),),
        ("host `api.openai.com`", "`Host` header"),
    ),
    Wrong("2.7g", (sent("/chat", 200),), ("another way", "`/chat`")),
    by_status("2.9", 400, f"{READ}the body is empty", "GET", "POST", method="GET"),
    by_status("2.9b", 405, "method not allowed", "PUT", method="PUT"),
    by_status(
        "2.10",
        415,
        f"{BODY}expected content-type application/json, got no content-type header",
        "415",
        "content-type",
        "`json=`",
    ),
    by_status(
        "2.11",
        400,
        f"{READ}missing field `messages`",
        "`messages`",
        "you sent `message`",
        fields=("model", "message"),
    ),
    by_status(
        "2.11b",
        400,
        f"{READ}missing field `messages`",
        "no field `messages`",
        "Add it",
        fields=("model",),
    ),
    by_status("2.11c", 400, f"{READ}missing field `messages`", "no field `messages`", fields=()),
    by_status(
        "2.12",
        400,
        f"{READ}the body is not JSON (Expecting property name at line 1 column 2)",
        "not JSON",
        "double quotes",
    ),
    by_status("2.12b", 400, f"{READ}the body is empty", "no body", "`json=`"),
    by_status("2.12c", 400, f"{READ}the body is not a JSON object", "instead of an object"),
    by_status("2.12d", 400, f"{READ}`messages` is not an array", "`messages` is not a list"),
    by_status("2.12e", 400, f"{READ}`model` is not a string", "`model` is not text"),
    Wrong("2.13", (sent("/openai", 400, roles=("human",)),), ("role `human`", "user", "400")),
    Wrong("2.13b", (sent("/openai", 400, roles=("",)),), ("no `role`", "worked example")),
    by_status(
        "2.12f",
        400,
        f"{READ}duplicate field `model`",
        "duplicate",
        "Correct that part",
    ),
    by_status("2.14", 400, f"{BODY}model not specified", "model not specified", "Name a model"),
    Wrong("2.15", (sent("/openai", 404, response_model=None),), ("404 from the provider", "model")),
    Wrong("2.15b", (sent("/openai", 400),), ("400: the provider",)),
    Wrong("2.18", (sent("/openai", 401, credential="none"),), ("no key",)),
    Wrong("2.18b", (sent("/openai", 200, credential="client"),), ("your own key",)),
    Wrong("2.18c", (sent("/openai", 401),), ("401", "does not accept the key")),
    by_status("2.21", 504, "request timeout", "504", "`request timeout`", "timeouts"),
    by_status("2.21b", 503, "upstream call failed: api.openai.com:443: refused", "503", "provider"),
    by_status("2.21c", 502, "failed to process LLM response: the body is not JSON", "502"),
    by_status("2.21d", 499, "client went away", "went away", "`timeout=`"),
    by_status("2.21e", 413, f"{BODY}body exceeds the limit of 33554432 bytes", "413"),
    by_status("2.21f", 403, "authorization failed", "403", "web page"),
    by_status("2.21g", 400, "bad request: expected one Host header, got 2", "Host header"),
    Wrong("2.21h", (sent("/openai", 429),), ("429", "credit")),
    Wrong("2.21i", (sent("/openai", 500),), ("500",)),
    Wrong(
        "2.21j", (sent("/openai", 200, error="upstream call timeout", stream=True),), ("broke off",)
    ),
)

NOTHING = (
    Wrong("2.5", (), ("seen no request", "straight from a provider", "`/openai`"), "not_yet"),
    Wrong("2.5b", (), ("Step 2 needs the route", "HTTPRoute ✗", "`skip_to(2)`"), "not_yet", ""),
    Wrong("2.5c", (sent("/local"),), ("to `/local`, and none to `/openai`",), "not_yet"),
    Wrong(
        "2.5d",
        (sent("/favicon.ico", 404, error="route not found"),),
        ("seen no request",),
        "not_yet",
    ),
    Wrong("2.5e", (sent("/local"),), ("Step 2 needs the route",), "not_yet", LOCAL),
)
