"""Credentials out of text: what looks like a provider key is never stored, logged or shown."""

from __future__ import annotations

import base64
import json
import re
from functools import lru_cache
from typing import Any

REDACTED = "(redacted)"

# A word begins after what is no part of one, and after an escape in JSON, which ends in a letter.
_KEY_LIKE = re.compile(
    r"(?:\b|(?<=\\[bfnrt])|(?<=\\u[0-9a-fA-F]{4}))"
    r"(?:(?:sk|rk|pk)-[A-Za-z0-9_-]{6,}|AIza[A-Za-z0-9_-]{20,})"
)
_MARKS = ("k-", "AIza")  # looked for first, which is far faster than the pattern
_STEM_CHARACTERS = 16  # less could be found in text that has nothing to do with the secret
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def redact(text: str, secrets: tuple[str, ...] = ()) -> str:
    """The text without what looks like a key, and without these secrets, plain or base64."""
    for form, encoded in _forms(secrets):
        for start, pattern in encoded:
            if start in text:
                text = pattern.sub(REDACTED, text)
        text = text.replace(form, REDACTED)
    return _KEY_LIKE.sub(REDACTED, text) if any(one in text for one in _MARKS) else text


def without_inline_key(manifest: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    """(manifest, warning): a backend's ``policies.auth.key`` is a credential and is not stored.

    The real API server stores it; here the field stays, redacted, so that the status can say why
    the backend does not work.
    """
    redacted = _without_keys(manifest)
    if redacted == manifest:
        return manifest, None
    return redacted, (
        "spec.policies.auth.key: holds a credential; it was not stored. Put it into a Secret and"
        " name that in secretRef"
    )


def _without_keys(value: Any) -> Any:
    """The value with every ``auth.key`` redacted, in kubectl's own annotation too."""
    if isinstance(value, list):
        return [_without_keys(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {name: _without_keys(one) for name, one in value.items()}
    auth = kept.get("auth")
    if isinstance(auth, dict) and isinstance(auth.get("key"), str) and auth["key"]:
        kept["auth"] = {**auth, "key": REDACTED}
    if isinstance(kept.get(LAST_APPLIED), str):
        kept[LAST_APPLIED] = _applied_without_keys(kept[LAST_APPLIED])
    return kept


def _applied_without_keys(text: str) -> str:
    """The annotation, a manifest as JSON; unchanged when there is nothing to hide in it."""
    try:
        applied = json.loads(text)
    except (ValueError, RecursionError):
        return REDACTED
    redacted = _without_keys(applied)
    return text if redacted == applied else json.dumps(redacted, separators=(",", ":")) + "\n"


@lru_cache(maxsize=16)  # every request of a backend has the same ones
def _forms(secrets: tuple[str, ...]) -> list[tuple[str, list[tuple[str, re.Pattern[str]]]]]:
    """Each form of the secrets with its base64 forms, the longest first.

    A secret may be the beginning of another.
    """
    plain = {form for secret in secrets for form in (secret, secret.strip()) if form.strip()}
    forms = plain | {json.dumps(form)[1:-1] for form in plain}
    return [
        (form, [_base64(f"{prefix}{form}".encode()) for prefix in ("", "Bearer ")])
        for form in sorted(forms, key=len, reverse=True)
    ]


def _base64(secret: bytes) -> tuple[str, re.Pattern[str]]:
    """(how it begins, pattern) of a secret in base64, whatever white space was encoded after it."""
    stem = base64.b64encode(secret[: len(secret) // 3 * 3]).decode()
    if len(stem) < _STEM_CHARACTERS:
        whole = base64.b64encode(secret).decode()
        return whole, re.compile(re.escape(whole))
    return stem, re.compile(re.escape(stem) + "[A-Za-z0-9+/]*={0,2}")
