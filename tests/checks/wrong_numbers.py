"""Wrong answers to step 4, as data: what a learner takes from the metrics, and what the check says.

Numbers as in ``wrong_manifests``. Not among them, because it cannot be seen here: 4.2 (a port that
is taken is replaced before anybody asks for it) and that a rate was taken of one sample (4.13; the
question 4.rate is about it).
"""

from __future__ import annotations

import pandas as pd

from labgateway.decisions.chat import Usage
from tests.checks.learner import Learner
from tests.checks.wrong_lines import hands_in
from tests.checks.wrong_requests import NO_ROUTE, Act, Wrong, in_code, raised, sent

GPT, MINI = "gpt-4o-2024-08-06", "gpt-4o-mini-2024-07-18"
FIRST = sent(request_model="gpt-4o", response_model=GPT, usage=Usage(18, 34))
SECOND = sent(request_model="gpt-4o-mini", response_model=MINI, usage=Usage(20, 27, 16))
STRAY = sent("/nowhere", 404, error="route not found", route=None)
TRAFFIC = (FIRST, SECOND, STRAY)


def restarted(learner: Learner) -> None:
    """The gateway stopped and started: its counters are 0 again, its log is not."""
    learner.restart()


def began_again(learner: Learner) -> None:
    """``reset(4)``."""
    learner.reset_at["llm-routing/4"] = learner.now + 1


def delta(id_: str, value: object, *says: str, traffic: tuple[Act, ...] = TRAFFIC) -> Wrong:
    """``answer("4.delta", …)`` after some traffic, the last answered request of which had 20+27."""
    return Wrong(id_, (*traffic, hands_in("4.delta", value)), says)


def by_model(id_: str, value: object, *says: str) -> Wrong:
    """``answer("4.output", …)`` after the same traffic."""
    return Wrong(id_, (*TRAFFIC, hands_in("4.output", value)), says)


NOTHING = (
    Wrong("4.11", (), ("no series about tokens", "HELP and TYPE"), "not_yet"),
    Wrong("4.11b", (FIRST, restarted), ("no series about tokens", "begin at 0"), "not_yet"),
    Wrong("4.11c", (hands_in("4.delta", [1, 2]),), ("no series about tokens",), "not_yet"),
    Wrong(
        "4.11g",
        (FIRST, began_again, hands_in("4.delta", [1, 34])),
        ("your beginning of the step again",),
        "not_yet",
    ),
    Wrong("4.11d", (hands_in("4.output", {"a": 2}),), ("no series about tokens",), "not_yet"),
    Wrong("4.11e", (FIRST,), ("so far: 0 of 2", "4.delta"), "not_yet"),
    Wrong("4.11f", (FIRST, hands_in("4.delta", [1, 34])), ("1 of 2", "4.output"), "not_yet"),
    Wrong(
        "4.1",
        (sent("/metrics", 404, error="route not found"),),
        ("asked of the port that requests go to", "`lab.metrics_url`"),
    ),
    Wrong(
        "4.1a",
        (FIRST, sent("/metrics", 404, error="route not found")),
        ("asked of the port that requests go to",),
    ),
    Wrong("4.1b", (NO_ROUTE,), ("no series about tokens",), "not_yet"),
)

DELTAS = (
    delta("4.5", [12, 27], "`12` is by how much all buckets grew", "`_count`"),
    delta("4.7", [2, 47], "`47` mixes input and output", "gen_ai_token_type"),
    delta("4.7a", [3, 63], "`63` mixes input and output"),
    delta("4.7b", [1, 20], "`20` are the input tokens"),
    delta("4.8", [1.79e9, 27], "`1790000000` is a Unix time", "`_created`"),
    delta("4.12", [0, 0], "Nothing has changed between your two readings"),
    delta("4.12b", [27, 1], "the wrong way round"),
    delta("4.12c", [2, 61], "`61` is the total since the gateway started", "two readings"),
    delta("4.12k", [1, 61], "`61` is the total since"),
    delta("4.12d", [2, 54], "2 requests lie between", traffic=(FIRST, SECOND, SECOND, STRAY)),
    delta("4.12e", [27, 27], "`27` is not by how much `_count` grows", "however much"),
    delta("4.12f", [1, 1], "1 and 1 is how a counter of requests grows"),
    delta("4.12k", [1, 33], "`33` is not the number of output tokens", "log's line"),
    Wrong(
        "4.12l",
        (*TRAFFIC, hands_in("4.calls", 2), FIRST, hands_in("4.delta", [1, 27])),
        ("`27` are the output tokens of an earlier request",),
    ),
    delta("4.12g", 27, "not two numbers", "a list"),
    delta("4.12h", [1, 27, 0], "not two numbers"),
    delta("4.12i", ["one", 27], "not two numbers"),
    delta("4.12j", {"input": 20, "output": 27}, "not two numbers"),
)

