"""The card: what it says and that it shows learner's text as text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from labgateway.lab.card import as_html, as_text, content, outcome
from labgateway.lab.session import Lab
from labgateway.shapes.settings import Settings
from tests.conftest import BACKEND, ROUTE, Running

TO_BACKEND = "HTTPRoute openai → agentgateway-system/openai-all-models"


@pytest.mark.parametrize(
    ("manifests", "met"),
    [
        ("", "404 route not found: no route takes this path"),
        (ROUTE, f"{TO_BACKEND} → 500 service not found"),
        (
            ROUTE + "---" + BACKEND,
            f"{TO_BACKEND} → openai, the model that the client names",
        ),
        (
            ROUTE + "---" + BACKEND.replace("openai: {}", "openai: {model: gpt-4o}"),
            f"{TO_BACKEND} → openai, gpt-4o",
        ),
    ],
)
def test_a_request_would_meet(running: Running, manifests: str, met: str) -> None:
    """The outcome is named before a request is sent, and it is what the request gets."""
    running.apply(manifests)

    said = outcome(running.gateway.observe(), "/openai")

    assert said == met
    status = running.ask().status_code
    assert str(status) in said or status == 200


PLAIN = """
apiVersion: v1
kind: Service
metadata: {name: plain, namespace: agentgateway-system}
spec: {ports: [{port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: plain
  namespace: agentgateway-system
  labels: {kubernetes.io/service-name: plain}
addressType: IPv4
ports: [{port: 9000}]
endpoints: [ENDPOINTS]
---
"""
TO_PLAIN = re.sub(r"backendRefs: .*", "backendRefs: [{name: plain, port: 80}]", ROUTE)
UP = "{addresses: [127.0.0.1]}"


@pytest.mark.parametrize(
    ("endpoints", "met"),
    [
        (UP, "plain HTTP, as it came, to 1 endpoint"),
        (f"{UP}, {UP.replace('.1', '.2')}", "plain HTTP, as it came, to 2 endpoints"),
        ("", "503 no healthy backends"),
    ],
)
def test_a_request_would_meet_plain_http(running: Running, endpoints: str, met: str) -> None:
    """A Service has no model; who takes the requests is said instead."""
    running.apply(PLAIN.replace("ENDPOINTS", endpoints) + TO_PLAIN)

    said = outcome(running.gateway.observe(), "/openai")

    assert said == f"HTTPRoute openai → agentgateway-system/plain → {met}"


def test_a_request_would_be_redirected(running: Running) -> None:
    """A rule that sends the client elsewhere has no destination."""
    redirect = "filters: [{type: RequestRedirect, requestRedirect: {hostname: example.com}}]"
    running.apply(re.sub(r"backendRefs: .*", redirect, ROUTE))

    assert outcome(running.gateway.observe(), "/openai") == "HTTPRoute openai → 302 redirect"


def test_the_card_escapes_what_was_applied(tmp_path: Path) -> None:
    """Text that the learner typed into a manifest is text in the card."""
    lab = Lab(Settings(tmp_path, provider="simulator", gateway_port=0, stats_port=0, admin_port=0))
    lab.client.apply(ROUTE.replace("value: /openai", "value: /it's"))
    card = content(lab.observe(), lab.client.running, lab.home, here=lab.owner)
    html, text = as_html(card), as_text(card)
    lab.stop()

    assert "POST /it&#x27;s" in html
    assert "POST /it's" in text
    assert text.startswith("labgateway\n")
