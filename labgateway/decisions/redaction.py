"""Credentials out of text: what looks like a provider key is never stored, logged or shown."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

REDACTED = "(redacted)"

# A word begins after what is no part of one, and after an escape in JSON, which ends in a letter.
_KEY_LIKE = re.compile(
    r"(?:\b|(?<=\\[bfnrt])|(?<=\\u[0-9a-fA-F]{4}))"
    r"(?:(?:sk|rk|pk)-[A-Za-z0-9_-]{6,}|AIza[A-Za-z0-9_-]{20,})"
)
_STEM_CHARACTERS = 16  # less could be found in text that has nothing to do with the secret
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def redact(text: str, secrets: tuple[str, ...] = ()) -> str:
    """The text without what looks like a key, and without these secrets, plain or base64."""
    plain = {form for secret in secrets for form in (secret, secret.strip()) if form.strip()}
    forms = plain | {json.dumps(form)[1:-1] for form in plain}
    # The longest first: a secret may be the beginning of another.
    for form in sorted(forms, key=len, reverse=True):
        for prefix in ("", "Bearer "):
            text = _without_base64(text, (prefix + form).encode())
        text = text.replace(form, REDACTED)
    return _KEY_LIKE.sub(REDACTED, text)


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


def _without_base64(text: str, secret: bytes) -> str:
    """The text without the secret in base64, whatever white space was encoded after it."""
    stem = base64.b64encode(secret[: len(secret) // 3 * 3]).decode()
    if len(stem) < _STEM_CHARACTERS:
        return text.replace(base64.b64encode(secret).decode(), REDACTED)
    return re.sub(re.escape(stem) + "[A-Za-z0-9+/]*={0,2}", REDACTED, text)