BY_MODEL = (
    by_model("4.7c", {GPT: 52, MINI: 63}, "mix all types", "gen_ai_token_type"),
    by_model("4.7e", {GPT: 52, MINI: 47}, "input and output tokens added up"),
    by_model("4.7d", {GPT: 18, MINI: 20}, "the input tokens"),
    by_model("4.6", {GPT: 1, MINI: 1}, "counts of requests", "`_sum`"),
    by_model("4.5b", {GPT: 12, MINI: 12}, "added up buckets", "cumulative"),
    by_model("4.5c", pd.Series({GPT: 47.0, MINI: 40.0}), "added up all rows of output tokens"),
    by_model("4.8b", {GPT: 1.79e9, MINI: 1.79e9}, "is a Unix time"),
    by_model("4.9", {GPT: 34}, "Not every model"),
    by_model("4.9b", {GPT: 34, MINI: 28}, "Not every model", "`_sum`"),
    by_model("4.9c", {GPT: 34, "gpt-5": 27}, "has `gpt-5` as the model that answered"),
    by_model("4.9i", {"gpt-4o": 34, MINI: 27}, "has `gpt-4o` as the model that answered"),
    by_model("4.9d", 61, "which model has which number"),
    by_model("4.9e", [34, 27], "which model has which number"),
    by_model("4.9f", {GPT: "many", MINI: 27}, "which model has which number"),
    by_model("4.9g", {}, "which model has which number"),
    by_model("4.9h", [{"a": 1}, {"b": "x"}], "which model has which number"),
)

CODE = (
    Wrong(
        "4.3",
        (FIRST, raised("httpx.ConnectError", "refused", 'httpx.get("http://localhost:15020/m")')),
        ("another port may have been free", "`lab.metrics_url`"),
        "raised",
    ),
    Wrong(
        "4.14",
        (FIRST, raised("ValueError", "Duplicated timeseries in CollectorRegistry: {'x_total'}")),
        ("earlier run of the cell", "`registry=CollectorRegistry()`"),
        "raised",
    ),
    Wrong(
        "4.16",
        (
            FIRST,
            raised(
                "ValueError",
                "could not convert string to float: 'of'",
                'float(line.split(" ")[1])',
            ),
        ),
        ("may hold spaces", "`text_string_to_metric_families`"),
        "raised",
    ),
    Wrong(
        "4.16b",
        (FIRST, raised("IndexError", "list index out of range", 'line.split(" ")[1]')),
        ("`text_string_to_metric_families`",),
        "raised",
    ),
    Wrong(
        "4.15",
        (FIRST, raised("KeyError", "'gen_ai_token_typ'", "frame[...]")),
        ("columns that are there",),
        "raised",
    ),
    in_code(
        "4.15c",
        "TypeError",
        "Lab.table() missing 1 required positional argument: 'figure'",
        "does not fit what the function takes",
        "`?` behind it",
        code="lab.table()",
    ),
    Wrong(
        "4.15d",
        (*TRAFFIC, hands_in("4.delta", [1, 20]), raised("Oddity", "what nobody knows")),
        ("`20` are the input tokens",),
    ),
    Wrong(
        "4.15e",
        (*TRAFFIC, hands_in("4.delta", [1, 20]), raised("NameError", "name 'x'")),
        ("cells above",),
        "raised",
    ),
    in_code("4.15b", "NameError", "name 'pd' is not defined", "cells above"),
)

WRONG = (*NOTHING, *DELTAS, *BY_MODEL, *CODE)
RIGHT = (*TRAFFIC, hands_in("4.delta", [1, 27]), hands_in("4.output", {GPT: 34, MINI: 27}))
