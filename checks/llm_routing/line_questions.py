"""The questions of step 3."""

from __future__ import annotations

from checks.challenge import Choice, Question
from checks.llm_routing.handed_in import kept_line
from checks.llm_routing.line_fields import MODELS, TOKENS, judge_models, judge_tokens
from checks.llm_routing.own_line import TRACE, judge_trace, own
from checks.llm_routing.predicted import tried_out
from labgateway.memory.observation import Observation

PREDICT = "3.predict"


def _larger(seen: Observation) -> str | None:
    """Which side had more tokens in the first request after the prediction; None before it."""
    line = next((one for one in tried_out(seen, PREDICT) if one in own(seen)), None)
    if line is None:
        return None
    usage = line.usage
    read, written = usage.input_tokens or 0, usage.output_tokens or 0
    return "equal" if read == written else "input" if read > written else "output"


QUESTIONS = (
    Question(
        PREDICT,
        "A short question, answered in two sentences: which are more, the input tokens or the"
        " output tokens?",
        (
            Choice(
                "input",
                "Two sentences are longer than one short question, even with the marks that every"
                " prompt gets around it.",
                "Your prompt was longer than what the model made of it; roles and template count"
                " as well.",
            ),
            Choice(
                "output",
                "This time the model wrote less than it had read: your prompt is counted with its"
                " roles and the template around it.",
                "The model wrote more than it had read, and written tokens are the dearer ones at"
                " most providers.",
            ),
            Choice(
                "equal",
                "The two have nothing to do with each other: one counts the prompt, the other what"
                " the model made of it.",
                "A coincidence: one counts the prompt, the other what the model made of it.",
            ),
        ),
        right=_larger,
        until="Now send your request; the check compares the two",
        prediction=True,
        compared=lambda _seen: "your first request through `/openai` after it",
    ),
    Question(
        TRACE,
        "The trace id of your request, from its line in the log.",
        until="32 hex digits, from the line of your request",
        judge=judge_trace,
        kept=kept_line,
        hints=(
            (
                "It is in your line under `trace.id`, 32 digits long; the shorter `span.id` is "
                "another one."
            ),
            """Take it out of the line by its name:
line = lab.logs().iloc[-1]        # right after your request
answer("3.trace", line["____"])
""",
        ),
    ),
    Question(
        MODELS,
        "The request model and the response model in your line, in this order.",
        until="Two names in a list: the request's model, then the response's",
        judge=judge_models,
        kept=kept_line,
        hints=(
            (
                "Two fields of your line end in `.model` and begin with `gen_ai`: one is about the "
                "request that the gateway sent, one about the response."
            ),
            """The request's first:
answer("3.models", [line["gen_ai.request.____"], line["gen_ai.____.model"]])
""",
        ),
    ),
    Question(
        TOKENS,
        "The input tokens and the output tokens in your line, in this order.",
        until="Two numbers in a list: input, then output",
        judge=judge_tokens,
        kept=kept_line,
        hints=(
            (
                "Two fields of your line begin with `gen_ai.usage` and end in `_tokens`. A third "
                "one counts what was read from a cache, and is not asked for."
            ),
            """What was read first:
answer("3.tokens", [line["gen_ai.usage.input_tokens"], line["gen_ai.usage.____"]])
""",
        ),
    ),
    Question(
        "3.bodies",
        "Your line has no `request.body`. Why?",
        (
            Choice(
                "broken",
                "Nothing is: what people write is not for everybody who reads logs, so a gateway"
                " keeps it only when it is told to (`with lab.bodies_logged():`).",
            ),
            Choice(
                "off",
                right="Keeping prompts and answers is a switch, and it is off: what people write"
                " is private until somebody decides otherwise.",
            ),
            Choice(
                "empty",
                "Your request had a body, with your question in it; a gateway reads it and does"
                " not have to write it down.",
            ),
        ),
        right=lambda _seen: "off",
    ),
    Question(
        "3.key",
        "The gateway put an API key into your request. In which field of the log is it?",
        (
            Choice(
                "none",
                right="It must not be there: a key in a log is a key for everybody who reads the"
                " log.",
            ),
            Choice(
                "authorization",
                "That is the header it travels in, and the log holds no headers: a gateway that"
                " logged them all once gave its clients' keys away.",
            ),
            Choice(
                "request.body",
                "The body holds model and messages; the key travels in a header.",
            ),
        ),
        right=lambda _seen: "none",
    ),
)
