"""Wrong answers to step 1 that are in force; as in ``wrong_manifests``."""

from __future__ import annotations

from tests.checks.texts import BACKEND, LOCAL, ROUTE, UNPINNED
from tests.checks.wrong_manifests import (
    AUTH,
    BACKEND_IN_DEFAULT,
    PARENTS_NAMESPACE,
    PREFIX,
    REFS,
    ROUTE_IN_DEFAULT,
    SYSTEM,
    Wrong,
    edit,
    row,
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
    row("1.32h", ("name: openai-secret", "name: openai"), "Line 34: `name: openai`.", "letter"),
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
    row("1.25z", ("value: /openai", "value: /local"), "`/local`", "`/openai`"),
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
