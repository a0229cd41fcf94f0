"""The questions of step 4."""

from __future__ import annotations

from checks.challenge import Choice, Question
from checks.llm_routing.cost import COST, PRICES, judge_cost
from checks.llm_routing.handed_in import kept
from checks.llm_routing.metric_calls import CALLS, judge_calls
from checks.llm_routing.metric_delta import DELTA, judge_delta
from checks.llm_routing.metric_pattern import judge_pattern
from checks.llm_routing.predicted import tried_out
from checks.llm_routing.tokens_by_model import BY_MODEL, judge_by_model
from labgateway.memory.observation import Observation

PREDICT = "4.predict"


def _growth(seen: Observation) -> str | None:
    """How count and sum grow, once a request whose tokens were counted has shown it."""
    counted = [one for one in tried_out(seen, PREDICT) if one.usage.output_tokens is not None]
    return "one and the tokens" if counted else None


QUESTIONS = (
    Question(
        "4.pattern",
        "The published pattern lets no token line through. A pattern that does?",
        until="The text between the quotation marks of `grep -E`",
        judge=judge_pattern,
        optional=True,
        hints=(
            (
                "`re.search` looks for the pattern anywhere in a line. Print one line with `token` "
                "in it and read what stands between `agentgateway_` and `token`."
            ),
            """Comments and buckets come first, so name what you want of the family:
[one[:70] for one in text.splitlines() if re.search("token", one)][:5]
answer("4.pattern", "agentgateway_gen_ai_client_token_usage_(____|count)")
""",
        ),
    ),
    Question(
        CALLS,
        "How many requests reached a model, by the metrics?",
        until="A number, from `agentgateway_requests_total`",
        judge=judge_calls,
        kept=kept,
        hints=(
            (
                "Each row of `requests` is a series, and `value` says how many requests it has. One"
                " label tells requests that reached a model from those that did not."
            ),
            """Choose rows by that label, then add them up:
answer("4.calls", requests[requests["protocol"] == "____"]["value"].sum())
""",
        ),
    ),
    Question(
        PREDICT,
        "One more request is answered: by how much do `_count` and `_sum` of the output tokens"
        " change?",
        (
            Choice(
                "one and one",
                "That would be a counter of requests. `_sum` adds up what was observed, and what"
                " was observed is a number of tokens.",
                also=("1 and 1",),
            ),
            Choice(
                "one and the tokens",
                right="One observation, and its size: `_sum` divided by `_count` is the mean.",
                also=("1 and the tokens",),
            ),
            Choice(
                "the tokens and the tokens",
                "Then the two would always be equal. `_count` counts how often something was"
                " observed, whatever its size.",
            ),
        ),
        right=_growth,
        until="Now measure it, with a request between two readings; the check compares the two",
        prediction=True,
        compared=lambda _seen: "what the requests since have added",
    ),
    Question(
        DELTA,
        "By how much did `_count` and `_sum` of the output tokens change with your request?",
        until="Two numbers in a list: the change of `_count`, then that of `_sum`",
        judge=judge_delta,
        kept=kept,
        hints=(
            (
                "The cell above shows `change`: three numbers, of which the names end in `_bucket`,"
                " `_count` and `_sum`. Two of them are asked for."
            ),
            """By their names, `_count` first:
family = "agentgateway_gen_ai_client_token_usage"
answer("4.delta", [change[family + "_count"], change[family + "____"]])
""",
        ),
    ),
    Question(
        BY_MODEL,
        "Output tokens by model, since the gateway started.",
        until="A dict or a Series: model → output tokens",
        judge=judge_by_model,
        kept=kept,
        hints=(
            (
                "`output_tokens()` has the rows of output tokens: buckets, counts and sums. Keep "
                "the sums, then add up those of each model that answered."
            ),
            """Filter by name, group by label:
rows = output_tokens()
sums = rows[rows["name"].str.endswith("____")]
answer("4.output", sums.groupby("gen_ai_____model")["value"].sum())
""",
        ),
    ),
    Question(
        "4.rate",
        "A counter says 1204. How many requests come in a second?",
        (
            Choice(
                "1204",
                "That is all of them since the gateway started, an hour or a month ago.",
            ),
            Choice(
                "cannot tell",
                right="One reading has no time in it: a rate takes two, and the seconds between"
                " them.",
            ),
            Choice(
                "0",
                "Nothing says so: a counter that stands still and one that runs look alike when"
                " they are read once.",
            ),
        ),
        right=lambda _seen: "cannot tell",
    ),
    Question(
        "4.asked",
        "Can metrics tell you what somebody asked the model?",
        (
            Choice(
                "yes, in a label",
                "A label with prompts in it would make a new series for each prompt, for ever;"
                " labels take a few known values.",
                also=("label",),
            ),
            Choice(
                "yes, in the exemplar",
                "An exemplar holds a trace id: it leads to the request, and does not hold it.",
                also=("exemplar",),
            ),
            Choice(
                "no",
                right="They say how much, how often and how long. For one request there are the"
                " log and the trace.",
            ),
        ),
        right=lambda _seen: "no",
    ),
    Question(
        COST,
        f"At {PRICES[0]} dollars a million input tokens and {PRICES[1]} a million output tokens:"
        " what did your last request cost?",
        until="A number of dollars",
        judge=judge_cost,
        kept=kept,
        optional=True,
        hints=(
            (
                "A request has input and output tokens, each with a price of its own, and both "
                "prices are for a million."
            ),
            """The tokens are in the line of your request:
read, written = line["gen_ai.usage.input_tokens"], line["gen_ai.usage.output_tokens"]
answer("4.cost", (read * ____ + written * ____) / 1e6)
""",
        ),
    ),
)
