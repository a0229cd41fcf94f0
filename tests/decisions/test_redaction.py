"""Credentials out of text and manifests."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labgateway.decisions.redaction import LAST_APPLIED, REDACTED, redact, without_inline_key
from tests.decisions.resources import Json, backend

KEY = "canary-0123456789-ABC"


@pytest.mark.parametrize(
    "text",
    [
        "sk-abc123",
        "key=sk-proj-Ab_9-xyz!",
        'Authorization: "Bearer sk-abcdef"',
        "url https://host/?key=AIzaSyA-0123456789abcdefghijk",
        "rk-1234567",
        "(sk-abcdef)",
    ],
)
def test_what_looks_like_a_key_goes(text: str) -> None:
    """Whoever's it is."""
    assert REDACTED in redact(text)
    assert not {"sk-", "rk-", "AIza"} & {redact(text)[at : at + 3] for at in range(len(text))}


@pytest.mark.parametrize(
    "text", ["task-management", "risk-averse-people", "a sk-1 b", "disk-full-x", ""]
)
def test_words_stay(text: str) -> None:
    """A key has more characters, and none of a word before it."""
    assert redact(text) == text


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "  ", "\r"])
@pytest.mark.parametrize("prefix", ["", "Bearer "])
def test_a_known_secret_goes_in_every_form(prefix: str, end: str) -> None:
    """Plain and base64, with and without ``Bearer`` and a line end (F25)."""
    encoded = base64.b64encode((prefix + KEY + end).encode()).decode()
    shown = redact(f"plain {prefix}{KEY}{end} and data: {encoded}, the rest", (KEY + end,))
    assert KEY not in shown
    assert base64.b64encode(KEY.encode()).decode()[:12] not in shown
    assert shown.endswith(f"data: {REDACTED}, the rest")


def test_a_secret_that_begins_another_leaves_nothing_of_it() -> None:
    """The longest goes first, in whatever order they are given."""
    secrets = (KEY, KEY + "-longer")
    assert redact(f"{KEY}-longer", secrets) == REDACTED
    assert redact(f"{KEY}-longer", secrets[::-1]) == REDACTED


@pytest.mark.parametrize("secret", ["", " ", "\r\n"])
def test_a_secret_that_is_nothing_hides_nothing(secret: str) -> None:
    """An empty one stands everywhere."""
    assert redact("text with spaces", (secret,)) == "text with spaces"


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40), st.text(max_size=10))
def test_a_secret_never_survives(before: str, after: str) -> None:
    """Whatever stands around it."""
    assert KEY not in redact(before + KEY + after, (KEY,))


def with_key(key: str) -> Json:
    """A backend with an inline key, as kubectl sends it."""
    manifest = backend({"ai": {"provider": {"openai": {}}}, "policies": {"auth": {"key": key}}})
    applied = json.dumps(manifest, separators=(",", ":")) + "\n"
    manifest["metadata"] = {**manifest["metadata"], "annotations": {LAST_APPLIED: applied}}
    return manifest


@pytest.mark.parametrize("key", [KEY, 'quo"te\\d-canary', "ключ-canary", "key", "a", "openai", '"'])
def test_an_inline_key_is_not_stored(key: str) -> None:
    """The field stays, redacted, here and in kubectl's annotation; nothing else changes."""
    manifest = with_key(key)
    stored, warning = without_inline_key(manifest)
    assert warning is not None
    assert warning.startswith("spec.policies.auth.key: holds a credential; it was not stored")
    assert stored["spec"] == {
        "ai": {"provider": {"openai": {}}},
        "policies": {"auth": {"key": REDACTED}},
    }
    applied = json.loads(stored["metadata"]["annotations"][LAST_APPLIED])
    assert applied["spec"] == stored["spec"]
    assert applied["metadata"] == {"name": "openai-all-models", "namespace": "agentgateway-system"}
    assert manifest == with_key(key)


def test_keys_of_providers_in_groups_are_not_stored_either() -> None:
    """``ai.groups[].providers[].policies.auth.key``."""
    provider = {"name": "a", "openai": {}, "policies": {"auth": {"key": KEY}}}
    stored, warning = without_inline_key(backend({"ai": {"groups": [{"providers": [provider]}]}}))
    assert KEY not in json.dumps(stored)
    assert warning is not None


@pytest.mark.parametrize(
    "spec",
    [
        {"ai": {"provider": {"openai": {}}}},
        {"policies": {"auth": {"secretRef": {"name": "openai-secret", "key": "Authorization"}}}},
        {"policies": {"auth": {"key": REDACTED}}},
        {"policies": {"auth": {"key": ""}}},
        {"policies": {"auth": {"key": 5}}},
        {"policies": {"auth": "odd"}},
        {"policies": None},
        [],
        "odd",
        None,
    ],
)
def test_a_manifest_without_a_key_stays_as_it_is(spec: object) -> None:
    """Whatever shape it has; it is not admitted yet."""
    manifest = {**backend(), "spec": spec}
    assert without_inline_key(manifest) == (manifest, None)


def test_an_annotation_that_is_no_json_is_hidden_whole() -> None:
    """It might hold anything."""
    manifest = with_key(KEY)
    manifest["metadata"]["annotations"][LAST_APPLIED] = f"key: {KEY}"
    assert KEY not in json.dumps(without_inline_key(manifest)[0])
