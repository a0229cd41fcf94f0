"""Questions at the end of the lesson, from all its steps: what was learnt is called up again."""

from __future__ import annotations

from checks.challenge import Choice, Question

RECALLED = (
    Question(
        "7.alert",
        "The slowest 5 % of requests should take less than a second. Which signal would you have"
        " watched, day and night?",
        (
            Choice(
                "logs",
                "A line for each request is much to read all the time for one number; that number"
                " is there already, counted as the requests come in.",
                also=("log",),
            ),
            Choice(
                "metrics",
                right="A histogram of durations costs the same however many requests there are, and"
                " `histogram_quantile(0.95, …) > 1` is the alert.",
                also=("metric",),
            ),
            Choice(
                "traces",
                "A trace is about one request, and traces are often kept for a few of them only;"
                " a percentile is about all.",
                also=("trace",),
            ),
        ),
        right=lambda _seen: "metrics",
    ),
    Question(
        "7.debug",
        "The alert rings. Which signal shows where, within one slow request, the time went?",
        (
            Choice(
                "logs",
                "A line has the whole duration and not its parts; it is the way to the trace,"
                " because it holds the trace id.",
                also=("log",),
            ),
            Choice(
                "metrics",
                "They told you that something is slow; of the single request they know nothing.",
                also=("metric",),
            ),
            Choice(
                "traces",
                right="A span for each part, with its own beginning and end; the log's line then"
                " adds what else is known of the request.",
                also=("trace",),
            ),
        ),
        right=lambda _seen: "traces",
    ),
    Question(
        "7.line",
        "Three new lines are in the log. How do you know which one belongs to `Count to 2`?",
        (
            Choice(
                "position",
                "It may be the second one or not: requests that are under way together end in any"
                " order.",
                also=("order",),
            ),
            Choice(
                "trace id",
                right="The response has it in `x-trace-id`, and it is the same in the log, in the"
                " trace and in the exemplars of the metrics.",
                also=("x-trace-id", "trace.id"),
            ),
            Choice(
                "tokens",
                "All three prompts have the same number of input tokens, and how many come out is"
                " not known beforehand.",
            ),
        ),
        right=lambda _seen: "trace id",
    ),
    Question(
        "7.waited",
        "A root span of 612 ms has a child `chat` of 590 ms. For how many milliseconds had the"
        " client to wait, in all, until the gateway had answered it?",
        (
            Choice(
                1202,
                "That adds the two and counts the provider call twice: a child's time is inside its"
                " parent's.",
            ),
            Choice(
                612,
                right="The root is the whole of it; its children say what the time was spent on.",
            ),
            Choice(
                22,
                "That is what the gateway took itself, the root less the provider call; the client"
                " waits for both.",
            ),
        ),
        right=lambda _seen: 612,
    ),
    Question(
        "7.missing",
        "`POST /openai` answers 500 `service not found`. Which resource is missing?",
        (
            Choice(
                "HTTPRoute",
                "Without a route it would be 404 `route not found`: a route took this request, and"
                " then something else was not there.",
                also=("route",),
            ),
            Choice(
                "AgentgatewayBackend",
                right="The route was found, and what its `backendRefs` names was not.",
                also=("backend",),
            ),
            Choice(
                "Gateway",
                "Then nobody would listen, and there would be no status at all.",
            ),
        ),
        right=lambda _seen: "AgentgatewayBackend",
    ),
    Question(
        "7.private",
        "Somebody wants to know *what* was asked yesterday, not how much. Bodies were off. Where is"
        " it?",
        (
            Choice(
                "log",
                "The line of a request has its models, tokens and times; `request.body` is there"
                " only when somebody had switched it on.",
            ),
            Choice(
                "spans",
                "Prompts get into spans by the same switch as into the log, and it was off.",
            ),
            Choice(
                "nowhere",
                right="What was not kept cannot be looked up, which is what makes it private.",
            ),
        ),
        right=lambda _seen: "nowhere",
    ),
)
