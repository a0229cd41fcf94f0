"""Wrong answers to step 1, as data: what a learner writes, and what the check has to say.

Numbers are those of the list of known mistakes; a letter after the number, or ``x``, is one of the
same kind that the list does not have.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.checks.learner import BACKEND, LOCAL, PINNED, PUBLISHED, ROUTE, UNPINNED

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

SCHEMA = (
    row(
        "1.2",
        ("openai: {}\n", "openai: {}\n      model: gpt-4o\n"),
        "Line 31",
        "`model`",
        "`spec.ai.provider`",
        "indent it",
    ),
    row("1.3", ("model: gpt-4o", 'model: ""'), "`model` is empty", base=PINNED),
    row("1.3b", ("model: gpt-4o", "model: 4"), "`model` holds", "quotes", base=PINNED),
    row("1.3c", ("model: gpt-4o", "modle: gpt-4o"), "`modle`", "closest", base=PINNED),
    row("1.3d", ("openai:\n        model: gpt-4o", "openai:"), "no provider", base=PINNED),
    row("1.3e", ("openai:\n        model: gpt-4o", "openai: gpt-4o"), "one word", base=PINNED),
    row("1.3f", ("openai: {}", "openai: {}\n      anthropic: {}"), "more than one"),
    row("1.3g", ("openai: {}", "openAI: {}"), "`openAI`", "closest", "`openai`"),
    row("1.3h", ("openai: {}", "- openai: {}"), "`provider` is a list"),
    row(
        "1.16",
        ("name: openai-all-models\n  n", "name: openai_all_models\n  n"),
        "`openai_all_models`",
        "legal name",
    ),
    row("1.16b", ("name: openai-all-models\n  n", "name: OpenAI-all-models\n  n"), "lower-case"),
    row("1.16c", ("  name: openai\n", ""), "no name"),
    row(
        "1.18",
        ("          group: agentgateway.dev\n          kind: AgentgatewayBackend\n", ""),
        "Service",
        "`port`",
    ),
    row(
        "1.19",
        ("group: agentgateway.dev", "group: agentgateway.dev/v1alpha1"),
        "Line 17",
        "version",
    ),
    row(
        "1.20",
        ("agentgateway.dev/v1alpha1", "agentgateway.dev/v1"),
        "Line 22",
        "`AgentgatewayBackend`",
        "`agentgateway.dev/v1`",
    ),
    row(
        "1.21",
        ("networking.k8s.io/v1", "networking.k8s.io/v1beta1"),
        "Line 1",
        "`HTTPRoute`",
        "v1beta1",
    ),
    row(
        "1.21b", ("gateway.networking.k8s.io/v1", "networking.k8s.io/v1"), "`networking.k8s.io/v1`"
    ),
    row(
        "1.21c",
        ("agentgateway.dev/v1alpha1", "gateway.kgateway.dev/v1alpha1"),
        "`gateway.kgateway.dev",
    ),
    row("1.22", ("kind: HTTPRoute", "kind: HttpRoute"), "Line 2", "`HttpRoute`", "capitals"),
    row(
        "1.22b",
        ("kind: AgentgatewayBackend\nmeta", "kind: AgentGatewayBackend\nmeta"),
        "`AgentGatewayBackend`",
    ),
    row(
        "1.22c",
        ("kind: AgentgatewayBackend\nmeta", "kind: Upstream\nmeta"),
        "`Upstream`",
        "Step 1 needs",
    ),
    row("1.22d", ("kind: HTTPRoute\n", ""), "no `kind`"),
    row("1.22e", ("apiVersion: agent", "apiversion: agent"), "no `apiVersion`"),
    row("1.23", ("PathPrefix", "Prefix"), "Line 13", "`Prefix`", "Ingress"),
    row("1.23b", ("PathPrefix", "pathPrefix"), "Line 13", "spelled"),
    row("1.24", ("value: /openai", "value: openai"), "Line 14", "`openai`", "slash"),
    row("1.24b", ("value: /openai", "value: /open ai"), "characters"),
    row("1.24c", ("value: /openai", "value: http://localhost/openai"), "slash"),
    row("1.29", ("- path:", "  path:"), "`matches` has to be a list", "Line 11"),
    row("1.30", ("- name: openai-all", "  name: openai-all"), "`backendRefs` has to be a list"),
    row(
        "1.30b",
        ("parentRefs:\n    - name", "parentRefs:\n      name"),
        "`parentRefs` has to be a list",
    ),
    row("1.30c", ("- matches", "  matches"), "`rules` has to be a list"),
    row(
        "1.30d",
        ("path:\n            type: PathPrefix\n            value: /openai", "path: /openai"),
        "`path` holds",
        "one word",
    ),
    row("1.30e", ("parentRefs", "parentRef"), "`parentRef`", "closest", "`parentRefs`"),
    row("1.30f", ("backendRefs", "backends"), "`backends`"),
    row(
        "1.33",
        ("    auth:\n      secretRef:", "    secretRef:"),
        "`secretRef`",
        "`spec.policies`",
        "auth",
    ),
    row(
        "1.33b",
        (f"{AUTH}", "  auth:\n    secretRef:\n      name: openai-secret\n"),
        "`auth`",
        "`spec.policies`",
    ),
    row(
        "1.33c", ("secretRef:\n        name: openai-secret", "secretRef: openai-secret"), "one word"
    ),
    row("1.33d", ("secretRef:\n        name: openai-secret", "secretRef: {}"), "`name`"),
    row(
        "1.33e",
        ("auth:\n      secretRef:\n        name: openai-secret", "auth: {}"),
        "no key to send",
    ),
    row("1.36", ("  policies:", "    policies:"), "`auth`", "`spec.ai`", "`spec.policies`"),
    row(
        "1.36b",
        ("secretRef:\n        name: openai-secret", "secretRef:\n      name: openai-secret"),
        "`name`",
    ),
    row(
        "1.37",
        ("provider:\n      openai: {}", "provider: openai"),
        "Line 29",
        "`provider`",
        "block",
    ),
    row("1.38", ('"120s"', "120"), "Line 20", "unit"),
    row("1.39", ('"120s"', '"120"'), "Line 20", "`120`", "unit"),
    row("1.39b", ('"120s"', '"120 s"'), "without a space"),
    row("1.39c", ('"120s"', "2min"), "`2min`"),
    row("1.39d", ('"120s"', "“120s”"), "straight quotes"),
    row(
        "1.39e",
        ("      timeouts:\n        request:", "  timeouts:\n    request:"),
        "`timeouts`",
        "`spec.rules`",
    ),
    row("1.31b", ("  rules:", "  hostnames: [http://localhost]\n  rules:"), "host name"),
    row("1.31c", ("- path:", "- method: post\n          path:"), "`post`", "capitals"),
    row(
        "1.9b",
        ("  namespace: agentgateway-system\nspec:\n  ai", "  namespace: agentgateway\nspec:\n  ai"),
        "no namespace `agentgateway`",
    ),
    row("x-spec", ("spec:\n  ai", "specs:\n  ai"), "`specs`", "closest"),
    row("x-weight", (REFS, f"{REFS}          weight: -1\n"), "weight"),
    row(
        "x-both",
        ("      secretRef:", "      key: sk-abcdefghij\n      secretRef:"),
        "more than one credential",
    ),
)

IN_FORCE = (
    row(
        "1.6",
        ("- name: agentgateway\n      namespace: agentgateway-system", "- name: openai-gateway"),
        "Gateway `openai-gateway`",
        "`agentgateway`",
    ),
    Wrong(
        "1.9",
        f"{ROUTE}---\n{edit(BACKEND, (SYSTEM, '  namespace: default' + chr(10)))}",
        "not_right",
        ("`default`", "`agentgateway-system`", "AgentgatewayBackend/openai-all-models"),
    ),
    Wrong(
        "1.10",
        f"{ROUTE}---\n{BACKEND_IN_DEFAULT}",
        "not_right",
        ("without a namespace goes to `default`",),
    ),
    Wrong(
        "1.11", f"{ROUTE_IN_DEFAULT}---\n{BACKEND}", "not_right", ("HTTPRoute/openai", "`default`")
    ),
    Wrong(
        "1.11b",
        f"{ROUTE_IN_DEFAULT}---\n{BACKEND_IN_DEFAULT}",
        "not_right",
        ("no Secret `openai-secret`", "its own namespace"),
    ),
    Wrong(
        "1.11c",
        f"{edit(ROUTE_IN_DEFAULT, (PARENTS_NAMESPACE, ''))}---\n{BACKEND}",
        "not_right",
        ("names no namespace", "`default`"),
    ),
    Wrong(
        "1.12",
        edit(
            ROUTE_IN_DEFAULT,
            (
                "        - name: openai-all-models",
                "        - name: openai-all-models\n          namespace: agentgateway-system",
            ),
        )
        + "---\n"
        + BACKEND,
        "not_right",
        ("ReferenceGrant",),
    ),
    row(
        "1.13",
        ("- name: agentgateway", "- name: agentgatway"),
        "Line 8",
        "`agentgatway`",
        "`agentgateway`",
    ),
    row(
        "1.13b",
        ("namespace: agentgateway-system\n  rules", "namespace: default\n  rules"),
        "Gateway `agentgateway`",
        "`default`",
    ),
    row(
        "1.14",
        ("  parentRefs:\n    - name: agentgateway\n      namespace: agentgateway-system\n", ""),
        "no `parentRefs`",
    ),
    row(
        "1.14b",
        ("- name: agentgateway\n", "- name: agentgateway\n      sectionName: https\n"),
        "`sectionName: https`",
        "`http`",
    ),
    row("1.14c", ("- name: agentgateway\n", "- name: agentgateway\n      port: 80\n"), "port 80"),
    row(
        "1.14d",
        ("- name: agentgateway\n", '- name: agentgateway\n      kind: Service\n      group: ""\n'),
        "`Service`",
    ),
    row(
        "1.15",
        ("- name: openai-all-models", "- name: openai-all-model"),
        "Line 16",
        "`openai-all-model`",
        "`openai-all-models`",
        "500",
    ),
    row(
        "1.15b",
        ("- name: openai-all-models", "- name: my-backend"),
        "`my-backend`",
        "`openai-all-models`",
    ),
    row("1.17", ("          group: agentgateway.dev\n", ""), "no `group`", "core API"),
    row("1.17b", ("          kind: AgentgatewayBackend\n", "          port: 80\n"), "Service"),
    row("1.17c", ("group: agentgateway.dev", "group: gateway.networking.k8s.io"), "group"),
    row("1.17d", (REFS, "        - name: openai-all-models\n          port: 443\n"), "a Service"),
    row("1.17e", (f"      backendRefs:\n{REFS}", ""), "no `backendRefs`"),
    row("1.17f", (REFS, f"{REFS}          weight: 0\n"), "weight: 0"),
    row("1.25", ("/openai", "/OpenAI"), "Line 14", "`/OpenAI`", "upper and lower case"),
    row("1.27", ("/openai", "/openai/*"), "star"),
    row("1.27b", ("/openai", "/openai/v1"), "narrower"),
    row("1.27c", ("/openai", "/openai/chat/completions"), "narrower"),
    row("1.27d", ("PathPrefix", "Exact"), "Line 13", "nothing else"),
    row("1.27e", ("/openai", "/v1/chat/completions"), "/v1/chat/completions", "`/openai`"),
    row("1.27f", ("/openai", "/openia"), "`/openia`", "letter by letter"),
    row(
        "1.27g",
        (
            "type: PathPrefix\n            value: /openai",
            "type: RegularExpression\n            value: /openai",
        ),
        "regular expression",
    ),
    row("1.28", ("/openai", "/"), "Line 14", "all traffic"),
    row(
        "1.28b",
        (
            f"matches:\n        - {PREFIX}\n      b",
            "b",
        ),
        "all traffic",
        "names no path",
    ),
    row(
        "1.28c",
        (
            "type: PathPrefix\n            value: /openai",
            "type: RegularExpression\n            value: /.*",
        ),
        "all traffic",
    ),
    row(
        "1.31",
        ("  rules:", "  hostnames: [api.openai.com]\n  rules:"),
        "`api.openai.com`",
        "`hostnames`",
    ),
    row("1.31d", ("- path:", "- method: GET\n          path:"), "POST"),
    row("1.31e", ("- path:", "- headers: [{name: x-team, value: a}]\n          path:"), "header"),
    row(
        "1.31f",
        ("- path:", "- queryParams: [{name: v, value: a}]\n          path:"),
        "query parameter",
    ),
    row(
        "1.31g",
        ("- path:", "- method: GET\n          headers: [{name: x, value: a}]\n          path:"),
        "header",
    ),
    row(
        "1.32",
        ("name: openai-secret", "name: openai-secrets"),
        "Line 34",
        "`openai-secrets`",
        "`openai-secret`",
    ),
    row("1.32b", ("name: openai-secret", "name: my-key"), "`my-key`", "`openai-secret`"),
    row(
        "1.32c",
        ("name: openai-secret", "name: openai-secret\n        key: api-key"),
        "no entry `api-key`",
        "`Authorization`",
    ),
    row("1.32d", ("name: openai-secret", "name: local-model-secret"), "small model"),
    Wrong(
        "1.34",
        edit(UNPINNED, ("secretRef:\n        name: openai-secret", "key: sk-abcdefghijklmnop")),
        "not_right",
        ("not stored", "revoke"),
        ("sk-abc",),
    ),
    Wrong(
        "1.34b",
        edit(UNPINNED, ("name: openai-secret", "name: sk-abcdefghijklmnop")),
        "not_right",
        ("looks like a key",),
        ("sk-abc",),
    ),
    row("1.36c", (AUTH, ""), "no credential", "401"),
    row(
        "1.36d",
        ("secretRef:\n        name: openai-secret", "passthrough: {}"),
        "client's own credential",
    ),
    row("1.36e", ("openai: {}", "anthropic: {}"), "`anthropic`"),
    row(
        "1.36f", ("openai: {}", "openai: {}\n      host: api.openai.com\n      port: 443"), "`host`"
    ),
    row("1.36g", ("openai: {}", "openai: {}\n      path: /openai"), "`/openai`", "path"),
    row("1.39f", ('"120s"', '"120ms"'), "Line 20", "504"),
    Wrong("1.42", edit(UNPINNED, ("/openai", "/openai-all")), "not_right", ("`/openai-all`",)),
    Wrong(
        "x-local-backend",
        f"{LOCAL}---\n{edit(ROUTE, ('openai-all-models', 'local-model'))}",
        "not_right",
        ("small model",),
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

WRONG = (*NOT_YAML, *SCHEMA, *IN_FORCE, *UNFINISHED)
