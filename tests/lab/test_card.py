"""The card: what it says and that it shows learner's text as text."""

from __future__ import annotations

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


def test_the_card_escapes_what_was_applied(tmp_path: Path) -> None:
    """Text that the learner typed into a manifest is text in the card."""
    lab = Lab(Settings(tmp_path, provider="simulator", gateway_port=0, stats_port=0, admin_port=0))
    lab.client.apply(ROUTE.replace("value: /openai", "value: /it's"))
    card = content(lab)
    html, text = as_html(card), as_text(card)
    lab.stop()

    assert "POST /it&#x27;s" in html
    assert "POST /it's" in text
    assert text.startswith("labgateway\n")
