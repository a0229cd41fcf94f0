"""The questions of step 2."""

from __future__ import annotations

from checks.challenge import Choice, Question
from checks.llm_routing.handed_in import kept
from checks.llm_routing.models import MODELS, compared, judge_models
from checks.llm_routing.reply import REPLY, judge_reply, kept_reply

QUESTIONS = (
    Question(
        "2.key",
        "Who adds the API key to the request that reaches OpenAI?",
        (
            Choice(
                "client",
                "Look at the request you sent: it holds no key. That is the point of a gateway: no"
                " client needs one.",
            ),
            Choice(
                "gateway",
                right="It reads the Secret that the backend names, and sets the Authorization"
                " header on the way out.",
            ),
            Choice(
                "provider",
                "The provider only checks the key that it is given, and answers 401 without one.",
                also=("OpenAI",),
            ),
        ),
        right=lambda _seen: "gateway",
    ),
    Question(
        MODELS,
        "Which model did you ask for, which one was sent, and which one was used? Three names in"
        " this order.",
        until="Three names in a list, in the order asked for, sent, used",
        judge=judge_models,
        kept=kept,
        prediction=True,
        compared=compared,
        hints=(
            (
                "The first is what your own cell says. The second depends on your backend of step "
                "1: `%kubectl describe agentgatewaybackend openai-all-models -n "
                "agentgateway-system` shows whether it names a model. The third is whoever really "
                "answers."
            ),
            """The worked example's answer has the third name in it:
local.json()["model"]            # who answered there; without an OpenAI key, here too
answer("2.models", [model, "____", "____"])
""",
        ),
    ),
    Question(
        REPLY,
        "The answer you got: a dict, httpx's response or the SDK's object. Its id is looked up in"
        " the gateway's log.",
        until="Hand in the response of your request as it came",
        judge=judge_reply,
        kept=kept_reply,
        hints=(
            (
                "It is the variable that your request's cell puts its result into, without "
                "quotation marks: httpx's response as it is."
            ),
            """Two lines, the first from the cell above:
reply = httpx.post(f"{lab.gateway_url}{path}", json=body, timeout=120)
answer("2.reply", ____)
""",
        ),
    ),
)
