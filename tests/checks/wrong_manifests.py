"""Wrong answers to step 1, as data: what a learner writes, and what the check has to say.

Numbers are those of the list of known mistakes; a letter after the number, or ``x``, is one of the
same kind that the list does not have.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.checks.texts import BACKEND, LOCAL, PUBLISHED, ROUTE, UNPINNED

NO_BREAK_SPACE = "\u00a0"


class Wrong(NamedTuple):
    """``text`` is applied; ``says`` must be in the message, ``hides`` must not."""

    id: str
    text: str
    outcome: str
    says: tuple[str, ...]
    hides: tuple[str, ...] = ()


def edit(text: str, *changes: tuple[str, str]) -> str:
    """The text with the first occurrence of each old part replaced."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def row(id_: str, change: tuple[str, str], *says: str, base: str = UNPINNED) -> Wrong:
    """A mistake that is one edit away from a text that is right, and that is not right."""
    return Wrong(id_, edit(base, change), "not_right", says)


AUTH = "  policies:\n    auth:\n      secretRef:\n        name: openai-secret\n"
REFS = (
    "        - name: openai-all-models\n          group: agentgateway.dev\n"
    "          kind: AgentgatewayBackend\n"
)
SYSTEM = "  namespace: agentgateway-system\n"
PARENTS_NAMESPACE = "      namespace: agentgateway-system\n"
BACKEND_IN_DEFAULT = edit(BACKEND, (SYSTEM, ""))
ROUTE_IN_DEFAULT = edit(ROUTE, (SYSTEM, "  namespace: default\n"))

PREFIX = "path:\n            type: PathPrefix\n            value: /openai"

NOT_YAML = (
    Wrong(
        "1.1",
        PUBLISHED,
        "not_right",
        (
            "Line 31 (`model: gpt-4o`)",
            "line 30 (`openai: {}`)",
            "HTTPRoute/openai",
            "the published text",
        ),
        ("openai: {model", "openai:\n"),
    ),
    Wrong("1.1b", edit(PUBLISHED, ("{}", "[]")), "not_right", ("Line 31", "line 30")),
    row(
        "1.1c",
        ("name: openai\n", "name: openai\n    labels: {}\n"),
        "Line 5",
        "already has a value",
    ),
    row("1.5", ("      openai: {}", "\topenai: {}"), "Line 30", "tab", "spaces"),
    row("1.5b", ("  name: openai\n", "\tname: openai\n"), "Line 4", "tab"),
    row("x-nbsp", ("  name: openai-all", f"  {NO_BREAK_SPACE}name: openai-all"), "no-break space"),
    row("x-colon", ("name: openai-all-models\n  n", "name openai-all-models\n  n"), "colon"),
    row(
        "x-space", ("name: openai-all-models\n  n", "name:openai-all-models\n  n"), "space", "colon"
    ),
    row("x-indent", ("  namespace: agent", "   namespace: agent"), "Line 5", "already has a value"),
    row("x-quote", ('"120s"', '"120s'), "Line 20", "quotation mark"),
    row("x-brace", ("openai: {}", "openai: {model: gpt-4o"), "brace or bracket"),
    row("x-two-colons", ("name: openai\n", "name: openai: one\n"), "Line 4", "two colons"),
    Wrong("x-fence", f"```yaml\n{UNPINNED}```\n", "not_right", ("Line 1", "Markdown fence")),
    Wrong("x-eof", f"{UNPINNED}EOF\n", "not_right", ("Line 35", "end mark")),
    Wrong("x-magic", f"\n%%kubectl apply -f -\n{UNPINNED}", "not_right", ("Line 2", "first line")),
    Wrong(
        "x-command", f"$ kubectl apply -f x\n{UNPINNED}", "not_right", ("Line 1", "shell command")
    ),
    Wrong(
        "x-no-separator",
        f"{ROUTE}{BACKEND}",
        "not_right",
        ("one document", "lines 2 and 22", "`---`"),
    ),
)

UNFINISHED = (
    Wrong("1.40", BACKEND, "not_yet", ("HTTPRoute ✗", "AgentgatewayBackend ✓", "when")),
    Wrong("1.40b", ROUTE, "not_yet", ("HTTPRoute ✓", "AgentgatewayBackend ✗", "where")),
    Wrong("x-example-only", LOCAL, "not_yet", ("HTTPRoute ✗", "AgentgatewayBackend ✗")),
    Wrong(
        "x-blank", edit(UNPINNED, ("openai: {}", "openai: ____")), "not_yet", ("Line 30", "____")
    ),
    Wrong(
        "x-blank-b",
        edit(UNPINNED, ("value: /openai", "value: ____")),
        "not_yet",
        ("Line 14", "____"),
    ),
    Wrong(
        "x-blank-c",
        edit(UNPINNED, ("name: openai-secret", "name: ____")),
        "not_yet",
        ("Line 34", "____"),
    ),
)
