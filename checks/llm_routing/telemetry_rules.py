"""What exceptions mean while log, metrics and traces are read, and what to do next."""

from __future__ import annotations

from collections.abc import Callable

from checks.llm_routing.exception_rules import Row, code, said
from labgateway.memory.doings import Raised as Exc

_MISSING = "KeyError|IndexError|AttributeError"


def both(*tests: Callable[[Exc], bool]) -> Callable[[Exc], bool]:
    """All tests hold."""
    return lambda raised: all(test(raised) for test in tests)


TELEMETRY = (
    Row(
        "KeyError",
        said(r"prompt_tokens|completion_tokens|total_tokens"),
        "That is the field's name in the response's body; the log has OpenTelemetry's names, and"
        " the same number.",
        "Look at `lab.logs().columns` for the names that end in `_tokens`",
    ),
    Row(
        "KeyError",
        said(r"(request|response)\.body"),
        "Prompts and answers are kept only of requests that are sent under"
        " `with lab.bodies_logged():`.",
        "Think of what that means for private prompts, then send the request again in such a block",
    ),
    Row(
        "KeyError",
        said(r"authorization|api[-.]key'|apikey'|bearer"),
        "The log has no such field, and must not have it: a key in a log is a key for every reader"
        " of it.",
        "Leave it at that",
    ),
    Row(
        _MISSING,
        said(r"gen_ai"),
        "A line, a metric or a span has `gen_ai` fields only when a model was asked.",
        "Compare the name with the columns that are there; send a request that is answered, if"
        " there are none",
    ),
    Row(
        "ValueError",
        said(r"[Dd]uplicated? time ?series"),
        "An earlier run of the cell has registered a metric of that name in this kernel.",
        "Give it a registry of its own: `registry=CollectorRegistry()`; or use the one there is",
    ),
    Row(
        "ValueError|IndexError",
        both(code(r"split\("), said(r"convert string to float|invalid literal|out of range")),
        "A label's value may hold spaces, and comment lines have no number.",
        "Use `text_string_to_metric_families` of `prometheus_client.parser`, or `lab.metrics()`",
    ),
    Row(
        "ConnectError|ConnectionError|ConnectionRefusedError",
        code(r"\b15020\b"),
        "15020 is where agentgateway has its metrics; on this machine another port may have been"
        " free.",
        "Use `lab.metrics_url`, which points to the right one",
    ),
    Row(
        "AttributeError",
        said(r"no attribute '_?created"),
        "`_created` would be a Unix time, not a count.",
        "Use `_count` or `_sum`",
    ),
    Row(
        "AttributeError",
        said(r"'Lab' object has no attribute"),
        "The lab has `logs`, `metrics`, `traces` and `request`, each to be called with brackets.",
        "Compare the name, letter by letter, with the cells above",
    ),
    Row(
        "IndexError",
        code(r"choices"),
        "A stream's last chunk may have an empty `choices`: it carries the usage and no text.",
        "Look whether `choices` is empty before you take its first entry",
    ),
)
