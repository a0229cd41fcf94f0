"""The field for a provider key, driven as the page would: by its traits and buttons."""

from __future__ import annotations

from collections.abc import Iterator

import ipywidgets
import pytest

from labgateway.lab.client import Client
from labgateway.lab.key_field import key_field
from tests.conftest import Running

LIKE_A_KEY = "sk-proj-typed_0123456789-abcdef"


class Field:
    """The widget's parts, on a real gateway."""

    def __init__(self, running: Running) -> None:
        self.gateway = running.gateway
        client = Client(running.gateway.running)
        box = key_field(client.use_key, lambda: client.use_key(None))
        row, self.said = box.children
        self.key, self.use, self.back = row.children

    def enter(self, key: str) -> str:
        """Type a key and press the button; returns what is said."""
        self.key.value = key
        self.use.click()
        return str(self.said.value)

    @property
    def provider(self) -> str:
        """Who answers."""
        return self.gateway.observe().place.provider


@pytest.fixture
def field(running: Running) -> Iterator[Field]:
    """A field on a gateway with the simulator."""
    yield Field(running)
    ipywidgets.Widget.close_all()


def test_a_key_is_used_and_forgotten_again(field: Field) -> None:
    """The real OpenAI from now on, until the way back is taken; the key is shown nowhere."""
    said = field.enter(f"  {LIKE_A_KEY}\n")
    assert field.provider == "openai"
    assert "lab.forget_key() leads back" in said
    assert LIKE_A_KEY in field.gateway.providers.keys
    assert field.key.value == ""

    field.back.click()
    assert field.provider == "simulator"
    assert LIKE_A_KEY not in field.gateway.providers.keys
    assert "the key is forgotten" in field.said.value


def test_what_does_not_look_like_a_key_is_asked_about(field: Field) -> None:
    """A provider of one's own may have other keys, so a second press uses it."""
    said = field.enter("hello")
    assert "does not look like a key of OpenAI's" in said
    assert "Nothing was changed" in said
    assert "hello" not in said
    assert field.provider == "simulator"

    field.use.click()
    assert field.provider == "openai"


def test_a_text_that_was_changed_is_asked_about_again(field: Field) -> None:
    """The second press is for what the first one asked about."""
    field.enter("hello")
    assert "does not look like" in field.enter("hello you")
    assert field.provider == "simulator"


@pytest.mark.parametrize(("text", "why"), [("", "is empty"), ("sk-\u2026", "cannot be a key")])
def test_what_cannot_be_sent_is_never_used(field: Field, text: str, why: str) -> None:
    """However often the button is pressed."""
    assert why in field.enter(text)
    field.use.click()
    assert why in field.said.value
    assert field.provider == "simulator"
