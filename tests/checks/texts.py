"""Manifests that learners write: the published pair, its two repairs, the worked example."""

from __future__ import annotations

PUBLISHED = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: openai
  namespace: agentgateway-system
spec:
  parentRefs:
    - name: agentgateway
      namespace: agentgateway-system
  rules:
    - matches:
        - path:
            type: PathPrefix
            value: /openai
      backendRefs:
        - name: openai-all-models
          group: agentgateway.dev
          kind: AgentgatewayBackend
      timeouts:
        request: "120s"
---
apiVersion: agentgateway.dev/v1alpha1
kind: AgentgatewayBackend
metadata:
  name: openai-all-models
  namespace: agentgateway-system
spec:
  ai:
    provider:
      openai: {}
        model: gpt-4o
  policies:
    auth:
      secretRef:
        name: openai-secret
"""
UNPINNED = PUBLISHED.replace("        model: gpt-4o\n", "")
PINNED = PUBLISHED.replace("openai: {}", "openai:")
ROUTE, BACKEND = UNPINNED.split("---\n")

LOCAL = """\
apiVersion: agentgateway.dev/v1alpha1
kind: AgentgatewayBackend
metadata: {name: local-model, namespace: agentgateway-system}
spec:
  ai: {provider: {openai: {}, host: local-model.agentgateway-system.svc, port: 8080, path: /v1/x}}
  policies: {auth: {secretRef: {name: local-model-secret}}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: local, namespace: agentgateway-system}
spec:
  parentRefs: [{name: agentgateway}]
  rules:
    - matches: [{path: {value: /local}}]
      backendRefs: [{name: local-model, group: agentgateway.dev, kind: AgentgatewayBackend}]
"""
